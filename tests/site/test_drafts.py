"""Drafts of forms: kept for their author, out of the browser, until the form is accepted."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from samsvar.site.network.drafts.actions import MAX_DRAFTS, save_draft
from samsvar.site.network.drafts.middleware import DraftMiddleware
from samsvar.site.network.models import FormDraft
from tests.factories.people import make_account, sign_in

PAGE = "/en/profile/"


@pytest.fixture
def author(db) -> Client:
    return sign_in(Client(), make_account(email="author@network.example"))


def save(client: Client, page: str = PAGE, form: str = "0", **fields: object) -> int:
    body = {"page": page, "form": form, "fields_typed": json.dumps(fields)}
    return client.post(reverse("network:form-drafts"), body).status_code


def drafts_of(client: Client, page: str = PAGE) -> dict[str, object]:
    answer = client.get(reverse("network:form-drafts"), {"page": page})
    assert "no-store" in answer["Cache-Control"]
    return {draft["form"]: draft["fields"] for draft in answer.json()["drafts"]}


def test_what_was_typed_is_returned_to_its_author_only(author):
    assert save(author, about=["Half a sen"]) == 204
    assert save(author, about=["Half a sentence"], topics=["25", "20"]) == 204
    assert drafts_of(author) == {"0": {"about": ["Half a sentence"], "topics": ["25", "20"]}}
    assert drafts_of(author, page="/en/account/") == {}
    assert drafts_of(sign_in(Client(), make_account(email="other@network.example"))) == {}
    assert Client().get(reverse("network:form-drafts")).status_code in (302, 403)
    assert save(Client(), about=["a stranger"]) in (302, 403)
    assert FormDraft.objects.count() == 1


def test_a_draft_is_deleted_on_request(author):
    save(author, about=["one"])
    save(author, form="1", note=["two"])
    assert author.post(reverse("network:form-drafts"), {"page": PAGE, "form": "1"}).status_code == 204
    assert list(drafts_of(author)) == ["0"]


@pytest.mark.parametrize(
    ("status", "path", "referer", "remains"),
    [
        (302, PAGE, "", False),
        (303, "/en/another/address/", f"https://samsvar.example{PAGE}?page=2", False),
        (302, "/en/another/address/", "", True),
        (422, PAGE, "", True),
        (409, PAGE, f"https://samsvar.example{PAGE}", True),
    ],
)
def test_a_draft_is_deleted_once_its_form_is_accepted(db, rf, status, path, referer, remains):
    account = make_account(email="author@network.example")
    save_draft(by=account, page=PAGE, form="0", fields={"about": ["text"]})
    request = rf.post(path, headers={"referer": referer} if referer else {})
    request.user = account
    DraftMiddleware(lambda _request: HttpResponse(status=status))(request)
    assert FormDraft.objects.exists() is remains


@pytest.mark.parametrize(
    ("page", "form", "typed"),
    [
        ("https://elsewhere.example/", "0", {}),
        ("//elsewhere?x", "0", {}),
        ("/en/no/such/page/", "0", {}),
        ("/en/meetings/oslo-2027/registration/a-secret-token/", "0", {"about": ["text"]}),
        ("/en/", "x", {}),
        ("/en/", "0", []),
        ("/en/", "0", {"about": "text"}),
        ("/en/", "0", {"about": [1]}),
        ("/en/", "0", {"about": ["x" * 100_001]}),
    ],
)
def test_what_is_no_draft_is_not_saved(author, page, form, typed):
    body = {"page": page, "form": form, "fields_typed": json.dumps(typed)}
    assert author.post(reverse("network:form-drafts"), body).status_code == 422
    assert not FormDraft.objects.exists()


def test_an_account_has_a_bounded_number_of_drafts(author):
    for number in range(MAX_DRAFTS + 2):
        save(author, page=f"/en/articles/{number + 1}/", about=["text"])
    assert FormDraft.objects.count() == MAX_DRAFTS
    assert drafts_of(author, page="/en/articles/1/") == {}
