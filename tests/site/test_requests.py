"""What a request may be: four methods, and no page does anything for another."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from samsvar.network.rights import Role
from tests.factories.people import make_account, sign_in

ODD = ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X"]


@pytest.mark.parametrize("method", ODD)
@pytest.mark.parametrize("path", ["/en/", "/robots.txt", "/fr/search/?q=shelters", "/nb/sign-in/", "/en/nowhere/"])
def test_a_method_that_no_page_knows_is_refused_as_such(db, method, path):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Allow"], answer.content) == (405, "GET, HEAD, POST, OPTIONS", b"")


def test_nothing_is_done_for_such_a_method_where_a_post_would_do_it(client, db):
    sign_in(client, make_account(Role.READER))
    assert client.generic("PUT", reverse("account_logout")).status_code == 405
    assert "_auth_user_id" in client.session
    assert client.generic("POST", reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_trace_says_nothing_back_of_what_was_sent(client, db):
    answer = client.trace("/en/", headers={"Cookie": "a=secret-of-a-cookie"})
    assert b"secret-of-a-cookie" not in answer.content
    assert "secret-of-a-cookie" not in str(dict(answer.headers))


def test_a_script_cannot_say_that_it_means_another_method(client, db):
    answer = client.get("/en/", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/en/\x00", "/en/?q=%00"])
def test_a_character_that_means_nothing_is_refused_before_any_page_reads_it(client, db, path):
    assert client.get(path).status_code == 400


def test_who_is_signed_in_is_refused_as_plainly_as_anybody(client, db, settings):
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
