"""A reviewer works with single keys, and the same pages work without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.roles import Journey

FINDING = re.compile(r"/en/findings/[0-9a-f]+/")


@pytest.fixture
def reviewer(demo_site, open_page, axe):
    """Yield a reviewer on the work list; fail if a page had an axe violation or was wider than its window."""
    journey = Journey(open_page, demo_site, axe)
    visitor = journey.visitor("en")
    visitor.sign_in("reviewer")
    visitor.go("review/")
    yield visitor
    assert journey.faults() == {}


def press_key(page: Page, key: str, pattern: re.Pattern[str] | str) -> None:
    """Press a key and wait for the page that it leads to."""
    with page.expect_navigation(url=pattern):
        page.keyboard.press(key)


def state_of(page: Page) -> str | None:
    return page.locator("main header .machine-label, main article .machine-label").first.get_attribute("data-review")


def test_a_reviewer_judges_findings_with_single_keys(reviewer):
    page = reviewer.page
    reviewer.take(reviewer.main.locator("a[href*='/review/reports/']").first)
    press_key(page, "j", FINDING)  # the first finding to review
    first = page.url
    press_key(page, "j", FINDING)
    press_key(page, "k", FINDING)
    assert page.url == first
    press_key(page, "c", re.compile("reviewed="))
    reviewer.look()
    assert page.url.partition("?")[0] != first
    press_key(page, "u", first)
    assert state_of(page) == "machine"
    page.keyboard.press("r")
    page.keyboard.type("recej u")  # keys of shortcuts; the r that opened the form is not typed
    reason = reviewer.main.locator('details[data-shortcut="r"] [name="note"]')
    assert reason.input_value() == "recej u"
    assert page.url == first
    press_key(page, "Enter", re.compile("reviewed="))
    assert "rejected by a reviewer" in reviewer.main.inner_text()
    press_key(page, "u", first)
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "strength"
    page.keyboard.press("c")  # inside the select
    page.wait_for_timeout(200)
    assert page.url == first
    assert state_of(page) == "machine"


def test_shortcuts_leave_the_quick_exit_and_the_browsers_own_keys_alone(reviewer):
    page = reviewer.page
    reviewer.take(reviewer.main.locator("a[href*='/findings/']").first)
    here = page.url
    for key in ("Control+c", "Alt+c", "Shift+C", "Meta+u"):
        page.keyboard.press(key)
    page.locator("details.account summary").click()
    page.keyboard.press("c")  # in a menu
    page.wait_for_timeout(200)
    assert (page.url, state_of(page)) == (here, "machine")
    page.keyboard.press("Escape")
    page.locator("main h1").click()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.locator("main h1").click()
    page.keyboard.press("Escape")
    assert page.url == here  # another key in between: not three in a row


def test_a_sample_is_judged_and_the_rest_confirmed_without_javascript(demo_site, open_page):
    page = open_page(javascript=False)
    page.goto(f"{demo_site}/en/sign-in/")
    with page.expect_navigation():
        page.locator(".demo-accounts li", has_text="reviewer@sudmar.example").get_by_role("button").first.click()
    page.goto(f"{demo_site}/en/review/sample/?state=XC&strength=urges")
    page.get_by_role("button", name="Draw a sample").click()
    page.wait_for_url("**/review/samples/*/")
    main = page.get_by_role("main")
    while main.get_by_role("button", name="Confirm", exact=True).count():
        with page.expect_navigation(url="**reviewed=*"):
            main.get_by_role("button", name="Confirm", exact=True).first.click()
    confirm_rest = main.get_by_role("button", name=re.compile("Confirm (all|the other)"))
    if confirm_rest.count():
        confirm_rest.click()
        expect(main).to_contain_text("confirmed on")
    else:
        assert "There are no other findings to confirm." in main.inner_text()
