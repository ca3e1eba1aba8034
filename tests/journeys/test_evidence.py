"""Evidence of both sides, and an organisation's own room, in a browser."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Journey, Visitor

SHELTER = "shelter@nordmark.example"
OF_THE_STATE = "All crisis centres admit women with an addiction since January 2026"
OF_THE_SHELTERS = "Women with an addiction who were turned away in March 2026"
ROOM = "Comments of the shelters on places and on who is admitted"


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def status(visitor: Visitor, path: str) -> int:
    """Return the status code of a page, by its address without the language."""
    return visitor.page.goto(f"{visitor.site}/{visitor.language}/{path}").status


@pytest.mark.parametrize("language", ["en", "nb"])
def test_both_sides_say_something_else_about_who_is_admitted_and_neither_can_remove_the_others(journey, language):
    reader, desk, shelter = journey.visitor(language), journey.visitor(language), journey.visitor(language)
    reader.go("evidence/states/XA/")
    assert reader.main.locator('.tag[data-kind="late"]').count() == 1  # the contract that has expired
    reader.take(reader.main.get_by_role("link", name=OF_THE_STATE))
    reader.take(reader.main.locator('.crumbs a[href*="/evidence/findings/"]'))
    both = reader.path
    assert reader.sees(OF_THE_STATE)
    assert reader.sees(OF_THE_SHELTERS)
    assert reader.reads(
        "Some evidence says that it is done, and some says that it is not. Read both, with their periods."
    )

    desk.become("national_desk")
    desk.go(both)
    desk.take(desk.main.get_by_role("link", name=OF_THE_SHELTERS))
    theirs = desk.path
    assert desk.main.get_by_role("button").count() == 0  # nothing to change, set aside or withdraw
    assert status(desk, f"{theirs}set-aside/") == 404

    shelter.become(SHELTER)
    shelter.go(both)
    shelter.follow("Offer evidence")
    title = f"Nights without an answer in April, in {language}"
    shelter.main.locator('[name="supports"][value="no"]').check()
    shelter.choose(kind="statistics")
    shelter.fill(title=title, begins="2026-04", ends="2026-04", link="https://fyrlys.example/april")
    shelter.press("Save evidence")
    offered = shelter.path
    assert [status(visitor, offered) for visitor in (reader, desk)] == [404, 404]
    shelter.press("Release evidence")
    assert [status(visitor, offered) for visitor in (reader, desk)] == [200, 200]
    shelter.follow("Set aside")
    shelter.fill(reason="We counted one night twice.")
    shelter.press("Set aside")
    assert shelter.sees("We counted one night twice.")
    assert status(reader, offered) == 404
    shelter.press("Withdraw evidence")
    shelter.go("evidence/")
    assert shelter.sees(title)  # its giver still sees it


@pytest.mark.parametrize("language", ["en", "ro"])
def test_an_organisation_writes_in_its_own_room_and_no_one_else_sees_it_before_it_publishes(journey, language):
    shelter, reader = journey.visitor(language), journey.visitor(language)
    shelter.become(SHELTER)
    shelter.go("rooms/")
    shelter.take(shelter.main.get_by_role("link", name=ROOM))
    room = shelter.path
    heading, text = f"A heading in {language}", f"Nobody answered on nine nights, in {language}."
    shelter.fill(heading=heading)
    shelter.press("Add section")
    section = shelter.path
    shelter.fill(text=text)
    shelter.press("Save section")
    assert shelter.reads("Section saved.")
    shelter.go(room)
    with shelter.page.expect_download() as download:
        shelter.main.get_by_role("link", name="Markdown").click()
    assert text in download.value.path().read_text(encoding="utf-8")
    shelter.take(shelter.main.locator(".lines a[href*='/sections/']").first)
    assert shelter.main.locator("blockquote.quotation").count() == 1  # the finding as printed, beside the text

    def find() -> list[str]:
        """Return who sees anything of the room: its page, its section, a search for its words."""
        seen = []
        for role in (
            "national_desk",
            "secretariat",
            "administrator",
            "auditor",
            "contributor@ostria.example",
            "reviewer",
        ):
            visitor = journey.visitor(language, looks=False)
            visitor.become(role)
            pages = [status(visitor, path) for path in (room, section)]
            visitor.page.goto(f"{visitor.site}/{language}/search/?q={heading}")
            if 200 in pages or visitor.main.get_by_text(text).count():
                seen.append(role)
            assert role not in {"national_desk", "secretariat"} or pages == [404, 404]
        return seen

    assert find() == []
    shelter.go(f"{room}publish/")
    assert status(reader, "evidence/states/XA/") == 200
    assert not reader.sees(ROOM)  # looking at what would be published publishes nothing
    shelter.press("Publish for everyone")
    assert status(reader, shelter.path) == 200
    assert reader.sees(text)
    public = shelter.path
    shelter.go(room)
    shelter.press("Withdraw publication")
    assert status(reader, public) == 404
    shelter.go(section)
    shelter.press("Delete section")
    shelter.go(room)
    assert not shelter.sees(heading)
