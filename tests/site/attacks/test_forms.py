"""Every visitor opens every page, then sends every form found there.

Opening pages changes nothing, shows no one what they may not see, and runs no inline script. A form accepts the
fields that it shows and no others, and text written into them stays text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from tests.factories.attacks import (
    MARKER,
    PAYLOADS,
    PEOPLE,
    POLYGLOT_PAYLOAD,
    SECRET,
    Form,
    World,
    address_of,
    content_of,
    database_snapshot,
    find_injections,
    forms_on,
    html_of,
    make_browser,
    routes,
    snapshot_difference,
)
from tests.site.attacks.conftest import render_403_once

VISITORS = ("nobody", "owner", "member", "secretariat", "administrator", "auditor")
Rows = dict[str, list[dict[str, Any]]]
SENTENCE = "A fictional reason that is long enough"
CRAWLERS = tuple(name for name in PEOPLE if name != "editor")  # "reader" represents it here
SEND_OPTIONS = {"nobody", "owner", "secretariat", "administrator"}  # whose browsers also send OPTIONS requests


# --- Pages -----------------------------------------------------------------------------------------------------------


@dataclass
class Crawl:
    """What one visitor saw on all pages, the forms on them, and what had changed afterwards."""

    pages: int = 0
    secret: list[str] = field(default_factory=list)  # routes whose response held what only the secretariat may see
    inline: list[str] = field(default_factory=list)  # routes with an inline script
    changed: dict[str, Any] = field(default_factory=dict)
    forms: dict[tuple[str, tuple[str, ...]], Form] = field(default_factory=dict)  # without duplicates


@pytest.fixture(scope="module")
def crawl_as(open_module_world: Any) -> Callable[[str], Crawl]:
    """Return a function that opens every page as a visitor and returns what happened.

    An image on another site can make a browser open any address.
    """

    @cache
    def walked(name: str) -> Crawl:
        walk = Crawl()
        with open_module_world() as world, transaction.atomic(), render_403_once():
            client, before = make_browser(world.clients[name]), database_snapshot()
            for route in routes():
                address = address_of(route, world)
                answer = client.get(address)
                content = content_of(answer)
                if SECRET.encode() in content:
                    walk.secret.append(route.name)
                if answer.get("Content-Type", "").startswith(("text/html", "image/svg")):
                    walk.pages += 1
                    page = content.decode()
                    walk.inline += [route.name for _ in inline_scripts(page)]
                    for form in forms_on(page, address):
                        walk.forms.setdefault((form.action, tuple(sorted(form.names))), form)
                if name in SEND_OPTIONS:
                    content_of(client.options(address))
            walk.changed = snapshot_difference(before, database_snapshot())
            transaction.set_rollback(True)
        return walk

    return walked


def inline_scripts(page: str) -> list[str]:
    """Return the inline scripts of a page; embedded JSON does not count."""
    return [
        script.html or ""
        for script in LexborHTMLParser(page).css("script")
        if not script.attributes.get("src")
        and (script.attributes.get("type") or "") not in {"application/json", "application/ld+json"}
    ]


@pytest.fixture(scope="module")
def visitor(request) -> str:
    """Return who opens pages and sends forms; module-scoped, so that the tests of one visitor share one crawl."""
    return request.param


as_each = pytest.mark.parametrize("visitor", CRAWLERS, indirect=True, scope="module")
as_senders = pytest.mark.parametrize("visitor", VISITORS, indirect=True, scope="module")


@as_each
@pytest.mark.django_db
def test_opening_pages_changes_nothing(crawl_as, visitor):
    assert crawl_as(visitor).pages
    assert crawl_as(visitor).changed == {}


@as_each
@pytest.mark.django_db
def test_what_only_the_secretariat_may_see_is_on_no_page_of_anyone_else(crawl_as, visitor):
    assert bool(crawl_as(visitor).secret) == (visitor in {"owner", "secretariat"}), crawl_as(visitor).secret


@as_each
@pytest.mark.django_db
def test_no_page_has_an_inline_script(crawl_as, visitor):
    """Check that none of our pages needs the inline scripts that the security policy forbids."""
    assert inline_scripts("<script>x()</script>") == ["<script>x()</script>"]
    assert crawl_as(visitor).inline == []


# --- Extra fields -----------------------------------------------------------------------------------------------------


def extra_fields(world: World, form: Form) -> dict[str, Any]:
    """Return what an attacker would add: each name of a column or permission of ours, with a helpful value."""
    ids, administrator = world.ids, str(world.accounts["administrator"].pk)
    wanted = {
        # permissions
        **dict.fromkeys(("role", "roles", "grants", "groups"), "administrator"),
        **dict.fromkeys(("claim", "claims", "permissions", "user_permissions"), "give_roles"),
        **dict.fromkeys(("is_active", "is_staff", "is_superuser", "is_admin", "admin", "superuser"), "1"),
        **dict.fromkeys(("second_factor", "staff_session", "mfa", "verified", "primary"), "1"),
        # in someone else's name
        **dict.fromkeys(("account", "account_id", "user", "user_id", "by", "by_id", "actor", "owner"), administrator),
        **dict.fromkeys(
            ("given_by", "made_by", "handled_by", "invited_by", "uploaded_by", "recorded_by"), administrator
        ),
        **dict.fromkeys(("person", "person_id", "to", "to_id", "member"), ids["member"]),
        **dict.fromkeys(("reviewed_by", "recorded_by", "read_by"), administrator),
        # another object
        **dict.fromkeys(("pk", "id", "report", "finding", "upload"), "1"),
        **dict.fromkeys(("slug", "network", "network_id", "networks"), "harbour"),
        **dict.fromkeys(("state", "state_id", "code"), "XB"),
        **dict.fromkeys(("public_id", "token", "token_hash", "key", "browser"), "0123456789abcdef"),
        "organisation": "lamp-house",
        "content_hash": "0" * 64,
        # more visible, longer or safer than it is
        **dict.fromkeys(("visibility", "effective", "seen_as"), "public"),
        **dict.fromkeys(("at_risk", "consent", "fictional", "saw"), "on"),
        **dict.fromkeys(("expires_at", "ends_at", "until", "ends", "keep_until"), "2099-01-01"),
        **dict.fromkeys(("since", "begins", "at", "erased_at", "joined_at", "last_login", "closed_at"), "2000-01-01"),
        **dict.fromkeys(("verb", "subject", "why", "note", "source", "pseudonym", "text_version"), "not asked for"),
        "purpose": "public_entry",
        "ground": "public_task",
        "office": "chair",
        "email": "evil@evil.example",
        "minutes": "9999",
        "progress": "done",
        "side": "member",
        "review": "confirmed",
        "origin": "catalogue",
        "confidence": "confirmed",
        "_method": "DELETE",
    }
    return {name: value for name, value in wanted.items() if name not in form.names}


def intended_data(form: Form, person: dict[str, str]) -> dict[str, Any]:
    """Return what someone who fills in the form as intended would send."""
    sent: dict[str, Any] = {}
    for name, kind, values in form.fields:
        match kind:
            case "select":
                sent.setdefault(name, next((value for value in values if value), ""))
            case "hidden" | "submit" | "radio":
                sent.setdefault(name, values[0])
            case "checkbox":
                sent.setdefault(name, values[0] or "on")
            case "date":
                sent[name] = "2031-01-01"
            case "email":
                sent[name] = "somebody-new@network.example"
            case "password":
                sent[name] = person["password"]
            case "number":
                sent[name] = "7"
            case "file":
                sent[name] = SimpleUploadedFile("report.txt", b"1. GREVIO urges the authorities to act.")
            case "url":
                sent[name] = "https://network.example/"
            case _:
                sent[name] = values[0] or SENTENCE
    return sent


def effect_of(client: Client, form: Form, sent: dict[str, Any], before: Rows) -> tuple[int, dict[str, Any]]:
    """Return the status of one request and its changes to the database compared with `before`; undo it."""
    with transaction.atomic():
        answer = make_browser(client).post(form.action, sent)
        content_of(answer)
        done = snapshot_difference(before, database_snapshot())
        transaction.set_rollback(True)
    return answer.status_code, done


@pytest.fixture(scope="module")
def forms(crawl_as, visitor) -> list[Form]:
    """Return the forms on all pages of this visitor, without duplicates."""
    return list(crawl_as(visitor).forms.values())


@as_senders
def test_extra_fields_do_not_change_what_a_form_does(world: World, without_rendering, visitor, forms):
    from tests.factories.people import PASSWORD

    client, person = world.clients[visitor], {"password": PASSWORD}
    changed, found = 0, {}
    before = database_snapshot()
    for form in forms:
        plain = effect_of(client, form, intended_data(form, person), before)
        changed += bool(plain[1])
        more = effect_of(client, form, {**extra_fields(world, form), **intended_data(form, person)}, before)
        if plain != more:
            found[form.action] = {"alone": plain, "with more": more}
    assert found == {}
    assert len(forms) >= 2
    assert changed >= (
        0 if visitor == "nobody" else 1 if visitor == "auditor" else 3
    )  # the forms were filled in well enough to do something


def test_an_option_that_the_form_does_not_offer_is_not_accepted(world: World):
    """Send an option that the select field does not contain."""
    owner, fields, before = world.clients["owner"], 0, database_snapshot()
    for address in ("/en/upload/", "/en/profile/", "/en/consents/"):
        page = content_of(owner.get(address)).decode()
        for form in forms_on(page, address):
            for name, kind, values in form.fields:
                if kind != "select":
                    continue
                fields += 1
                sent = {**intended_data(form, {"password": ""}), name: "administrator"}
                assert "administrator" not in values
                assert effect_of(owner, form, sent, before)[1] == {}, (address, name)
    assert fields > 3


# --- Text written into fields -----------------------------------------------------------------------------------------


def filled_with(fields: Any, text: str) -> dict[str, Any]:
    """Return what a browser would send with this text in every field that takes text."""
    sent: dict[str, Any] = {}
    for name, kind, values in fields:
        match kind:
            case "select":
                sent.setdefault(name, next((value for value in values if value), ""))
            case "hidden" | "checkbox" | "radio" | "submit":
                sent.setdefault(name, values[0])
            case "date":
                sent[name] = "2030-01-01"
            case "number":
                sent[name] = "1"
            case "file":
                sent[name] = SimpleUploadedFile(f"{text[:80]}.pdf", text.encode(), content_type="text/html")
            case _:
                sent[name] = text
    return sent


@as_senders
def test_text_written_into_a_form_never_becomes_markup_on_the_next_page(world: World, visitor, forms):
    client, free = world.clients[visitor], [form for form in forms if form.free]
    found, shown = {}, 0
    for form in free:
        # one for every kind of place, and a short one for fields of few characters; stored text meets all of them above
        for text in (POLYGLOT_PAYLOAD, PAYLOADS[4][:60]):
            with transaction.atomic():
                once = make_browser(client)  # what a form does to the session is undone as well
                answer = once.post(form.action, filled_with(form.fields, text), follow=True)
                transaction.set_rollback(True)
            page = html_of(answer)
            shown += MARKER in page
            if danger := find_injections(page):
                found[form.action, text] = danger
    assert found == {}
    assert free
    assert shown
