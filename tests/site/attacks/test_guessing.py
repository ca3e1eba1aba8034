"""Guessing is slow, costs the guesser and not the account holder, and does not reveal who has an account."""

from __future__ import annotations

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client

from samsvar.network.rights import Role
from tests.factories.people import PASSWORD, make_account


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    cache.clear()


def guess(address: str, password: str, *, network: str) -> tuple[int, str]:
    """Try once to sign in from a network address, in a new browser; return the status and the redirect."""
    answer = Client(REMOTE_ADDR=network).post("/en/sign-in/", {"login": address, "password": password})
    return answer.status_code, answer.get("Location", "")


def is_signed_in(result: tuple[int, str]) -> bool:
    return result[0] == 302


def test_one_account_is_protected_from_guesses_from_many_addresses():
    account = make_account(Role.READER)
    assert is_signed_in(guess(account.email, PASSWORD, network="192.0.2.250"))
    results = [guess(account.email, f"a wrong guess {n}", network=f"192.0.2.{n}") for n in range(1, 12)]
    assert [is_signed_in(one) for one in results] == [False] * 11
    # After five wrong passwords no one can sign in by password for a while, not even with the right one.
    assert not is_signed_in(guess(account.email, PASSWORD, network="192.0.2.99"))


def test_one_address_cannot_try_many_accounts():
    accounts = [make_account(Role.READER) for _ in range(14)]
    for account in accounts[:12]:
        guess(account.email, "a wrong guess", network="198.51.100.7")
    assert not is_signed_in(guess(accounts[13].email, PASSWORD, network="198.51.100.7"))
    assert is_signed_in(
        guess(accounts[13].email, PASSWORD, network="203.0.113.9")
    )  # the owner, on another network, is not locked out


def test_a_new_browser_or_a_forged_header_does_not_count_as_a_new_address():
    account, other = make_account(Role.READER), make_account(Role.READER)
    for n in range(12):
        Client(REMOTE_ADDR="198.51.100.7").post(
            "/en/sign-in/",
            {"login": account.email, "password": "a wrong guess"},
            headers={"x-forwarded-for": f"203.0.113.{n}", "x-real-ip": f"203.0.113.{n}", "client-ip": f"203.0.113.{n}"},
        )
    answer = Client(REMOTE_ADDR="198.51.100.7").post(
        "/en/sign-in/", {"login": other.email, "password": PASSWORD}, headers={"x-forwarded-for": "203.0.113.200"}
    )
    assert answer.status_code != 302


def test_a_successful_sign_in_elsewhere_does_not_reset_the_failed_ones():
    account, mine = make_account(Role.READER), make_account(Role.READER)
    for n in range(5):
        guess(account.email, f"a wrong guess {n}", network=f"192.0.2.{n + 1}")
    assert is_signed_in(guess(mine.email, PASSWORD, network="192.0.2.200"))
    assert not is_signed_in(guess(account.email, PASSWORD, network="192.0.2.201"))


@pytest.fixture
def password_hashes(monkeypatch):
    """Return a list with one item per hashed password: work that takes time and could reveal an account."""
    counted: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def counting(self, password, salt):
        counted.append(self.algorithm)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counting)
    return counted


def test_signing_in_does_the_same_work_whether_or_not_there_is_an_account(password_hashes):
    account, closed = make_account(Role.READER), make_account(Role.READER)
    type(closed).objects.filter(pk=closed.pk).update(is_active=False)
    without = make_account(Role.READER, password=None)  # signs in only through another service
    work = {}
    for n, address in enumerate((account.email, "nobody@network.example", closed.email, without.email)):
        password_hashes.clear()
        guess(address, "a wrong guess", network=f"192.0.2.{n + 1}")
        work[address] = len(password_hashes)
    assert work[account.email] >= 1  # there is work to compare
    assert len(set(work.values())) == 1, work


def test_signing_in_looks_the_same_whether_or_not_there_is_an_account():
    account = make_account(Role.READER)
    pages = []
    for n, address in enumerate((account.email, "nobody-here@network.example")):
        answer = Client(REMOTE_ADDR=f"192.0.2.{n + 1}").post(
            "/en/sign-in/", {"login": address, "password": "a wrong guess"}
        )
        text = answer.content.decode().replace(address, "ADDRESS")
        pages.append((answer.status_code, [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]))
    assert pages[0] == pages[1]


def test_a_password_reset_looks_the_same_whether_or_not_there_is_an_account():
    account = make_account(Role.READER)
    answers = []
    for n, address in enumerate((account.email, "nobody-here@network.example")):
        client = Client(REMOTE_ADDR=f"192.0.2.{n + 1}")
        answer = client.post("/en/password/reset/", {"email": address})
        page = client.get(answer["Location"]).content.decode().replace(address, "ADDRESS")
        answers.append((answer.status_code, answer["Location"], page))
    assert answers[0] == answers[1]
