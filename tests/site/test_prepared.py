"""A compiled query returns the same rows as the query that it was compiled from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.permissions import (
    _GRANTS_QUERY,
    _MEMBERSHIPS_QUERY,
    _REFUSALS_QUERY,
    clear_cached_access,
    get_access,
)
from samsvar.site.shell.compiled_queries import CompiledQuery
from tests.factories.people import make_account, make_membership, make_network, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    """Three accounts with past, present and future roles, refusals and terms; the third has no roles or terms."""
    now, today = timezone.now(), timezone.now().date()
    lantern, harbour = make_network("lantern"), make_network("harbour")
    made = [
        make_account(Role.READER, Role.EDITOR),
        make_account(Role.SECRETARIAT, network=lantern),
        make_account(),
    ]
    for account, (since, until) in zip(
        made * 2, [(-9, None), (-9, -1), (1, None), (-1, 1), (-2, None), (-3, 3)], strict=True
    ):
        models.Refusal.objects.create(
            account=account,
            claim="ask",
            network=harbour,
            since=now + timedelta(days=since),
            until=None if until is None else now + timedelta(days=until),
            reason="fictional",
        )
    for account, (begins, ends) in zip(made[:2], [(-9, None), (-9, -1)], strict=True):
        member = make_person(account=account)
        make_membership(
            lantern, member, begins=today + timedelta(days=begins), ends=ends and today + timedelta(days=ends)
        )
        make_membership(harbour, member)
    return made


def test_a_compiled_query_returns_the_same_rows_as_its_original(accounts):
    now = timezone.now()
    for prepared, value in ((_MEMBERSHIPS_QUERY, now.date()), (_GRANTS_QUERY, now), (_REFUSALS_QUERY, now)):
        answers = [prepared.fetch_rows(account.pk, value) for account in accounts]
        assert [sorted(map(str, one)) for one in answers] == [
            sorted(map(str, prepared.build_queryset(account.pk, value))) for account in accounts
        ]
        assert len({str(one) for one in answers}) > 1  # make sure the accounts have different answers


def test_roles_take_effect_and_end_immediately(accounts):
    account = accounts[2]
    assert get_access(account).roles == frozenset()
    models.RoleGrant.objects.create(account=account, role=Role.AUDITOR, since=timezone.now())
    clear_cached_access(account)
    assert get_access(account).roles == {Role.AUDITOR}
    models.RoleGrant.objects.update(until=timezone.now())
    clear_cached_access(account)
    assert get_access(account).roles == frozenset()


def test_reading_the_rights_of_an_account_takes_three_queries(accounts):
    get_access(accounts[0])
    clear_cached_access(accounts[0])
    with CaptureQueriesContext(connection) as asked:
        get_access(accounts[0])
    assert len(asked) == 3


def test_a_parameter_that_is_missing_from_the_compiled_sql_is_an_error():
    lost = CompiledQuery(
        lambda _account, day: models.Person.objects.filter(erased_at__date=day).values_list("pk"), int, date
    )
    with pytest.raises(TypeError, match="a value is not used in"):
        lost.fetch_rows(1, date(2026, 11, 25))
