"""The root URL follows the browser's language, robots.txt excludes search pages, and signing in and out works."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories.people import make_account


@pytest.mark.parametrize(
    ("browser", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        ("no", "nb"),
        ("nn-NO,nb;q=0.8", "nb"),
        ("ro-MD", "ro"),
        ("mo", "ro"),
        ("de,nb;q=0.3,fr;q=0.2", "nb"),
        ("en;q=0.1, fr;q=0.9", "fr"),
        ("tr", "en"),
        ("*", "en"),
        ("", "en"),
        ("x" * 10_000, "en"),
        (";q=,,;", "en"),
    ],
)
def test_the_root_url_redirects_to_the_preferred_supported_language(client, db, browser, language):
    answer = client.get("/", headers={"Accept-Language": browser})
    assert (answer.status_code, answer["Location"]) == (302, f"/{language}/")
    assert "Accept-Language" in answer["Vary"]


def test_robots_are_kept_out_of_the_search_pages(client, db):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert len([line for line in lines if line.endswith("/search/")]) == 4
    assert not any("countries" in line for line in lines)


def test_sign_in_returns_to_the_requested_page_but_never_to_another_site(client, db):
    make_account(email="somebody@network.example")
    said = {"login": "somebody@network.example", "password": "a long and quiet street"}
    address = reverse("account_login")
    assert client.post(address, {**said, "next": "/nb/findings/"})["Location"] == "/nb/findings/"
    client.post(reverse("account_logout"))
    assert client.post(address, {**said, "next": "https://elsewhere.example/"})["Location"] == reverse("pages:home")


def test_a_wrong_password_is_reported_and_does_not_sign_in(client, db):
    make_account(email="somebody@network.example")
    answer = client.post(reverse("account_login"), {"login": "somebody@network.example", "password": "a guess"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert "correct" in answer.content.decode()


def test_signing_out_requires_a_form_and_not_a_link(client, db):
    client.force_login(make_account())
    assert client.get(reverse("account_logout")).status_code == 200  # a confirmation page
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_other_sites_do_not_learn_which_page_a_reader_came_from(client, db):
    answer = client.get("/en/sign-in/")
    assert answer["Referrer-Policy"] == "same-origin"  # "no-referrer" would send `Origin: null`, which forms refuse
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
