"""`make test` runs on both databases at once, fails if either run fails, and shows both reports."""

from __future__ import annotations

import sys

import pytest

from tools import both_databases

RUN = "import sys; print('run with', *sys.argv[2:]); sys.exit(3 if sys.argv[1] in sys.argv[2:] else 0)"


@pytest.mark.parametrize(("fails", "status"), [("--database=postgresql", 3), ("3", 3), ("neither", 0)])
def test_a_failure_on_either_database_is_the_status_and_both_reports_are_shown(monkeypatch, capfd, fails, status):
    monkeypatch.setattr(both_databases, "PYTEST", (sys.executable, "-c", RUN, fails))
    assert both_databases.main("3") == status
    assert capfd.readouterr().out.splitlines() == [
        "run with -n 3", "run with -n 2 --database=postgresql tests/site tests/journeys",
    ]  # fmt: skip
