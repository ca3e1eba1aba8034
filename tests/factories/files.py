"""Read files of the site's data folder without breaking the locks of a database stored there."""

from __future__ import annotations

import subprocess
from pathlib import Path


def bytes_of(path: Path) -> bytes:
    """Return a file's content; database files are read by another process.

    A process that opens and closes SQLite's file, or a file next to it, drops the locks that its own connections hold
    on them (POSIX, "advisory locks"); later tests then failed with "disk I/O error" (2026-11).
    """
    if "sqlite3" in path.name:
        return subprocess.run(["cat", path], capture_output=True, check=True).stdout
    return path.read_bytes()
