"""A browser for the journeys: it sees our own server only, and a page that breaks its own policy fails the journey."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.site.conftest import the_audit_log_may_be_emptied_between_tests
from tools.chromium import flags

__all__ = ["the_audit_log_may_be_emptied_between_tests"]  # a fixture: live servers end in a flush too

OpenPage = Callable[..., Page]
# an address on another machine, as a browser writes it: its host stands whole before a port or a path
ELSEWHERE = re.compile(r"^(https?|wss?)://(?!(localhost|127\.0\.0\.1)(:[0-9]+)?(/|$))", re.IGNORECASE)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all journeys of a process."""
    # Playwright keeps an event loop in this thread; Django would take a journey's own queries for asynchronous ones
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium, args=flags())
        yield program
        program.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages as a visitor has them: `open_page(width=320, scheme="dark", language="fr", javascript=False)`.

    At the end of the journey: nothing was asked of another host, no policy was broken, no script failed.
    """
    contexts, complaints = [], []

    def meet(route: Any) -> None:
        if not route.request.is_navigation_request():  # a visitor may follow a link out; a page may not load from there
            complaints.append(f"asked of another host: {route.request.url}")
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>elsewhere</title>")

    def listen(message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def opened(
        *, width: int = 1280, height: int = 900, scheme: str = "light", language: str = "en", javascript: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=language,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.route(ELSEWHERE, meet)  # our own pages do not pass through this process on their way
        context.set_default_timeout(10_000)  # milliseconds; two busy cores are slow
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"a script failed: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


WRITING = {"test_meeting_day", "test_registration", "test_upload"}  # files of journeys that write what locks guard


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL those walk that write, in English: the same run has read and looked at all pages on SQLite.

    What a page says on either database is asked by tests/site, whole; a browser adds how it looks: the same on both.
    """
    if config.getoption("--database") != "postgresql":
        return
    here = Path(__file__).parent

    def only_looks(item: pytest.Item) -> bool:
        params = getattr(item, "callspec", None)
        in_english = params is None or params.params.get("language", "en") == "en"
        return here in item.path.parents and not (in_english and item.path.stem in WRITING)

    left_out = [item for item in items if only_looks(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


# --- The demonstration, as `make demo` serves it ----------------------------------------------------------------------

DEMO = (sys.executable, "-m", "samsvar.site.manage", "demo")
SECONDS_TO_FILL = 120  # takes 6; two busy cores are slow


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demonstration of this run's own: filled, served by gunicorn, page cache and worker included."""
    data = tmp_path_factory.mktemp("demo")
    if not _postgresql():
        shutil.copytree(_filled_for_all(tmp_path_factory), data, dirs_exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        environment = _environment_of(data)
        if database := stack.enter_context(_database_of_its_own(data.name + str(port))):
            environment["SAMSVAR_DEMO_DATABASE"] = database
        log = stack.enter_context((data / "log").open("w+"))
        command = [*DEMO, "--port", str(port), "--data", str(data)]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(_stop, server)
        end = time.monotonic() + SECONDS_TO_FILL
        while not _answers(f"{address}/en/"):
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the demonstration did not start:\n{Path(log.name).read_text()}")
            time.sleep(0.2)
        yield address


def _filled_for_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration that one process of this run has filled; the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, whole = shared / "filled", shared / "filled-whole"
    with (shared / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            command = [*DEMO, "--no-serve", "--data", str(folder)]
            subprocess.run(command, env=_environment_of(folder), check=True, stdout=subprocess.DEVNULL)
            whole.touch()
    return folder


def _postgresql() -> str:
    """The address of this run's PostgreSQL; "" on SQLite."""
    url = os.environ.get("SAMSVAR_TEST_DATABASE", "")
    return url if url.startswith("postgres") else ""


def _environment_of(data: Path) -> dict[str, str]:
    return {**os.environ, "SAMSVAR_DATA": str(data), "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo"}


@contextmanager
def _database_of_its_own(name: str) -> Iterator[str | None]:
    """On PostgreSQL a database for the demonstration; None on SQLite, where it lies in the demonstration's folder."""
    url = _postgresql()
    if not url:
        yield None
        return
    import psycopg

    parts = urlsplit(url)
    name = "".join(c for c in name if c.isalnum()).lower()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()  # a process that nobody has asked about is reported as still running


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as response:
        return bool(response.status == 200)
    return False
