"""Django's command line for this site: `samsvar-site migrate`, `samsvar-site demo` and the rest."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")
    if len(sys.argv) > 1 and sys.argv[1] == "demo":  # the demo needs no configuration at all
        os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.demo"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
