"""The log: a line of JSON in UTC for each event of security and each failure; nobody's text breaks it, none names."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import Role
from samsvar.site.shell import logs
from tests.factories.people import PASSWORD, make_account, sign_in


@pytest.fixture
def heard():
    """The lines that the log of security would have on standard error, read again."""

    class Keep(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.lines: list[str] = []
            self.setFormatter(logs.JsonLines())

        def emit(self, record: logging.LogRecord) -> None:
            self.lines.append(self.format(record))

        def events(self, *names: str) -> list[tuple[str, ...]]:
            return [tuple(str(line.get(name, "")) for name in names) for line in map(json.loads, self.lines)]

    keep = Keep()
    logs.security.addHandler(keep)
    yield keep
    logs.security.removeHandler(keep)


def record(message: str, *, facts: dict[str, object] | None = None, error: bool = False) -> logging.LogRecord:
    made = logging.LogRecord(
        "django.request", logging.ERROR, "here.py", 1, message, (), sys.exc_info() if error else None
    )
    if facts:
        made.facts = facts
    return made


@given(st.text(), st.text())
def test_no_text_begins_a_line_of_its_own(said, fact):
    line = logs.JsonLines().format(record(f"x{said}", facts={"of": fact}))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["of"] == fact


@given(st.text(alphabet="ab \n\r\t\x1b\u2028\u202e\x85\x00", max_size=20))
def test_on_a_terminal_too_a_visitors_text_stays_in_its_line(said):
    assert logs.Plain().format(record(f"x{said}", facts={"of": said})).isprintable()


def test_a_line_says_when_in_utc_where_and_what():
    line = json.loads(logs.JsonLines().format(record("Internal Server Error", facts={"account": "0123456789abcdef"})))
    assert datetime.fromisoformat(line.pop("at")).utcoffset().total_seconds() == 0
    assert line == {
        "level": "ERROR",
        "log": "django.request",
        "what": "Internal Server Error",
        "account": "0123456789abcdef",
    }


def test_an_error_is_told_whole_without_the_addresses_and_tokens_that_it_quotes():
    try:
        raise ValueError("Key (email)=(ragna.fjellrev@nordmark.example) already exists")
    except ValueError:
        line = logs.JsonLines().format(record("Failed: /en/join/kR3f8sJq0ZtYw1uXvB7nMhLpGdCa5eQi/", error=True))
    said = json.loads(line)
    assert "test_logs.py" in said["error"]  # there is a traceback
    assert "Key (email)=(‹address " in said["error"]
    assert said["what"] == "Failed: /en/join/‹token›/"
    assert "fjellrev" not in line


def test_signing_in_and_out_is_told_by_account_and_way(heard, client: Client, db):
    account = make_account()
    client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    client.post(reverse("account_logout"))
    assert heard.events("what", "account", "by") == [
        ("step passed", account.public_id, "password"),
        ("signed in", account.public_id, ""),
        ("signed out", account.public_id, ""),
    ]
    assert all(said for (said,) in heard.events("from"))
    assert account.email not in "".join(heard.lines)


def test_a_failed_sign_in_is_told_without_what_was_typed_and_the_same_address_has_the_same_mark(heard, client, db):
    for typed in ("ragna@nordmark.example", "RAGNA@nordmark.example", "another@nordmark.example"):
        client.post(reverse("account_login"), {"login": typed, "password": "a guess that is wrong"})
    assert [what for (what,) in heard.events("what")] == ["sign-in failed"] * 3
    first, second, third = (mark for (mark,) in heard.events("typed"))
    assert first == second != third
    assert "ragna" not in "".join(heard.lines).lower()
    assert "guess" not in "".join(heard.lines)


def test_too_many_guesses_are_told(heard, client, db):
    account = make_account()
    for _ in range(7):
        client.post(reverse("account_login"), {"login": account.email, "password": "a guess that is wrong"})
    assert 0 < [what for (what,) in heard.events("what")].count("sign-in failed") < 7
    assert "too often" in {what for (what,) in heard.events("what")}


def test_what_a_role_does_not_open_is_told_with_the_account_and_the_page(heard, client, db):
    account = make_account(Role.READER)
    sign_in(client, account).get(reverse("monitoring:upload"))
    assert heard.events("what", "account", "page")[-1] == ("refused", account.public_id, "monitoring:upload")


def test_what_is_not_there_is_told_only_of_who_is_signed_in(heard, client, db):
    address = reverse("monitoring:finding", args=["0123456789abcdef"])
    client.get(address)
    assert heard.events("what") == []
    account = make_account(Role.READER)
    sign_in(client, account)
    heard.lines.clear()
    client.get(address)
    assert heard.events("what", "account", "of") == [("not found", account.public_id, "0123456789abcdef")]


def test_a_form_of_another_site_is_told(heard, db):
    Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a", "password": "b"})
    assert [what for (what,) in heard.events("what")] == ["form of another site"]


def test_no_question_and_no_cookie_stands_in_the_log(heard, client, settings, db):
    account = make_account(Role.READER)
    sign_in(client, account)
    client.get("/en/nowhere/?q=ragna+fjellrev&token=secret-of-a-letter")
    key = client.session.session_key
    assert heard.events("what")
    assert not {part for part in ("ragna", "secret-of-a-letter", key) if part in "".join(heard.lines)}


def test_who_asks_from_where_is_not_believed_from_a_header_that_no_proxy_of_ours_set(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert logs.request_address(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert logs.request_address(request) == "203.0.113.9"


def test_a_line_says_from_which_network_and_not_whose_machine(heard, client, db):
    client.post(
        reverse("account_login"), {"login": "a@nordmark.example", "password": "b" * 12}, REMOTE_ADDR="198.51.100.77"
    )
    assert heard.events("what", "from") == [("sign-in failed", "198.51.100.0/24")]
    assert {
        given: logs.network_of(given) for given in ("2001:db8:1:2::7", "::ffff:198.51.100.77", "unknown", "", None)
    } == {
        "2001:db8:1:2::7": "2001:db8:1::/48",
        "::ffff:198.51.100.77": "198.51.100.0/24",
        "unknown": "",
        "": "",
        None: "",
    }


@pytest.mark.parametrize("host", ["elsewhere.example", "samsvar.example\r\nforged", "ragna@nordmark.example"])
def test_a_host_that_is_not_ours_is_told_and_not_repeated(heard, client, settings, host, db):
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    assert client.get("/en/", HTTP_HOST="samsvar.example").status_code == 200
    assert client.get("/en/", HTTP_HOST=host).status_code == 400
    assert heard.events("what", "status") == [("unknown host", "400")]
    assert host not in json.loads(heard.lines[0]).values()
    assert "forged" not in heard.lines[0]


def test_a_method_that_no_page_knows_is_told(heard, client, db):
    client.generic("PROPFIND", "/en/")
    assert heard.events("what", "method") == [("wrong method", "another")]


def test_the_row_that_a_database_would_not_take_stands_in_no_line(db):
    from django.db import DatabaseError, connection, transaction

    row = ["name", "Ragna Fjellrev\n\nof Nordmark", "secretariat"]
    sql = "INSERT INTO samsvar_network_detail (person_id, field, value, visibility) VALUES (NULL, %s, %s, %s)"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, row)
    except DatabaseError as refused:
        said = str(refused)
        line = logs.JsonLines().format(record("Internal Server Error", error=True))
    error = json.loads(line)["error"]
    if connection.vendor == "postgresql":
        assert "Ragna Fjellrev" in said  # there is something to leak
        assert error.count("DETAIL: ‹row›") == 2  # the driver's error, and Django's that follows from it
    assert "Fjellrev" not in error
    assert "Nordmark" not in error
    assert "The above exception was the direct cause" in error
    assert "person_id" in error  # what went wrong is told


def test_everything_goes_to_standard_error_and_nowhere_else(settings):
    assert {name: handler["class"] for name, handler in settings.LOGGING["handlers"].items()} == {
        "stderr": "logging.StreamHandler"
    }
    assert settings.LOGGING["loggers"]["samsvar.security"]["level"] == "INFO"


def test_a_refusal_that_a_view_raises_is_told_once(heard, rf, db):
    def view(request):
        raise PermissionDenied

    from django.core.handlers.exception import convert_exception_to_response

    logs.Refusals(convert_exception_to_response(view))(rf.get("/en/"))
    assert heard.events("what", "status") == [("refused", "403")]
