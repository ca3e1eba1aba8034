"""`samsvar-site demo`: from nothing to a site that answers, its data in one folder that it names."""

from __future__ import annotations

import ctypes
import hashlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.demo import FOLDER
from samsvar.site.demo.actions import fill_demo

SECONDS_TO_ANSWER = 30
SECONDS_TO_STOP = 8


class Command(BaseCommand):
    help = "Makes a demonstration in one folder and serves it: real facts, and three invented states with full reports."
    requires_system_checks = []  # they would cost a second of each start, and `make check` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
        parser.add_argument("--data", default=FOLDER, help="where all data lies (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="server processes (default: %(default)s)")
        parser.add_argument("--no-serve", action="store_true", help="fill the folder and stop")

    def handle(self, *, host: str, port: int, workers: int, no_serve: bool, **_: Any) -> None:
        began = time.monotonic()
        settings.DATA.mkdir(parents=True, exist_ok=True)
        if not no_serve:
            _must_be_free(host, port)
        self.tell(f"The demonstration's data lie in {settings.DATA}")
        if older := put_older_edition_aside(settings.DATA):
            self.tell(f"They were made by an older edition, which this one cannot read. They lie in {older} now.")
        call_command("migrate", verbosity=0, interactive=False)
        _collect_static()
        try:
            fill_demo(tell=self.tell)
        except SamsvarError as error:
            self.stderr.write(error.explained())
        _build_search_index()
        self.tell(f"Ready after {time.monotonic() - began:.1f} s.")
        if not no_serve:
            self.serve(host, port, workers)

    def tell(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def serve(self, host: str, port: int, workers: int) -> None:
        """Run the server and the worker that reads uploads, until Ctrl-C or SIGTERM; a worker that dies is replaced."""
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: stop.append(number))
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        server = _started(server_command(host, port, workers), environment)
        reader = _started(_reader(), environment)
        try:
            if _answers(host, port, server, stop):
                shown = f"[{host}]" if ":" in host else host
                self.tell(f"Samsvar is at http://{shown}:{port}/  (stop it with Ctrl-C)")
            while not stop and server.poll() is None:
                if reader.poll() is not None:
                    reader = _started(_reader(), environment)
                    time.sleep(1)
                time.sleep(0.2)
        finally:
            for process in (server, reader):
                process.terminate()
            for process in (server, reader):
                try:
                    process.wait(timeout=SECONDS_TO_STOP)
                except subprocess.TimeoutExpired:
                    process.kill()
        if not stop:
            raise CommandError(
                f"The server stopped by itself (exit code {server.returncode}); its reason stands above."
            )


def put_older_edition_aside(data: Path) -> Path | None:
    """Move a demonstration of before 2026-11, when accounts were Django's own, aside; None: there is none.

    The tables of accounts cannot be changed from the one kind to the other by a migration, and a demonstration holds
    nothing that is not made again.
    """
    database = data / "samsvar.sqlite3"
    if not database.is_file() or not _has_table(database, "auth_user"):
        return None
    older = data / "older" / time.strftime("%Y-%m-%d-%H%M%S")
    older.mkdir(parents=True)
    for made in data.iterdir():
        if made.name not in {
            "older",
            "secret-key",
        }:  # the secret is read already, by this process and by those it starts
            made.rename(older / made.name)
    return older


def _has_table(database: Path, table: str) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as record:
            asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return record.execute(asked, [table]).fetchone() is not None
    except sqlite3.DatabaseError:  # cut off by a kill: `migrate` has its say about it
        return False


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process in a session of its own, so that Ctrl-C reaches the demonstration alone, which ends it in order."""
    return subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=_end_with_the_demonstration)  # noqa: PLW1509 - one thread


def _end_with_the_demonstration() -> None:
    """Ask Linux to end this process when its parent is gone: a killed demonstration must not keep its port taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def server_command(host: str, port: int, workers: int) -> list[str]:
    """gunicorn: threads beside processes, so that a slow client does not hold up the others."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [sys.executable, "-m", "gunicorn", "samsvar.site.wsgi:application", "--bind", bind,
            "--workers", str(workers), "--worker-class", "gthread", "--threads", "4",
            "--timeout", "120", "--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]  # fmt: skip


def _reader() -> list[str]:
    return [sys.executable, "-m", "samsvar.site.manage", "work", "--verbosity", "0"]


def _answers(host: str, port: int, server: subprocess.Popen[bytes], stop: list[int]) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
    end = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < end and server.poll() is None and not stop:
        try:
            asked = http.client.HTTPConnection(target, port, timeout=10)
            asked.request("GET", "/robots.txt")
            asked.getresponse().read()
            asked.close()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return True
    return False


def _must_be_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CommandError(
                f"Nothing was started: {host}:{port} is not free ({taken.strerror}). "
                "Choose another: make demo PORT=8001"
            ) from taken


def _collect_static() -> None:
    """Collect and compress static files, unless nothing has changed since the last start."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            about = Path(storage.path(path)).stat()
            seen.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    stamp = settings.DATA / "static-files"
    if stamp.exists() and stamp.read_text(encoding="ascii") == seen.hexdigest() and settings.STATIC_ROOT.exists():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(seen.hexdigest(), encoding="ascii")


def _build_search_index() -> None:
    """The server's processes follow the database by themselves; this spares the first search the wait."""
    from django.core.management import get_commands

    if "rebuild_search" in get_commands():
        call_command("rebuild_search", verbosity=0)
