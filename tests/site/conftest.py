"""Fixtures for all tests of the site: emptying the audit log, leftover connections, language and shared rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

OPENS_A_DATABASE = {"db", "transactional_db", "module_rows"}  # fixtures


@pytest.fixture(scope="session", autouse=True)
def allow_emptying_the_audit_log() -> Iterator[None]:
    """Let Django empty the audit log after a test with real transactions, although a trigger protects it.

    The guard is lifted for that moment only: `flush` ends in post_migrate, which puts it back.
    """
    from django.core.management.commands import flush
    from django.db import connections

    from samsvar.site.audit import triggers

    handle = flush.Command.handle

    def handle_without_guard(self: flush.Command, **options: Any) -> Any:
        triggers.disable_append_only_triggers(connections[options["database"]])
        return handle(self, **options)

    flush.Command.handle = handle_without_guard  # type: ignore[method-assign]
    yield
    flush.Command.handle = handle  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def end_leftover_connections(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End connections that a test's thread left open: PostgreSQL does not drop a database that is in use."""
    yield
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def activate_english() -> None:
    """Activate English: a page in another language leaves it active in its thread, also for the next test."""
    from django.utils import translation

    translation.activate("en")


@pytest.fixture(scope="module")
def module_rows(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Return a context manager for rows that are made once for all tests of a module.

    Use `with module_rows():` around the making and the `yield` of a fixture of that module. The rows lie in a
    transaction of the module, in which `db` gives each test its own; they are gone after the last test.
    """

    @contextmanager
    def opened() -> Iterator[None]:
        from django.db import transaction

        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return opened


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect on PostgreSQL the tests that open no database: SQLite's run has answered for both.

    pytest-django lets no test open a database that does not ask for one.
    """
    if config.getoption("--database") != "postgresql":
        return
    here = Path(__file__).parent

    def opens_no_database(item: pytest.Item) -> bool:
        asked = item.get_closest_marker("django_db") or OPENS_A_DATABASE & set(getattr(item, "fixturenames", ()))
        return here in item.path.parents and not asked

    left_out = [item for item in items if opens_no_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]
