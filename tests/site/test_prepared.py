"""A question whose SQL is made once answers as the query that it was made of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.permissions import _GRANTS, _REFUSALS, _TERMS, access_of, forget_access
from samsvar.site.shell.compiled_queries import Prepared
from tests.factories.people import join, make_account, make_network, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    """Three accounts with roles, refusals and terms that hold, will hold and held; one has none of them."""
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
            reason="invented",
        )
    for account, (begins, ends) in zip(made[:2], [(-9, None), (-9, -1)], strict=True):
        member = make_person(account=account)
        join(lantern, member, begins=today + timedelta(days=begins), ends=ends and today + timedelta(days=ends))
        join(harbour, member)
    return made


def test_what_is_read_of_an_account_is_what_its_query_says(accounts):
    now = timezone.now()
    for prepared, value in ((_TERMS, now.date()), (_GRANTS, now), (_REFUSALS, now)):
        answers = [prepared.ask(account.pk, value) for account in accounts]
        assert [sorted(map(str, one)) for one in answers] == [
            sorted(map(str, prepared.query(account.pk, value))) for account in accounts
        ]
        assert len({str(one) for one in answers}) > 1  # they differ: it is not one answer for all


def test_a_role_that_was_given_a_moment_ago_holds(accounts):
    account = accounts[2]
    assert access_of(account).roles == frozenset()
    models.RoleGrant.objects.create(account=account, role=Role.AUDITOR, since=timezone.now())
    forget_access(account)
    assert access_of(account).roles == {Role.AUDITOR}
    models.RoleGrant.objects.update(until=timezone.now())
    forget_access(account)
    assert access_of(account).roles == frozenset()


def test_the_rights_of_a_request_are_three_questions(accounts):
    access_of(accounts[0])
    forget_access(accounts[0])
    with CaptureQueriesContext(connection) as asked:
        access_of(accounts[0])
    assert len(asked) == 3


def test_a_value_that_stands_nowhere_is_a_mistake_that_is_named():
    lost = Prepared(
        lambda _account, day: models.Person.objects.filter(erased_at__date=day).values_list("pk"), int, date
    )
    with pytest.raises(TypeError, match="stands nowhere"):
        lost.ask(1, date(2026, 11, 25))
