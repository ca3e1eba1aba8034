"""So that `python -m samsvar.cli` is `samsvar`."""

from samsvar.cli import main

raise SystemExit(main())
