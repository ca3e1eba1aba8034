"""Confirmed changes that a damaged write-ahead log would lose silently are named at the start."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from samsvar.site.shell.wal_check import count_lost_transactions, warn_of_lost_transactions

FRAME = 24 + 4096


@pytest.fixture
def crashed(tmp_path):
    """Return a database with 30 transactions of one row in its log, as a crash leaves it."""
    path = tmp_path / "running.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("CREATE TABLE registration (name)")
        for number in range(30):
            connection.execute("INSERT INTO registration VALUES (?)", [f"Guest {number}"])
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{tmp_path}/crashed.sqlite3{end}")
    return tmp_path / "crashed.sqlite3", tmp_path / "crashed.sqlite3-wal"


def count_rows(path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM registration").fetchone()[0]


def test_a_log_that_a_crash_left_has_no_lost_transactions(crashed):
    path, wal = crashed
    assert count_lost_transactions(wal) == 0
    with wal.open("r+b") as file:
        file.truncate(wal.stat().st_size - 100)  # the last transaction was not yet written
    assert count_lost_transactions(wal) == 0
    assert count_rows(path) == 29


@pytest.mark.parametrize("place", [0, 4, 8, 16, 24, 2000])
def test_a_damaged_log_is_named_with_the_number_of_lost_transactions(crashed, caplog, place):
    path, wal = crashed
    content = bytearray(wal.read_bytes())
    content[32 + 15 * FRAME + place] ^= 1
    wal.write_bytes(content)
    lost = warn_of_lost_transactions({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)})
    assert "confirmed transactions are lost" in caplog.text
    assert 30 - count_rows(path) in {lost, lost + 1}  # the damaged frame may have completed a transaction itself
    assert lost >= 14


def test_other_files_and_databases_have_no_log(tmp_path):
    (tmp_path / "wal").write_bytes(b"not a log" * 100)
    assert [count_lost_transactions(tmp_path / name) for name in ("wal", "missing")] == [0, 0]
    assert warn_of_lost_transactions({"ENGINE": "django.db.backends.postgresql", "NAME": "samsvar"}) == 0
