"""The site's command line, `samsvar-site`: `demo`, `migrate`, `load_facts`, `work` and Django's other commands."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

try:
    from django.core.exceptions import ImproperlyConfigured
except ModuleNotFoundError:  # only the library is installed
    sys.exit("Nothing was done: the site needs Django. Install it with: pip install 'samsvar[site]'")

DEMO_FOLDER = ".demo"


def main() -> None:
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):  # Django's commands are modules: "check_treaty_status"
        sys.argv[1] = sys.argv[1].replace("-", "_")
    if len(sys.argv) > 1 and sys.argv[1] == "demo":  # the demo needs no configuration
        os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.demo"
        options = _parse_demo_options(sys.argv[2:])
        os.environ["SAMSVAR_DATA"] = str(options.data.resolve())
        host = f"[{options.host}]" if ":" in options.host else options.host
        os.environ.setdefault("SAMSVAR_SITE_URL", f"http://{host}:{options.port}/")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    try:
        if len(sys.argv) > 1 and sys.argv[1] in {"demo", "work", "migrate"}:
            from samsvar.site.shell.wal_check import warn_of_lost_transactions

            warn_of_lost_transactions(settings.DATABASES["default"])
        # SQLite creates its file, but not the folder that contains it
        if len(sys.argv) > 1 and sys.argv[1] == "migrate":
            settings.DATA.mkdir(parents=True, exist_ok=True)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as missing:  # otherwise some of Django's own commands show a traceback
        sys.exit(f"Nothing was done: {missing}")
    except Exception as error:
        if reason := _describe_unusable_storage(error):
            sys.exit(f"Nothing was started: {reason}. The data is in {settings.DATA}.")
        raise


def _describe_unusable_storage(error: Exception) -> str:
    """Return why the database or the data folder cannot be used, in words for the operator; "" for any other error."""
    from samsvar.site.shell.storage_faults import FAULT_DESCRIPTIONS, StorageFault, find_storage_fault

    fault = StorageFault.READ_ONLY if isinstance(error, PermissionError) else find_storage_fault(error)
    return FAULT_DESCRIPTIONS[fault] if fault else ""


def _parse_demo_options(arguments: list[str]) -> argparse.Namespace:
    """Return the options that the settings need before Django parses the command line."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path, default=Path(DEMO_FOLDER))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="8000")
    return parser.parse_known_args(arguments)[0]


if __name__ == "__main__":
    main()
