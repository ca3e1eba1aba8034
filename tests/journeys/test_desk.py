"""The desk of Nordmark handles findings with single keys or with forms, and publishes a measure."""

from __future__ import annotations

import re

import pytest

from tests.journeys.roles import Journey, Visitor

KEYS_PER_FINDING = 5  # besides the words of reasons: 70 findings in half an hour leave 25 seconds for each
TRIAGE = re.compile(r"/desk/findings/")


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


class Keyboard:
    """The keyboard of a visitor on the list of findings; it counts the keys, but not the words typed into fields."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.keys = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.visitor.page.keyboard.press(key)
        self.keys += len(keys)

    def decide(self, *keys: str, words: str = "") -> None:
        """Press keys, type the words into the field that has the focus, and send them with Enter."""
        self.press(*keys)
        if words:
            self.visitor.page.keyboard.type(words)
        with self.visitor.page.expect_navigation(url=TRIAGE):
            self.press("Enter")


def count_items(visitor: Visitor) -> int:
    return visitor.main.locator("[data-item]").count()


def test_a_desk_handles_every_finding_with_single_keys(journey):
    visitor = journey.visitor("en")
    visitor.become("national_desk")
    visitor.go("")
    visitor.take(visitor.main.get_by_role("link", name="Desk of Nordmark"))
    visitor.follow("Handle findings")
    before = count_items(visitor)
    assert before >= 10
    keyboard = Keyboard(visitor)
    keyboard.decide("x", "j", "x", "g", words="Rights of victims")  # a cluster of the first two
    assert visitor.sees("Rights of victims (2)")
    visitor.look()
    keyboard.decide("m", words="1.2")  # the first item, which is now the cluster
    keyboard.decide("n", words="The counties decide, and report on it")
    keyboard.decide("p", words="It is done already")
    keyboard.decide("a", words="Ministry of Justice of Nordmark")
    decisions = 5
    while count_items(visitor) > 2:
        keyboard.decide("j", "k", "a")  # the body assigned last is offered again
        decisions += 1
    keyboard.decide("x", "j", "x", "a")
    decisions += 1
    assert visitor.reads("There are no findings to show.")
    assert keyboard.keys <= KEYS_PER_FINDING * before
    visitor.go("countries/XA/desk/")
    assert visitor.reads("Every finding has been handled.")
    visitor.follow("Handle findings")
    for _ in range(decisions):
        with visitor.page.expect_navigation(url=TRIAGE):
            visitor.page.keyboard.press("u")
    assert count_items(visitor) == before


def test_keys_in_a_field_are_typed_and_nothing_is_set_aside_without_a_reason(journey):
    visitor = journey.visitor("fr", looks=False)
    visitor.become("national_desk")
    visitor.go("countries/XA/desk/findings/")
    before = count_items(visitor)
    keyboard = Keyboard(visitor)
    keyboard.press("n")
    visitor.page.keyboard.type("jkxamnpgsu")
    field = visitor.main.locator('[name="not_for_us-reason"]')
    assert field.input_value() == "jkxamnpgsu"
    field.fill("")
    with visitor.page.expect_navigation(url=TRIAGE):
        visitor.page.keyboard.press("Enter")
    assert visitor.reads("Nothing is set aside without a reason: write in one sentence why.")
    assert count_items(visitor) == before
    visitor.page.keyboard.press("Escape")


def test_the_same_decisions_without_javascript(journey):
    visitor = journey.visitor("fr", javascript=False)
    visitor.become("national_desk")
    visitor.go("countries/XA/desk/findings/")
    before = count_items(visitor)
    decision = visitor.main.locator("details", has=visitor.page.locator('[value="no_measure"]'))
    visitor.press("Save reason", within=open_decision(decision))
    assert visitor.reads("Select at least one finding.")
    visitor.main.locator("[data-item] input").first.check()
    decision = visitor.main.locator("details", has=visitor.page.locator('[value="no_measure"]'))
    visitor.fill(**{"no_measure-reason": "La loi le prévoit déjà"})
    visitor.press("Save reason", within=decision)
    assert count_items(visitor) == before - 1
    visitor.press("Undo your last decision")
    assert count_items(visitor) == before


def open_decision(decision):
    decision.locator("summary").click()
    return decision


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_measure_is_added_linked_and_published(journey, language):
    visitor = journey.visitor(language)
    visitor.become("national_desk")
    title = f"A lantern in every courtroom ({language})"
    visitor.go("countries/XA/measures/")
    visitor.follow("Add a measure")
    visitor.fill(title=title, due="2027-05", lead_name="Courts of Nordmark")
    visitor.press("Save measure")
    measure = visitor.path
    reader = journey.visitor(language, looks=False)
    reader.page.goto(f"{reader.site}/{language}/{measure}")
    assert not reader.sees(title)
    visitor.follow("Link findings")
    visitor.main.locator('[name="findings"]').first.check()
    visitor.press("Link findings")
    assert visitor.main.locator(".finding").count() == 1
    visibility = visitor.main.locator("details", has=visitor.page.locator('[name="visibility"]'))
    visibility.locator("summary").click()
    visibility.locator('[value="public"]').check()
    visitor.press("Save visibility", within=visibility)
    reader.go(measure)
    assert reader.sees(title)
    visitor.take(visitor.main.get_by_role("link", name=visitor.say("Change link")).first)
    end = visitor.main.locator("form", has=visitor.page.locator("#end-reason"))
    end.locator("textarea").fill("Only for this journey")
    visitor.press("End link", within=end)
    assert visitor.main.locator(".finding").count() == 0
