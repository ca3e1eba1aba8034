"""A compiled query returns the same rows as the query that it was compiled from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.middleware import find_staff_session, hash_session_key
from samsvar.site.network.access.permissions import (
    _GRANTS_QUERY,
    _MEMBERSHIPS_QUERY,
    _REFUSALS_QUERY,
    clear_cached_access,
    get_access,
)
from samsvar.site.network.accounts.backends import AccountBackend
from samsvar.site.network.accounts.session_store import SessionStore
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


def test_an_account_is_loaded_complete_and_only_while_it_is_active(accounts):
    account = AccountBackend().get_user(accounts[0].pk)
    assert vars(account).keys() == vars(models.Account.objects.get(pk=account.pk)).keys()
    assert {field.attname: getattr(account, field.attname) for field in account._meta.fields} == (
        models.Account.objects.filter(pk=account.pk).values().get()
    )
    account.language = "nb"
    account.save()  # as an existing row
    models.Account.objects.filter(pk=account.pk).update(is_active=False)
    assert AccountBackend().get_user(account.pk) is None
    assert AccountBackend().get_user(987_654_321) is None


def test_a_session_is_loaded_until_it_ends_and_its_key_is_then_forgotten():
    session = SessionStore()
    session["word"] = "lantern"
    session.save()
    assert SessionStore(session.session_key).get("word") == "lantern"
    Session.objects.update(expire_date=timezone.now())
    for ended in (SessionStore(session.session_key), SessionStore("0" * 32)):
        assert ended.get("word") is None
        assert ended.session_key is None


def test_a_staff_session_is_the_one_that_is_open_in_this_browser(accounts, rf):
    request = rf.get("/")
    request.session, request.user = SessionStore("0" * 32), accounts[0]
    now = timezone.now()
    for browser, account, ends_at in (
        (hash_session_key("0" * 32), accounts[0], now),
        (hash_session_key("1" * 32), accounts[0], now + timedelta(minutes=5)),
        (hash_session_key("0" * 32), accounts[1], now + timedelta(minutes=5)),
    ):
        models.StaffSession.objects.create(account=account, browser=browser, ends_at=ends_at, reason="fictional")
    assert find_staff_session(request) is None
    opened = models.StaffSession.objects.create(
        account=accounts[0], browser=hash_session_key("0" * 32), ends_at=now + timedelta(minutes=5), reason="fictional"
    )
    assert find_staff_session(request) == opened
