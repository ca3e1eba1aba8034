"""A draft and a withdrawn report are on no page and in no list, file, feed or export of those who do not work on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from samsvar.monitoring.report import Reading
from samsvar.network.rights import ROLE_CLAIMS, Role
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions import publishing
from samsvar.site.search.source import DatabaseSource
from tests.factories.attacks import World, address_of, content_of, routes
from tests.factories.reports import make_finding, make_pdf, make_reading, make_report

CANARY = "Quillhavre"
STRANGERS = ("nobody", "desk", "organiser")  # the desk is that of another state; a reader has no claim that it lacks
# the pages of people and accounts belong to apps that cannot import reports
NAMESPACES = ("files:", "funding:", "meetings:", "monitoring:", "pages:", "search:")
# every list, filter and export that a report can appear in, besides the addresses of all routes
QUERIES = (
    "/en/findings/?state=XA", "/en/findings/?article=12&body=grevio", "/en/findings/?page=2", "/en/reports/?page=1",
    "/en/matrix/?states=fictional&articles=all", "/en/articles/12/", "/en/search/?q=authorities",
    "/en/countries/XA/", "/nb/countries/XA/", "/fr/",
)  # fmt: skip


def make_canary_reading() -> Reading:
    """Return a reading that has the canary word in everything that a page could show."""
    finding = make_finding(1, articles=("7", "12"), text=f"GREVIO urges the authorities to act on {CANARY}.")
    reading = make_reading(
        [replace(finding, heading=f"{CANARY} (Article 7)", addressee=f"the {CANARY} authorities")], reference=CANARY
    )
    return replace(reading, passages=tuple(replace(one, headings=(CANARY,)) for one in reading.passages))


@pytest.fixture
def canary(world: World) -> models.Report:
    """Make a draft with a page image, to which a meeting, a session and a funded activity already refer."""
    report = make_report(
        make_pdf(CANARY), make_canary_reading(), publish=False, by=world.accounts["editor"],
        filename=f"{CANARY}.pdf", about={"title": f"A report on {CANARY}"},
    )  # fmt: skip
    world.ids |= {"report": report.public_id, "finding": report.findings.get().public_id}
    meeting = report._meta.apps.get_model("samsvar_meetings", "Meeting").objects.get(public_id="spring")
    meeting.states.get_or_create(state_id="XA")
    for kind in ("report", "finding"):
        meeting.links.create(kind=kind, key=world.ids[kind])
    return report


def addresses(world: World) -> Iterator[str]:
    for route in routes():
        # a list as PDF takes seconds to set, and lists no reports
        if route.name.startswith(NAMESPACES) and not route.pattern.endswith((".pdf", "badges/")):
            yield address_of(route, world)
    yield from QUERIES


def places_of_canary(world: World, visitor: str) -> set[str]:
    """Return the addresses at which a visitor reads the canary word, or is served the file or a page of the report."""
    found, ids = set(), (world.ids["report"], world.ids["finding"])
    for address in addresses(world):
        answer = world.clients[visitor].get(address)
        content = content_of(answer)
        named = any(
            id_ in content.decode(errors="replace") for id_ in ids if id_ not in address and "/manage/" not in address
        )
        served = answer.status_code == 200 and address.startswith(f"/reports/{world.ids['report']}/")
        if served or named or CANARY.encode() in content:
            found.add(address)
    return found


def is_indexed() -> bool:
    source = DatabaseSource()
    return any(CANARY in item.text for group in source.groups(source.fingerprints()) for item in group.items)


def test_only_the_editor_sees_a_draft_and_everyone_what_is_published(world: World, canary: models.Report):
    """Takes seconds: it opens every address as every kind of stranger."""
    assert ROLE_CLAIMS[Role.READER] < ROLE_CLAIMS[Role.NATIONAL_DESK]
    for visitor in STRANGERS:
        assert places_of_canary(world, visitor) == set(), visitor
    assert not is_indexed()
    assert f"/en/reports/{canary.public_id}/" in places_of_canary(world, "editor")

    publishing.make_public(report=canary, by=world.accounts["editor"])
    finding = world.ids["finding"]
    shown = places_of_canary(world, "nobody")
    assert shown >= {
        "/en/", "/en/reports/", "/en/findings/", "/en/countries/XA/", "/en/articles/7/", "/en/articles/12/",
        "/en/meetings/spring/", f"/en/findings/{finding}/", f"/findings/{finding}/cite.bib",
        f"/en/reports/{canary.public_id}/", f"/en/reports/{canary.public_id}/text/",
        f"/reports/{canary.public_id}/file", f"/reports/{canary.public_id}/pages/1.png",
    }  # fmt: skip
    assert is_indexed()

    publishing.withdraw_report(report=canary, by=world.accounts["editor"], reason="the file of another report")
    assert places_of_canary(world, "nobody") == set()
    assert not is_indexed()
