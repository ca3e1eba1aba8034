"""“Leave this site” is always in view, and Escape closes menus without counting towards it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.roles import Visitor


@pytest.mark.parametrize("width", [320, 900])
def test_the_open_menu_does_not_cover_leave_this_site(demo_site, open_page, width):
    page = open_page(width=width, height=600)
    page.goto(f"{demo_site}/fr/")
    page.click(".menu-button")
    menu, leave = page.locator("#site-nav").bounding_box(), page.locator(".site-head .leave").bounding_box()
    assert menu["y"] >= leave["y"] + leave["height"] or menu["y"] + menu["height"] <= leave["y"]
    assert menu["y"] + menu["height"] <= 600


@pytest.mark.parametrize("size", [(1280, 800), (800, 600), (390, 800), (320, 568), (320, 200), (1280, 300)])
def test_leave_this_site_is_in_view_wherever_the_page_is_scrolled(demo_site, open_page, size):
    width, height = size
    page = open_page(width=width, height=height)
    page.goto(f"{demo_site}/en/countries/XA/")
    for scroll in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {scroll})")
        leave = page.locator(".leave").bounding_box()
        assert leave["y"] >= 0, scroll
        assert leave["y"] + leave["height"] <= height, scroll
        middle = [leave["x"] + leave["width"] / 2, leave["y"] + leave["height"] / 2]
        assert page.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.leave')", middle), scroll


def test_leave_this_site_has_a_border_in_forced_colours(demo_site, open_page):
    page = open_page()
    page.emulate_media(forced_colors="active")
    page.goto(f"{demo_site}/en/")
    border = page.evaluate("getComputedStyle(document.querySelector('.leave')).borderTopStyle")
    assert border == "solid"


def test_escape_closes_a_menu_and_does_not_count(demo_site, open_page):
    page = open_page(width=1280, leaves=True)
    page.goto(f"{demo_site}/en/countries/NO/")
    page.locator(".language-now summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(".language-now[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator("main").count() == 1  # two since the menu is closed; leaving empties the page at once
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")


def test_escape_in_a_field_never_leaves_the_site(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/")
    page.locator("#ask").fill("shelter")
    for _press in range(4):
        page.locator("#ask").press("Escape")
    assert page.locator("main").count() == 1  # leaving empties the page at once


def test_a_rejected_form_puts_the_focus_on_the_summary_of_its_errors(demo_site, open_page):
    page = open_page(width=320)
    page.goto(f"{demo_site}/en/sign-in/")
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
    page.locator("main form button").first.click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))


def offered_drafts(page, address: str) -> list[dict[str, object]]:
    """Open a page, and return the drafts that its script gets from the site."""
    with page.expect_response(lambda answer: "/account/drafts/?page=" in answer.url) as answer:
        page.goto(address)
    return answer.value.json()["drafts"]


def test_what_was_typed_survives_leaving_in_a_hurry_and_is_offered_again(demo_site, open_page):
    page = open_page(leaves=True)
    Visitor(page, demo_site).sign_in("reader")
    profile = f"{demo_site}/en/profile/"
    page.goto(profile)
    field = page.locator("main textarea").first
    typed = "We answer the telephone at night."
    field.fill(typed)
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")
    assert any(offered_drafts(page, profile) for _attempt in range(50))  # it is sent while the neutral page opens
    assert field.input_value() != typed
    page.get_by_role("button", name="Restore draft").click()
    expect(field).to_have_value(typed)
    page.goto(profile)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Delete draft").click()
    assert offered_drafts(page, profile) == []
