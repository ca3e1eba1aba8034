"""Requests: only four methods are accepted, and all other methods have no effect."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from samsvar.network.rights import Role
from tests.factories.people import make_account, sign_in

UNSUPPORTED_METHODS = ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X"]


@pytest.mark.parametrize("method", UNSUPPORTED_METHODS)
@pytest.mark.parametrize("path", ["/en/", "/robots.txt", "/fr/search/?q=shelters", "/nb/sign-in/", "/en/nowhere/"])
def test_an_unsupported_method_is_refused_with_405(db, method, path):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Allow"], answer.content) == (405, "GET, HEAD, POST, OPTIONS", b"")


def test_an_unsupported_method_does_not_have_the_effect_of_a_post(client, db):
    sign_in(client, make_account(Role.READER))
    assert client.generic("PUT", reverse("account_logout")).status_code == 405
    assert "_auth_user_id" in client.session
    assert client.generic("POST", reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_a_browser_that_opens_the_address_of_a_button_gets_a_page_that_says_so(client, db, language):
    sign_in(client, make_account(Role.READER))
    with override(language):
        address, account = reverse("following:stop", args=[1]), reverse("network:account")
    answer = client.get(address)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert f'<li><a href="{account}">' in page
    assert client.head(address).content == b""


def test_the_page_for_the_address_of_a_button_offers_strangers_no_account(client, db):
    answer = client.get(reverse("implementation:ask-link-upload", args=["token"]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing was changed." in answer.content.decode()
    assert reverse("network:account") not in answer.content.decode().partition("<h1>")[2].partition("</ul>")[0]


def test_trace_does_not_echo_the_request(client, db):
    answer = client.trace("/en/", headers={"Cookie": "a=secret-of-a-cookie"})
    assert b"secret-of-a-cookie" not in answer.content
    assert "secret-of-a-cookie" not in str(dict(answer.headers))


def test_the_method_override_header_is_ignored(client, db):
    answer = client.get("/en/", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/en/\x00", "/en/?q=%00", "/en/search/?q=a%00b&strength=urges", "/robots.txt?%00"])
def test_a_null_character_in_the_address_gets_a_page_of_the_site_that_says_so(client, db, path):
    answer = client.get(path)
    page = answer.content.decode()
    assert (answer.status_code, "The address contains a null character" in page) == (400, True)
    assert re.search(r'<a href="/\w\w/">', page) is not None


def test_the_page_about_a_null_character_leads_to_the_page_without_it(client, db):
    page = client.get("/en/findings/?state=X%00A&body=grevio").content.decode()
    assert 'href="?state=XA&amp;body=grevio"' in page
    assert 'href="?' not in client.get("/en/\x00?q=%00").content.decode().partition("<h1>")[2].partition("</ul>")[0]


@pytest.mark.parametrize("text", ["%ED%A0%80", "%FF%FE", "%C0%80", "%EF%BF%BF", "%F4%90%80%80", "%E2%80%AE", "%1B%08"])
@pytest.mark.parametrize(
    "path", ["findings/?state=", "findings/?body=", "search/?q=", "people/?q=", "matrix/?since=", "meetings/?kind="]
)
def test_any_other_character_in_a_query_is_accepted_on_both_databases(client, db, path, text):
    assert client.get(f"/en/{path}{text}").status_code == 200


def test_signed_in_users_get_the_same_refusals_as_anyone(client, db, settings):
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    sign_in(client, make_account(Role.EDITOR))
    ours = {"HTTP_HOST": "samsvar.example"}
    assert client.get("/en/", **ours).status_code == 200
    assert [
        client.get("/en/", HTTP_HOST="elsewhere.example").status_code,
        client.get("/en/\x00", **ours).status_code,
        client.get("/en/?q=%00", **ours).status_code,
        client.post("/en/upload/", CONTENT_LENGTH=str(settings.SAMSVAR_UPLOAD_LIMIT * 2), **ours).status_code,
        client.trace("/en/", **ours).status_code,
    ] == [400, 400, 400, 413, 405]
