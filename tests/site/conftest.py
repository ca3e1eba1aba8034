"""What tests of the site share: a flush that may empty the trail, and the demo world in small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def the_audit_log_may_be_emptied_between_tests() -> Iterator[None]:
    """Django empties every table after a test with real transactions; the trail's guard stands in its way.

    The guard is lifted for that moment only: `flush` ends in post_migrate, which puts it back.
    """
    from django.core.management.commands import flush
    from django.db import connections

    from samsvar.site.audit import triggers

    handle = flush.Command.handle

    def handle_without_guard(self: flush.Command, **options: Any) -> Any:
        triggers.lift_guard(connections[options["database"]])
        return handle(self, **options)

    flush.Command.handle = handle_without_guard  # type: ignore[method-assign]
    yield
    flush.Command.handle = handle  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def nobody_is_left_in_the_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """PostgreSQL removes no database with somebody in it: what a thread of a test left open is ended first."""
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
def each_test_begins_in_english() -> None:
    """A page in another language leaves that language behind in its thread; the next test is not to inherit it."""
    from django.utils import translation

    translation.activate("en")


@pytest.fixture(scope="module")
def rows_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Rows that are made once for all tests of a module, each of which finds them as they were made.

    `with rows_of_the_module():` around the making and the `yield` of a fixture of that module: they lie in a
    transaction of the module's own, within which `db` gives each test one of its own, and are gone after the last.
    """

    @contextmanager
    def opened() -> Iterator[None]:
        from django.db import transaction

        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return opened
