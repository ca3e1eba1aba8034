"""What lies in the site's folder, read without harm to a database that lies in it too."""

from __future__ import annotations

import subprocess
from pathlib import Path


def bytes_of(path: Path) -> bytes:
    """A file's content; a database's by another process.

    A process that opens and closes SQLite's file, or the one beside it, drops the locks that its own connections hold
    on them (POSIX, "advisory locks"); later tests then met "disk I/O error" (2026-11).
    """
    if "sqlite3" in path.name:
        return subprocess.run(["cat", path], capture_output=True, check=True).stdout
    return path.read_bytes()
