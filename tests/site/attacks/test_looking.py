"""Looking at any page changes nothing, shows nobody what is not theirs to see, and runs no script that stands in it.

Everybody looks at every page once; each test asks something else of what they saw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from selectolax.lexbor import LexborHTMLParser

from tests.factories.attacks import (
    PEOPLE,
    SECRET,
    address_of,
    content_of,
    difference,
    everything,
    routes,
)
from tests.site.attacks.conftest import refusals_drawn_once

pytestmark = pytest.mark.django_db  # within the world's own transaction

VISITORS = tuple(name for name in PEOPLE if name not in {"editor", "member"})  # they stand as "reader" and "fellow" do
ASKING = {"nobody", "owner", "secretariat", "administrator"}  # whose browsers also ask what may be asked


@dataclass
class Walk:
    """What one visitor saw of all pages, and what was another afterwards."""

    pages: int = 0
    secret: list[str] = field(default_factory=list)  # routes whose answer held what the secretariat alone may see
    inline: list[str] = field(default_factory=list)  # routes with a script in the page
    changed: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def walks(in_the_world) -> dict[str, Walk]:
    """A picture on a page elsewhere can make a browser look at any address; by visitor."""
    walks = {name: Walk() for name in VISITORS}
    with in_the_world() as world, transaction.atomic(), refusals_drawn_once():
        before = everything()
        for name, walk in walks.items():
            client = world.clients[name]
            for route in routes():
                address = address_of(route, world)
                answer = client.get(address)
                content = content_of(answer)
                if SECRET.encode() in content:
                    walk.secret.append(route.name)
                if answer.get("Content-Type", "").startswith(("text/html", "image/svg")):
                    walk.pages += 1
                    walk.inline += [route.name for _ in inline_scripts(content.decode())]
                if name in ASKING:
                    content_of(client.options(address))
            walk.changed = difference(before, after := everything())
            before = after
        transaction.set_rollback(True)
    return walks


def inline_scripts(page: str) -> list[str]:
    """The scripts that stand in a page; facts for machines are none."""
    return [
        script.html or ""
        for script in LexborHTMLParser(page).css("script")
        if not script.attributes.get("src")
        and (script.attributes.get("type") or "") not in {"application/json", "application/ld+json"}
    ]


def test_looking_changes_nothing(walks):
    assert all(walk.pages for walk in walks.values())
    assert {name: walk.changed for name, walk in walks.items() if walk.changed} == {}


def test_what_only_the_secretariat_may_see_stands_on_no_page_of_anybody_else(walks):
    shown = {name: walk.secret for name, walk in walks.items()}
    assert shown["owner"] != []  # it is there to be shown
    assert shown["secretariat"] != []
    assert {name: where for name, where in shown.items() if where and name not in {"owner", "secretariat"}} == {}


def test_a_page_without_scripts_of_others_has_none_of_ours_inline(walks):
    """The policy forbids what stands in the page; this makes sure that nothing of ours needs it."""
    assert inline_scripts("<script>x()</script>") == ["<script>x()</script>"]
    assert {name: walk.inline for name, walk in walks.items() if walk.inline} == {}
