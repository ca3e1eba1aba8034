"""The list of sessions shows where each one is used; it is updated on changes and every few minutes."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    client = sign_in(Client(HTTP_USER_AGENT="A fictional browser"), make_account())
    client.get(reverse("pages:home"))
    return client


def session_updates(client: Client, **environ: str) -> list[str]:
    """Return the updates of the session list that opening a page causes."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(reverse("pages:home"), **environ)
    return [query["sql"] for query in asked if "UPDATE" in query["sql"] and "usersession" in query["sql"]]


def test_a_session_in_use_is_recorded_every_five_minutes_and_not_at_every_request(browser):
    noted = UserSession.objects.get()
    assert session_updates(browser) == []
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=4, seconds=30))
    assert session_updates(browser) == []
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=5, seconds=1))
    assert len(session_updates(browser)) == 1
    assert session_updates(browser) == []
    assert UserSession.objects.get().last_seen_at >= noted.last_seen_at


@pytest.mark.parametrize(
    "elsewhere", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_USER_AGENT": "Another browser"}], ids=["place", "program"]
)
def test_a_session_that_moves_is_recorded_and_logged_at_once(browser, caplog, elsewhere):
    caplog.set_level(logging.INFO, "samsvar.security")
    assert len(session_updates(browser, **elsewhere)) == 1
    noted = UserSession.objects.get()
    assert (noted.ip, noted.user_agent) in {("192.0.2.7", "A fictional browser"), ("127.0.0.1", "Another browser")}
    assert [one.getMessage() for one in caplog.records if one.name == "samsvar.security"] == ["session moved"]


def test_a_session_removed_from_the_list_reappears_when_it_is_used(browser):
    UserSession.objects.all().delete()
    browser.get(reverse("pages:home"))
    assert UserSession.objects.count() == 1
