"""“Leave this site” is always in view, and Escape closes menus without counting towards it."""

from __future__ import annotations

import pytest

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
    page = open_page(width=1280)
    page.goto(f"{demo_site}/en/countries/NO/")
    page.locator(".language-now summary").click()
    page.keyboard.press("Escape")
    assert page.locator(".language-now[open]").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert page.url.endswith("/en/countries/NO/")  # two since the menu is closed
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")


def test_escape_in_a_field_never_leaves_the_site(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/")
    page.locator("#ask").fill("shelter")
    for _press in range(4):
        page.locator("#ask").press("Escape")
    page.wait_for_timeout(100)
    assert page.url.endswith("/en/")


def test_a_rejected_form_puts_the_focus_on_the_summary_of_its_errors(demo_site, open_page):
    page = open_page(width=320)
    page.goto(f"{demo_site}/en/sign-in/")
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
    page.locator("main form button").first.click()
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.title().startswith("Error: ")


def test_what_was_typed_survives_leaving_in_a_hurry_and_is_offered_again(demo_site, open_page):
    page = open_page()
    Visitor(page, demo_site).sign_in("reader")
    page.goto(f"{demo_site}/en/profile/")
    field = page.locator("main textarea").first
    typed = "We answer the telephone at night."
    field.fill(typed)
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")
    page.goto(f"{demo_site}/en/profile/")
    assert page.locator("main textarea").first.input_value() != typed
    page.get_by_role("button", name="Restore draft").click()
    assert page.locator("main textarea").first.input_value() == typed
    page.goto(f"{demo_site}/en/profile/")
    page.get_by_role("button", name="Delete draft").click()
    page.wait_for_timeout(300)
    page.goto(f"{demo_site}/en/profile/")
    page.wait_for_timeout(300)
    assert page.get_by_role("button", name="Restore draft").count() == 0
