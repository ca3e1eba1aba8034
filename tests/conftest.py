"""The setup of every test: no network, one of two databases, a data folder per run, reproducible examples."""

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

# Rarely collect garbage, from the first module on: walking all modules and tests again and again took a sixth of the
# time of a site test.
gc.set_threshold(50_000, 20, 50)

ROOT = Path(__file__).resolve().parent.parent
SITE_TESTS = ("site", "journeys")  # the folders under tests/ that need Django and a database

hypothesis.settings.register_profile(
    "samsvar",
    derandomize=True,  # the same examples in every run, so that a failure is reproducible
    database=None,
    deadline=None,  # a test may be slow because both cores are busy
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("samsvar")


# --- No network access ------------------------------------------------------------------------------------------------


class NetworkAccessBlocked(RuntimeError):
    """A test tried to reach another machine."""


_attempts: list[str] = []


def _is_this_machine(host: object) -> bool:
    if host is None or host in {"", "localhost", b"localhost", "0.0.0.0", "::"}:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False  # a host name: looking it up would already use the network
    return address.is_loopback


def _block_network(event: str, args: tuple[Any, ...]) -> None:
    """Block connections to other machines, as a Python audit hook, and record each attempt.

    The record also catches code that swallows the exception.
    """
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket has a path and no host
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = args[0]
    else:
        return
    if not _is_this_machine(host):
        _attempts.append(f"{event} {host!r}")
        raise NetworkAccessBlocked(f"{event} {host!r}: tests speak to this machine only")


sys.addaudithook(_block_network)


@pytest.fixture
def network_attempts() -> list[str]:
    """Return this test's connection attempts so far; a test that expects an attempt clears the list."""
    return _attempts


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that tried to reach another machine, even if the code under test swallowed the exception."""
    _attempts.clear()
    yield
    reached, _attempts[:] = list(_attempts), []
    assert reached == []


# --- Database and data folder -----------------------------------------------------------------------------------------

_cleanup = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the database of the site's tests; a PostgreSQL of the run's own is started and stopped",
    )


def _needs_site(config: pytest.Config) -> bool:
    """Return False only if every argument is in a folder of library tests, which run without Django."""
    here = Path(__file__).parent
    for argument in config.args:
        path = (Path(config.invocation_params.dir) / argument.split("::")[0]).resolve()
        if path == here or here not in path.parents or path.relative_to(here).parts[0] in SITE_TESTS:
            return True
    return False


@pytest.hookimpl(tryfirst=True)  # before pytest-django, which reads the settings in the same hook
def pytest_configure(config: pytest.Config) -> None:
    if not _needs_site(config):
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:  # the controller, or the only process; workers inherit what is set here
        data = Path(tempfile.mkdtemp(prefix="samsvar-test-"))
        _cleanup.callback(shutil.rmtree, data, ignore_errors=True)
        os.environ["SAMSVAR_DATA"] = str(data)
        if config.getoption("--database") == "postgresql" and "SAMSVAR_TEST_DATABASE" not in os.environ:
            from tools import postgres

            os.environ["SAMSVAR_TEST_DATABASE"] = _cleanup.enter_context(postgres.run_server())
        config.add_cleanup(_cleanup.close)
    else:
        data = Path(os.environ["SAMSVAR_DATA"]) / worker
        data.mkdir(exist_ok=True)
        os.environ["SAMSVAR_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.testing"
    from django.conf import settings

    assert settings.DATABASES  # pytest-django sets up Django only after its settings have been accessed
    if worker is None and config.getoption("numprocesses", None):
        # A worker that inherited this would set up Django before this hook runs, with the data folder shared by all
        # workers.
        del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """Create this process's test database; one process of a run migrates its own, the others copy it.

    Migrating takes three seconds of processor time.
    """
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests.factories.run import locked_in_run

    creation, test_settings = connection.creation, connection.settings_dict["TEST"]
    # the note holds the name of the migrated database while there is one
    with django_db_blocker.unblock(), locked_in_run("migrated") as note:
        template = note.read_text() if note.exists() else ""
        copied = bool(template) and connection.vendor == "sqlite"
        if copied:
            shutil.copy(template, test_settings["NAME"])
        elif template:
            test_settings["TEMPLATE"] = template
        # `migrate` finds nothing to do in a copy
        created = setup_databases(verbosity=0, interactive=False, keepdb=copied, serialized_aliases=())
        if not template:
            connection.close()  # only now does SQLite write everything into the file, and PostgreSQL allow a copy
            creation.clone_test_db("migrated", verbosity=0)
            note.write_text(str(creation.get_test_db_clone_settings("migrated")["NAME"]))
    yield
    with django_db_blocker.unblock():
        if not template:
            with locked_in_run("migrated") as note:
                note.unlink()
                creation.destroy_test_db(suffix="migrated", verbosity=0)
        teardown_databases(created, verbosity=0)


def pytest_report_header(config: pytest.Config) -> str:
    asked = _needs_site(config)
    return f"database: {config.getoption('--database') if asked else 'none, library only'}"


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection: they live until the end of the run."""
    gc.freeze()


# --- Chromium ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, which `make test` installs; a bare pytest run skips tests that need it."""
    from tools.chromium import find_chromium

    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: python tools/chromium.py --install, or name it in SAMSVAR_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, to run inside a page.

    `make setup` downloads it, as pinned in the front end's lock file.
    """
    path = ROOT / ".cache/axe/axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not here: make setup, or python tools/frontend.py --with-tests")
    return path.read_text(encoding="utf-8")
