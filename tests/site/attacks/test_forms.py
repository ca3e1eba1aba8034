"""Everybody looks at every page, then sends every form that was on them.

Looking changes nothing, shows nobody what is not theirs to see, and runs no script that stands in a page. A form takes
the fields that it shows and no others, and what is written into them stays text.
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
    EVERYWHERE,
    MARKER,
    PAYLOADS,
    PEOPLE,
    SECRET,
    Form,
    World,
    address_of,
    browser,
    content_of,
    dangers,
    difference,
    everything,
    forms_on,
    page_of,
    routes,
)
from tests.site.attacks.conftest import refusals_drawn_once

VISITORS = ("nobody", "owner", "member", "secretariat", "administrator", "auditor")
Rows = dict[str, list[dict[str, Any]]]
SENTENCE = "An invented reason that is long enough"
LOOKING = tuple(name for name in PEOPLE if name != "editor")  # who stands as "reader" does
ASKING = {"nobody", "owner", "secretariat", "administrator"}  # whose browsers also ask what may be asked


# --- Looking ----------------------------------------------------------------------------------------------------------


@dataclass
class Walk:
    """What one visitor saw of all pages, the forms on them, and what was another afterwards."""

    pages: int = 0
    secret: list[str] = field(default_factory=list)  # routes whose answer held what the secretariat alone may see
    inline: list[str] = field(default_factory=list)  # routes with a script in the page
    changed: dict[str, Any] = field(default_factory=dict)
    forms: dict[tuple[str, tuple[str, ...]], Form] = field(default_factory=dict)  # each once


@pytest.fixture(scope="module")
def walk_of(in_the_world: Any) -> Callable[[str], Walk]:
    """A picture on a page elsewhere can make a browser look at any address: what a visitor's has seen then."""

    @cache
    def walked(name: str) -> Walk:
        walk = Walk()
        with in_the_world() as world, transaction.atomic(), refusals_drawn_once():
            client, before = browser(world.clients[name]), everything()
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
                if name in ASKING:
                    content_of(client.options(address))
            walk.changed = difference(before, everything())
            transaction.set_rollback(True)
        return walk

    return walked


def inline_scripts(page: str) -> list[str]:
    """The scripts that stand in a page; facts for machines are none."""
    return [
        script.html or ""
        for script in LexborHTMLParser(page).css("script")
        if not script.attributes.get("src")
        and (script.attributes.get("type") or "") not in {"application/json", "application/ld+json"}
    ]


@pytest.mark.django_db
def test_looking_changes_nothing(walk_of):
    assert all(walk_of(name).pages for name in LOOKING)
    assert {name: walk_of(name).changed for name in LOOKING if walk_of(name).changed} == {}


@pytest.mark.django_db
def test_what_only_the_secretariat_may_see_stands_on_no_page_of_anybody_else(walk_of):
    shown = {name: walk_of(name).secret for name in LOOKING}
    assert shown["owner"] != []  # it is there to be shown
    assert shown["secretariat"] != []
    assert {name: where for name, where in shown.items() if where and name not in {"owner", "secretariat"}} == {}


@pytest.mark.django_db
def test_a_page_without_scripts_of_others_has_none_of_ours_inline(walk_of):
    """The policy forbids what stands in the page; this makes sure that nothing of ours needs it."""
    assert inline_scripts("<script>x()</script>") == ["<script>x()</script>"]
    assert {name: walk_of(name).inline for name in LOOKING if walk_of(name).inline} == {}


# --- What is sent beside the fields -----------------------------------------------------------------------------------


def extras(world: World, form: Form) -> dict[str, Any]:
    """What an attacker adds: every name that a column or a right of ours has, with a value that would help them."""
    ids, administrator = world.ids, str(world.accounts["administrator"].pk)
    wanted = {
        # rights
        **dict.fromkeys(("role", "roles", "grants", "groups"), "administrator"),
        **dict.fromkeys(("claim", "claims", "permissions", "user_permissions"), "give_roles"),
        **dict.fromkeys(("is_active", "is_staff", "is_superuser", "is_admin", "admin", "superuser"), "1"),
        **dict.fromkeys(("second_factor", "staff_session", "mfa", "verified", "primary"), "1"),
        # in another's name
        **dict.fromkeys(("account", "account_id", "user", "user_id", "by", "by_id", "actor", "owner"), administrator),
        **dict.fromkeys(
            ("given_by", "made_by", "handled_by", "invited_by", "uploaded_by", "recorded_by"), administrator
        ),
        **dict.fromkeys(("person", "person_id", "to", "to_id", "member"), ids["member"]),
        **dict.fromkeys(("reviewed_by", "recorded_by", "read_by"), administrator),
        # another thing
        **dict.fromkeys(("pk", "id", "report", "finding", "upload"), "1"),
        **dict.fromkeys(("slug", "network", "network_id", "networks"), "harbour"),
        **dict.fromkeys(("state", "state_id", "code"), "XB"),
        **dict.fromkeys(("public_id", "token", "token_hash", "key", "browser"), "0123456789abcdef"),
        "organisation": "lamp-house",
        "content_hash": "0" * 64,
        # wider, longer, safer than it is
        **dict.fromkeys(("visibility", "effective", "seen_as"), "public"),
        **dict.fromkeys(("at_risk", "consent", "invented", "saw"), "on"),
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


def honest(form: Form, person: dict[str, str]) -> dict[str, Any]:
    """What somebody would send who fills the form in as it asks."""
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


def effect(client: Client, form: Form, sent: dict[str, Any], before: Rows) -> tuple[int, dict[str, Any]]:
    """What one request does to the database, which stands as in `before`; undone at once."""
    with transaction.atomic():
        answer = browser(client).post(form.action, sent)
        content_of(answer)
        done = difference(before, everything())
        transaction.set_rollback(True)
    return answer.status_code, done


@pytest.fixture(scope="module", params=VISITORS)
def visitor(request) -> str:
    """Who sends forms; of the module, so that both tests of one visitor follow each other and share what they found."""
    return request.param


@pytest.fixture(scope="module")
def forms(walk_of, visitor) -> list[Form]:
    """The forms on all pages of this visitor, each once."""
    return list(walk_of(visitor).forms.values())


def test_what_a_form_does_is_the_same_whatever_is_sent_beside_its_fields(world: World, undrawn, visitor, forms):
    from tests.factories.people import PASSWORD

    client, person = world.clients[visitor], {"password": PASSWORD}
    changed, found = 0, {}
    before = everything()
    for form in forms:
        plain = effect(client, form, honest(form, person), before)
        changed += bool(plain[1])
        more = effect(client, form, {**extras(world, form), **honest(form, person)}, before)
        if plain != more:
            found[form.action] = {"alone": plain, "with more": more}
    assert found == {}
    assert len(forms) >= 2
    assert changed >= (
        0 if visitor == "nobody" else 1 if visitor == "auditor" else 3
    )  # forms were filled in well enough to do something


def test_a_choice_that_the_form_does_not_offer_is_not_taken(world: World):
    """A field of the form with a value of somebody else's."""
    owner, fields, before = world.clients["owner"], 0, everything()
    for address in ("/en/upload/", "/en/entry/", "/en/consents/"):
        page = content_of(owner.get(address)).decode()
        for form in forms_on(page, address):
            for name, kind, values in form.fields:
                if kind != "select":
                    continue
                fields += 1
                sent = {**honest(form, {"password": ""}), name: "administrator"}
                assert "administrator" not in values
                assert effect(owner, form, sent, before)[1] == {}, (address, name)
    assert fields > 3


# --- What is written into fields --------------------------------------------------------------------------------------


def filled(fields: Any, text: str) -> dict[str, Any]:
    """What a browser would send with this text in every field that takes one."""
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


def test_nothing_that_is_written_into_a_form_becomes_part_of_the_page_that_answers(world: World, visitor, forms):
    client, free = world.clients[visitor], [form for form in forms if form.free]
    found, shown = {}, 0
    for form in free:
        for text in (EVERYWHERE, PAYLOADS[0], PAYLOADS[4][:60], PAYLOADS[6]):
            with transaction.atomic():
                once = browser(client)  # what a form does to the session is undone with it
                answer = once.post(form.action, filled(form.fields, text), follow=True)
                transaction.set_rollback(True)
            page = page_of(answer)
            shown += MARKER in page
            if danger := dangers(page):
                found[form.action, text] = danger
    assert found == {}
    assert free
    assert shown
