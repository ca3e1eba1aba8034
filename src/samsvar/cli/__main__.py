"""Let `python -m samsvar.cli` run the `samsvar` command."""

from samsvar.cli import main

raise SystemExit(main())
