"""The log: one line of JSON in UTC for each security event and each failure, without personal data."""

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
def security_log():
    """Return a handler that collects the lines of the security log and parses them."""

    class Keep(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.lines: list[str] = []
            self.setFormatter(logs.JsonFormatter())

        def emit(self, record: logging.LogRecord) -> None:
            self.lines.append(self.format(record))

        def events(self, *names: str) -> list[tuple[str, ...]]:
            return [tuple(str(line.get(name, "")) for name in names) for line in map(json.loads, self.lines)]

    keep = Keep()
    logs.security_logger.addHandler(keep)
    yield keep
    logs.security_logger.removeHandler(keep)


def make_record(message: str, *, facts: dict[str, object] | None = None, error: bool = False) -> logging.LogRecord:
    made = logging.LogRecord(
        "django.request", logging.ERROR, "here.py", 1, message, (), sys.exc_info() if error else None
    )
    if facts:
        made.facts = facts
    return made


@given(st.text(), st.text())
def test_no_text_can_start_a_new_log_line(said, fact):
    line = logs.JsonFormatter().format(make_record(f"x{said}", facts={"of": fact}))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["of"] == fact


@given(st.text(alphabet="ab \n\r\t\x1b\u2028\u202e\x85\x00", max_size=20))
def test_text_from_a_visitor_stays_on_one_line_in_plain_logs_too(said):
    assert logs.PlainFormatter().format(make_record(f"x{said}", facts={"of": said})).isprintable()


def test_a_log_line_contains_the_time_in_utc_the_logger_and_the_event():
    line = json.loads(
        logs.JsonFormatter().format(make_record("Internal Server Error", facts={"account": "0123456789abcdef"}))
    )
    assert datetime.fromisoformat(line.pop("at")).utcoffset().total_seconds() == 0
    assert line == {
        "level": "ERROR",
        "log": "django.request",
        "what": "Internal Server Error",
        "account": "0123456789abcdef",
    }


def test_an_error_is_logged_in_full_without_addresses_and_tokens():
    try:
        raise ValueError("Key (email)=(ragna.fjellrev@nordmark.example) already exists")
    except ValueError:
        line = logs.JsonFormatter().format(
            make_record("Failed: /en/join/kR3f8sJq0ZtYw1uXvB7nMhLpGdCa5eQi/", error=True)
        )
    said = json.loads(line)
    assert "test_logs.py" in said["error"]  # there is a traceback
    assert "Key (email)=(‹address " in said["error"]
    assert said["what"] == "Failed: /en/join/‹token›/"
    assert "fjellrev" not in line


def test_signing_in_and_out_is_logged_with_account_and_method(security_log, client: Client, db):
    account = make_account()
    client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    client.post(reverse("account_logout"))
    assert security_log.events("what", "account", "by") == [
        ("step passed", account.public_id, "password"),
        ("signed in", account.public_id, ""),
        ("signed out", account.public_id, ""),
    ]
    assert all(said for (said,) in security_log.events("from"))
    assert account.email not in "".join(security_log.lines)


def test_a_failed_sign_in_is_logged_with_a_stable_mark_instead_of_the_typed_address(security_log, client, db):
    for typed in ("ragna@nordmark.example", "RAGNA@nordmark.example", "another@nordmark.example"):
        client.post(reverse("account_login"), {"login": typed, "password": "a guess that is wrong"})
    assert [what for (what,) in security_log.events("what")] == ["sign-in failed"] * 3
    first, second, third = (mark for (mark,) in security_log.events("typed"))
    assert first == second != third
    assert "ragna" not in "".join(security_log.lines).lower()
    assert "guess" not in "".join(security_log.lines)


def test_too_many_sign_in_attempts_are_logged(security_log, client, db):
    account = make_account()
    for _ in range(7):
        client.post(reverse("account_login"), {"login": account.email, "password": "a guess that is wrong"})
    assert 0 < [what for (what,) in security_log.events("what")].count("sign-in failed") < 7
    assert "too often" in {what for (what,) in security_log.events("what")}


def test_a_refused_page_is_logged_with_the_account_and_the_page(security_log, client, db):
    account = make_account(Role.READER)
    sign_in(client, account).get(reverse("monitoring:upload"))
    assert security_log.events("what", "account", "page")[-1] == ("refused", account.public_id, "monitoring:upload")


def test_a_missing_page_is_logged_only_for_signed_in_users(security_log, client, db):
    address = reverse("monitoring:finding", args=["0123456789abcdef"])
    client.get(address)
    assert security_log.events("what") == []
    account = make_account(Role.READER)
    sign_in(client, account)
    security_log.lines.clear()
    client.get(address)
    assert security_log.events("what", "account", "of") == [("not found", account.public_id, "0123456789abcdef")]


def test_a_form_submitted_from_another_site_is_logged(security_log, db):
    Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a", "password": "b"})
    assert [what for (what,) in security_log.events("what")] == ["cross-site form rejected"]


def test_no_query_string_and_no_cookie_is_logged(security_log, client, settings, db):
    account = make_account(Role.READER)
    sign_in(client, account)
    client.get("/en/nowhere/?q=ragna+fjellrev&token=secret-of-a-letter")
    key = client.session.session_key
    assert security_log.events("what")
    assert not {part for part in ("ragna", "secret-of-a-letter", key) if part in "".join(security_log.lines)}


def test_forwarded_addresses_are_trusted_only_from_our_own_proxies(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert logs.client_address(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert logs.client_address(request) == "203.0.113.9"


def test_only_the_network_of_an_ip_address_is_logged(security_log, client, db):
    client.post(
        reverse("account_login"), {"login": "a@nordmark.example", "password": "b" * 12}, REMOTE_ADDR="198.51.100.77"
    )
    assert security_log.events("what", "from") == [("sign-in failed", "198.51.100.0/24")]
    assert {
        given: logs.network_prefix(given) for given in ("2001:db8:1:2::7", "::ffff:198.51.100.77", "unknown", "", None)
    } == {
        "2001:db8:1:2::7": "2001:db8:1::/48",
        "::ffff:198.51.100.77": "198.51.100.0/24",
        "unknown": "",
        "": "",
        None: "",
    }


@pytest.mark.parametrize("host", ["elsewhere.example", "samsvar.example\r\nforged", "ragna@nordmark.example"])
def test_an_unknown_host_is_logged_without_repeating_it(security_log, client, settings, host, db):
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    assert client.get("/en/", HTTP_HOST="samsvar.example").status_code == 200
    assert client.get("/en/", HTTP_HOST=host).status_code == 400
    assert security_log.events("what", "status") == [("unknown host", "400")]
    assert host not in json.loads(security_log.lines[0]).values()
    assert "forged" not in security_log.lines[0]


def test_an_unknown_http_method_is_logged(security_log, client, db):
    client.generic("PROPFIND", "/en/")
    assert security_log.events("what", "method") == [("wrong method", "another")]


def test_a_row_rejected_by_the_database_is_not_logged(db):
    from django.db import DatabaseError, connection, transaction

    row = ["name", "Ragna Fjellrev\n\nof Nordmark", "secretariat"]
    sql = "INSERT INTO samsvar_network_detail (person_id, field, value, visibility) VALUES (NULL, %s, %s, %s)"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, row)
    except DatabaseError as refused:
        said = str(refused)
        line = logs.JsonFormatter().format(make_record("Internal Server Error", error=True))
    error = json.loads(line)["error"]
    if connection.vendor == "postgresql":
        assert "Ragna Fjellrev" in said  # the check is not vacuous
        assert error.count("DETAIL: ‹row›") == 2  # the driver's error, and Django's, which wraps it
    assert "Fjellrev" not in error
    assert "Nordmark" not in error
    assert "The above exception was the direct cause" in error
    assert "person_id" in error  # the cause of the error is logged


def test_logs_go_only_to_standard_error(settings):
    assert {name: handler["class"] for name, handler in settings.LOGGING["handlers"].items()} == {
        "stderr": "logging.StreamHandler"
    }
    assert settings.LOGGING["loggers"]["samsvar.security"]["level"] == "INFO"


def test_a_refusal_raised_by_a_view_is_logged_once(security_log, rf, db):
    def view(request):
        raise PermissionDenied

    from django.core.handlers.exception import convert_exception_to_response

    logs.RejectionLogMiddleware(convert_exception_to_response(view))(rf.get("/en/"))
    assert security_log.events("what", "status") == [("refused", "403")]
