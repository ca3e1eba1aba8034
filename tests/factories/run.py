"""What the processes of one test run share: a folder, and things that only one of them makes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def run_folder() -> Path:
    """Return the folder of this run, which all its processes share."""
    own = Path(os.environ["SAMSVAR_DATA"])  # the run's folder, or the process's folder inside it
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def locked_in_run(name: str) -> Iterator[Path]:
    """Yield a path in the run's folder while no other process of the run holds the lock of the same name."""
    path = run_folder() / name
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
