"""Run every test on SQLite and, beside it, those of the site on PostgreSQL, as `make test` does.

Side by side, neither run leaves a core without work while it starts and ends. The first argument is the number of
processes for SQLite. PostgreSQL has about half as much to do and gets two, because with one it would end last, alone
on its core; its report is printed last.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from tempfile import TemporaryFile

PYTEST = (sys.executable, "-m", "pytest", "--dist", "worksteal")
ON_POSTGRESQL = ("-n", "2", "--database=postgresql", "tests/site", "tests/journeys")


def main(processes: str) -> int:
    """Return the exit status of the first run that failed, else 0."""
    with TemporaryFile("w+") as report:
        with (
            subprocess.Popen([*PYTEST, *ON_POSTGRESQL], stdout=report, stderr=subprocess.STDOUT) as postgresql,
            subprocess.Popen([*PYTEST, "-n", processes]) as sqlite,
        ):
            status = sqlite.wait() or postgresql.wait()
        report.seek(0)
        shutil.copyfileobj(report, sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
