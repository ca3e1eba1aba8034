"""Recognition of a database or data folder that cannot be used: full, read-only, damaged or not reachable."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from enum import StrEnum
from pathlib import Path

from django.db import DatabaseError, connection


class StorageFault(StrEnum):
    """The reason why nothing can be saved, or why nothing can be read either."""

    FULL = "full"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"

    @property
    def allows_reading(self) -> bool:
        return self is StorageFault.FULL


FAULT_DESCRIPTIONS = {
    StorageFault.FULL: "the disk is full: free space, nothing has to be restarted",
    StorageFault.READ_ONLY: "the data folder or database cannot be written: check its owner, rights and mount",
    StorageFault.DAMAGED: "the database is damaged: stop the site, keep the files, and restore the last backup",
    StorageFault.UNREACHABLE: "the database does not answer: check that it runs, and SAMSVAR_DATABASE",
}
_SQLITE_TEXTS = {
    "disk is full": StorageFault.FULL,
    "readonly database": StorageFault.READ_ONLY,
    "unable to open database file": StorageFault.READ_ONLY,
    "malformed": StorageFault.DAMAGED,
    "file is not a database": StorageFault.DAMAGED,
    "disk i/o error": StorageFault.DAMAGED,
    "malformed database schema": StorageFault.DAMAGED,
}
# The beginnings of SQLSTATE codes (PostgreSQL's appendix A, version 17).
_POSTGRESQL_STATES = {
    "53100": StorageFault.FULL,
    "25006": StorageFault.READ_ONLY,
    "XX001": StorageFault.DAMAGED,
    "XX002": StorageFault.DAMAGED,
    "08": StorageFault.UNREACHABLE,
    "57P": StorageFault.UNREACHABLE,
    "53300": StorageFault.UNREACHABLE,
}
_OS_ERRORS = {
    errno.ENOSPC: StorageFault.FULL,
    errno.EDQUOT: StorageFault.FULL,
    errno.EROFS: StorageFault.READ_ONLY,
}


def find_storage_fault(error: BaseException | None) -> StorageFault | None:
    """Return the fault that an exception, or one that caused it, reports; None if it is about something else."""
    while error is not None:
        if isinstance(error, sqlite3.Error | DatabaseError):
            text = str(error).lower()
            for part, fault in _SQLITE_TEXTS.items():
                if part in text:
                    return fault
        if state := getattr(error, "sqlstate", None):
            for start, fault in _POSTGRESQL_STATES.items():
                if state.startswith(start):
                    return fault
        elif type(error).__module__.startswith("psycopg") and type(error).__name__ == "OperationalError":
            return StorageFault.UNREACHABLE  # no connection, so no code from the server
        if isinstance(error, OSError) and error.errno in _OS_ERRORS:
            return _OS_ERRORS[error.errno]
        error = error.__cause__ or error.__context__
    return None


def check_data_folder(folder: Path) -> StorageFault | None:
    """Return why a folder cannot be written, by writing a file of 4 kB to it; None if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return find_storage_fault(error) or StorageFault.READ_ONLY
    return None


def check_database() -> StorageFault | None:
    """Return why the database cannot be used, from opening it and reading its schema; None if it can."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA quick_check(1)")
                return None if cursor.fetchone() == ("ok",) else StorageFault.DAMAGED
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return find_storage_fault(error) or StorageFault.UNREACHABLE
    return None
