"""The demonstration: three fictional states with reports, people and meetings, created by one command."""

DATA_FOLDER = ".demo"  # the data folder if `--data` is not given; read before Django is set up
