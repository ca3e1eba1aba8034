"""The demonstration: three fictional states with reports, people and meetings, filled by one command."""

DATA_FOLDER = ".demo"  # default data folder without `--data`; read before Django is set up
