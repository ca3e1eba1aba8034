"""What every test stands on: no network, one of two databases, a folder of its own, the same examples each time."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
SITE_TESTS = ("site", "journeys")  # the folders under tests/ that need Django and a database

hypothesis.settings.register_profile(
    "samsvar",
    derandomize=True,  # the same examples in every run: a red test is red for everybody
    database=None,
    deadline=None,  # two busy cores are no fault of the code
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("samsvar")


# --- The network is not touched ---------------------------------------------------------------------------------------


class NetworkTouched(RuntimeError):
    """A test reached for a machine other than this one."""


_touched: list[str] = []


def _is_this_machine(host: object) -> bool:
    if host is None or host in {"", "localhost", b"localhost", "0.0.0.0", "::"}:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False  # a name: to look it up is already to touch the network
    return address.is_loopback


def _guard(event: str, args: tuple[Any, ...]) -> None:
    """Python's audit hook: refuses what leaves this machine, and remembers it should the code swallow the refusal."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket has a path and no host
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = args[0]
    else:
        return
    if not _is_this_machine(host):
        _touched.append(f"{event} {host!r}")
        raise NetworkTouched(f"{event} {host!r}: tests speak to this machine only")


sys.addaudithook(_guard)


@pytest.fixture
def touched_network() -> list[str]:
    """What this test has reached for so far; a test that expects a refusal empties the list again."""
    return _touched


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fails a test that reached for another machine, even where the code under test swallowed the refusal."""
    _touched.clear()
    yield
    reached, _touched[:] = list(_touched), []
    assert reached == []


# --- One of the two databases, and a folder of the run's own ----------------------------------------------------------

_run = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the database of the site's tests; a PostgreSQL of the run's own is started and stopped",
    )


def _site_is_asked_for(config: pytest.Config) -> bool:
    """False only where every argument lies in a folder of library tests: those run without Django."""
    here = Path(__file__).parent
    for argument in config.args:
        path = (Path(config.invocation_params.dir) / argument.split("::")[0]).resolve()
        if path == here or here not in path.parents or path.relative_to(here).parts[0] in SITE_TESTS:
            return True
    return False


@pytest.hookimpl(tryfirst=True)  # before pytest-django, which reads the settings in the same hook
def pytest_configure(config: pytest.Config) -> None:
    if not _site_is_asked_for(config):
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:  # the controller, or the only process: workers inherit what is set here
        data = Path(tempfile.mkdtemp(prefix="samsvar-test-"))
        _run.callback(shutil.rmtree, data, ignore_errors=True)
        os.environ["SAMSVAR_DATA"] = str(data)
        if config.getoption("--database") == "postgresql" and "SAMSVAR_TEST_DATABASE" not in os.environ:
            from tools import postgres

            os.environ["SAMSVAR_TEST_DATABASE"] = _run.enter_context(postgres.server())
        config.add_cleanup(_run.close)
    else:
        data = Path(os.environ["SAMSVAR_DATA"]) / worker
        data.mkdir(exist_ok=True)
        os.environ["SAMSVAR_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.testing"
    from django.conf import settings

    assert settings.DATABASES  # pytest-django sets Django up only where somebody has asked for its settings
    if worker is None and config.getoption("numprocesses", None):
        # A worker that inherits this sets Django up before it comes here: with the folder that all of them share.
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_report_header(config: pytest.Config) -> str:
    asked = _site_is_asked_for(config)
    return f"database: {config.getoption('--database') if asked else 'none, library only'}"


def pytest_collection_finish() -> None:
    """Looks for garbage seldom: modules and tests stay to the end; to walk them anew took a sixth of a site test."""
    gc.freeze()  # what is there now is never garbage
    gc.set_threshold(50_000, 20, 50)


# --- Chromium ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; `make test` has installed one, a bare pytest run says what is missing."""
    from tools.chromium import find_chromium

    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: python tools/chromium.py --install, or name it in SAMSVAR_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, to be run inside a page; `make setup` fetches it from the lock of the front end."""
    path = ROOT / ".cache/axe/axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not here: make setup, or python tools/frontend.py --with-tests")
    return path.read_text(encoding="utf-8")
