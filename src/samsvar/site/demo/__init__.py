"""The demonstration: three invented states, one demo editor, one command."""

FOLDER = ".demo"  # where its data lie unless `--data` says otherwise; read before Django is
