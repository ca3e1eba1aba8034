"""Django's command line for this site: `samsvar-site demo`, `migrate`, `load_facts`, `work` and the rest."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

try:
    from django.core.exceptions import ImproperlyConfigured
except ModuleNotFoundError:  # the library alone is installed
    sys.exit("Nothing was done: the site needs Django. Install it with: pip install 'samsvar[site]'")

DEMO_FOLDER = ".demo"


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] == "demo":  # the demo needs no configuration at all
        os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.demo"
        os.environ["SAMSVAR_DATA"] = str(_demo_folder(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    try:
        if len(sys.argv) > 1 and sys.argv[1] == "migrate":  # SQLite makes its file, but not the folder that it lies in
            settings.DATA.mkdir(parents=True, exist_ok=True)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as missing:  # Django's command line shows a traceback for some of its own commands
        sys.exit(f"Nothing was done: {missing}")


def _demo_folder(arguments: list[str]) -> Path:
    """The folder of `--data`: the settings need it before Django reads the command line."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path, default=Path(DEMO_FOLDER))
    return parser.parse_known_args(arguments)[0].data.resolve()


if __name__ == "__main__":
    main()
