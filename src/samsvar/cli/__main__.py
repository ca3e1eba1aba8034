"""Entry point of `python -m samsvar.cli`, which runs the `samsvar` command."""

from samsvar.cli import main

raise SystemExit(main())
