"""`samsvar-site demo`: create the demonstration in one folder and serve it."""

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
from samsvar.site.demo import DATA_FOLDER
from samsvar.site.demo.actions import fill_demo, update_email_links

WORKER_CLASS = "samsvar.site.shell.web_worker.BufferingThreadWorker"
START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 8


class Command(BaseCommand):
    help = (
        "Create a demonstration in one folder and serve it: real facts, and three fictional states with full reports."
    )
    requires_system_checks = []  # the checks take a second at each start, and `make check` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
        parser.add_argument("--data", default=DATA_FOLDER, help="the folder for all data (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="number of server processes (default: %(default)s)")
        parser.add_argument("--no-serve", action="store_true", help="create the data and stop")

    def handle(self, *, host: str, port: int, workers: int, no_serve: bool, **_: Any) -> None:
        began = time.monotonic()
        settings.DATA.mkdir(parents=True, exist_ok=True)
        if not no_serve:
            _check_port_is_free(host, port)
        self.write_line(f"The demonstration's data is in {settings.DATA}")
        if old_data := move_incompatible_data(settings.DATA):
            self.write_line(
                f"The data was created by an older version and cannot be used. It has been moved to {old_data}."
            )
        call_command("migrate", verbosity=0, interactive=False)
        _collect_static()
        try:
            fill_demo(write_progress=self.write_line)
        except SamsvarError as error:
            self.stderr.write(error.full_message())
        update_email_links()
        try:
            _build_search_index()
        except CommandError as error:  # only search is affected
            self.stderr.write(str(error))
        self.write_line(f"Ready after {time.monotonic() - began:.1f} s.")
        if not no_serve:
            self.serve(host, port, workers)

    def write_line(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def serve(self, host: str, port: int, workers: int) -> None:
        """Run the server and the upload worker until Ctrl-C or SIGTERM; restart the worker if it dies."""
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: stop.append(number))
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        server = _start_process(server_command(host, port, workers), environment)
        worker = _start_process(_worker_command(), environment)
        try:
            if _wait_until_ready(host, port, server, stop):
                self.write_line(f"Samsvar is at {settings.SAMSVAR_SITE_URL}  (stop it with Ctrl-C)")
            while not stop and server.poll() is None:
                if worker.poll() is not None:
                    worker = _start_process(_worker_command(), environment)
                    time.sleep(1)
                time.sleep(0.2)
        finally:
            for process in (server, worker):
                process.terminate()
            for process in (server, worker):
                try:
                    process.wait(timeout=STOP_TIMEOUT_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
        if not stop:
            raise CommandError(
                f"The server stopped unexpectedly (exit code {server.returncode}). The reason is shown above."
            )


def move_incompatible_data(data: Path) -> Path | None:
    """Move the data of a demonstration to a subfolder if its migrations are unknown; return the subfolder, or None.

    The migrations were reset in 2026-11, and no migration converts older tables. Everything in a demonstration is
    created again anyway.
    """
    database = data / "samsvar.sqlite3"
    if not database.is_file() or not _has_unknown_migration(database):
        return None
    older = data / "older" / time.strftime("%Y-%m-%d-%H%M%S")
    older.mkdir(parents=True)
    for path in data.iterdir():
        if path.name not in {"older", "secret-key"}:  # this process and its children have already read the secret key
            path.rename(older / path.name)
    return older


def _has_unknown_migration(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
            applied = connection.execute(
                "SELECT app, name FROM django_migrations WHERE app LIKE 'samsvar_%'"
            ).fetchall()
    except sqlite3.DatabaseError:  # truncated because a process was killed; `migrate` reports it
        return False
    folders = {app: settings.SITE / app.removeprefix("samsvar_") / "migrations" for app, _name in applied}
    return any(not (folders[app] / f"{name}.py").is_file() for app, name in applied)


def _start_process(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process in its own session: Ctrl-C then interrupts only this command, which stops the others in order."""
    return subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=_exit_with_parent)  # noqa: PLW1509 - one thread


def _exit_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, because a killed demonstration must not keep its port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def server_command(host: str, port: int, workers: int) -> list[str]:
    """Return the gunicorn command, with threads as well as processes so that a slow client does not block others."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [sys.executable, "-m", "gunicorn", "samsvar.site.wsgi:application", "--bind", bind,
            "--workers", str(workers), "--worker-class", WORKER_CLASS, "--threads", "4",
            "--timeout", "120", "--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]  # fmt: skip


def _worker_command() -> list[str]:
    return [sys.executable, "-m", "samsvar.site.manage", "work", "--verbosity", "0"]


def _wait_until_ready(host: str, port: int, server: subprocess.Popen[bytes], stop: list[int]) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < end and server.poll() is None and not stop:
        try:
            connection = http.client.HTTPConnection(target, port, timeout=10)
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
            connection.close()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return True
    return False


def _check_port_is_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Nothing was started: {host}:{port} is already in use ({error.strerror}). "
                "Choose another: make demo PORT=8001"
            ) from error


def _collect_static() -> None:
    """Collect and compress static files, unless nothing has changed since the last start."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = settings.DATA / "static-files"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest() and settings.STATIC_ROOT.exists():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest.hexdigest(), encoding="ascii")


def _build_search_index() -> None:
    """Build the search index, so that the first search does not have to wait; the server keeps it up to date.

    An index of this version is only updated: building it would be most of the time that a second start takes.
    """
    from django.core.management import get_commands

    if "rebuild_search" in get_commands():
        call_command("rebuild_search", follow=True, verbosity=0)
