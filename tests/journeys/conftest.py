"""Fixtures of the browser tests: the browser reaches only our own server, and a policy violation fails the test."""

from __future__ import annotations

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
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.run import locked_in_run
from tests.site.conftest import allow_emptying_the_audit_log
from tools.chromium import launch_flags

__all__ = ["allow_emptying_the_audit_log"]  # a fixture: live servers also end in a flush

TIMEOUT = 10_000  # milliseconds; both cores may be busy
expect.set_options(timeout=TIMEOUT)

OpenPage = Callable[..., Page]
# No other machine is reached, by name or by number: what asks for one fails, or is answered by `open_page`.
ONLY_THIS_MACHINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
# An address on another machine, as a browser writes it: the complete host, followed by a port or a path.
OTHER_HOST = re.compile(r"^(https?|wss?)://(?!(localhost|127\.0\.0\.1)(:[0-9]+)?(/|$))", re.IGNORECASE)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Start one Chromium for all browser tests of a process."""
    # Playwright keeps an event loop in this thread, so Django would treat a test's own queries as asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium, args=[*launch_flags(), ONLY_THIS_MACHINE])
        yield program
        program.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages as a visitor: `open_page(width=320, scheme="dark", language="fr", javascript=False)`.

    Pass `leaves=True` where the visitor follows a link to another site, which is then an empty page. Answering in its
    place turns off the browser's cache, and each page would load every file again: other visitors get an error there.

    At the end, fail the test if a page requested another host, violated its policy or had a script error.
    """
    contexts, complaints = [], []

    def note(request: Any) -> None:
        # a visitor may follow a link; a page may not load from there
        if OTHER_HOST.match(request.url) and not request.is_navigation_request():
            complaints.append(f"asked of another host: {request.url}")

    def answer(route: Any) -> None:
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>elsewhere</title>")

    def listen(message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def opened(
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        language: str = "en",
        javascript: bool = True,
        leaves: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=language,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.on("request", note)
        if leaves:
            context.route(OTHER_HOST, answer)
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"a script failed: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(autouse=True)
def _email_links_lead_to_live_server(request: pytest.FixtureRequest) -> None:
    if "live_server" in request.fixturenames:
        request.getfixturevalue("settings").SAMSVAR_SITE_URL = f"{request.getfixturevalue('live_server').url}/"


WRITING_JOURNEYS = {
    "test_report_back",
    "test_meeting_day",
    "test_registration",
    "test_upload",
}  # files that write under locks


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run only the browser tests that write, in English: SQLite has already covered all pages.

    tests/site checks the content of all pages on either database; a browser adds their appearance, which is the same.
    """
    if config.getoption("--database") != "postgresql":
        return
    here = Path(__file__).parent

    def only_looks(item: pytest.Item) -> bool:
        params = getattr(item, "callspec", None)
        in_english = params is None or params.params.get("language", "en") == "en"
        return here in item.path.parents and not (in_english and item.path.stem in WRITING_JOURNEYS)

    left_out = [item for item in items if only_looks(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


# --- The demonstration, as `make demo` serves it ----------------------------------------------------------------------

DEMO_COMMAND = (sys.executable, "-m", "samsvar.site.manage", "demo")
SECONDS_TO_FILL = 120  # usually takes 6; both cores may be busy


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve this process's own demonstration with gunicorn, page cache and worker; yield its address."""
    data = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        environment = _demo_environment(data, _copy_filled_demo(data, f"{data.name}{port}", stack))
        log = stack.enter_context((data / "log").open("w+"))
        command = [*DEMO_COMMAND, "--port", str(port), "--data", str(data)]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(_stop_server, server)
        end = time.monotonic() + SECONDS_TO_FILL
        while not _is_up(f"{address}/en/"):
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the demonstration did not start:\n{Path(log.name).read_text()}")
            time.sleep(0.2)
        yield address


def _copy_filled_demo(data: Path, name: str, stack: ExitStack) -> str | None:
    """Copy a demonstration that one process of this run has filled, and return the address of its database, if any.

    The process that filled it removes it at the end; one that comes later fills another.
    """
    with locked_in_run("demo") as shared:
        if not shared.exists():
            begun = shared.with_name("demo-begun")
            environment = _demo_environment(begun, stack.enter_context(_demo_database(f"filled{name}")))
            command = [*DEMO_COMMAND, "--no-serve", "--data", str(begun)]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
            (begun / "template").write_text(f"filled{name}")
            begun.rename(shared)
            stack.callback(_remove_filled_demo)
        shutil.copytree(shared, data, dirs_exist_ok=True)
        return stack.enter_context(_demo_database(name, template=(data / "template").read_text()))


def _remove_filled_demo() -> None:
    with locked_in_run("demo") as shared:
        shutil.rmtree(shared)


def _postgresql_url() -> str:
    """Return the address of this run's PostgreSQL, or "" on SQLite."""
    url = os.environ.get("SAMSVAR_TEST_DATABASE", "")
    return url if url.startswith("postgres") else ""


def _demo_environment(data: Path, database: str | None) -> dict[str, str]:
    own = {"SAMSVAR_DATA": str(data), "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo"}
    return {**os.environ, **own, **({"SAMSVAR_DEMO_DATABASE": database} if database else {})}


@contextmanager
def _demo_database(name: str, template: str = "template1") -> Iterator[str | None]:
    """Yield a new PostgreSQL database, copied from a template; None on SQLite, where the folder holds the database."""
    url = _postgresql_url()
    if not url:
        yield None
        return
    import psycopg

    name, template = ("".join(c for c in one if c.isalnum()).lower() for one in (name, template))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _stop_server(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()  # without this, a killed process still counts as running


def _is_up(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as response:
        return bool(response.status == 200)
    return False
