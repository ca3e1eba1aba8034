"""The page header in every interface language: “Leave this site” stays on its first line."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.roles import Visitor

MEASURE_LEAVE_LINK = """() => {
  const head = document.querySelector(".site-head > .page").getBoundingClientRect();
  const brand = document.querySelector(".brand").getBoundingClientRect();
  const leave = document.querySelector(".leave").getBoundingClientRect();
  if (getComputedStyle(document.querySelector(".leave")).position === "fixed") {
    const inside = leave.left >= 0 && leave.right <= innerWidth;
    return { lines: 1, inside, wide: document.documentElement.scrollWidth > innerWidth };
  }
  return {
    lines: leave.top < brand.bottom && leave.bottom > brand.top ? 1 : 2,
    inside: leave.left >= head.left && leave.right <= head.right,
    wide: document.documentElement.scrollWidth > innerWidth,
  };
}"""
ON_FIRST_LINE = {"lines": 1, "inside": True, "wide": False}
WIDTHS = (320, 800, 1100, 1231, 1232, 1280, 1600)  # 1232 is where the menu becomes a row


def leave_link_positions(page, site: str) -> dict[tuple[str, int], dict[str, object]]:
    """Return where “Leave this site” appears, by language and window width in CSS pixels."""
    found = {}
    for language in ("en", "fr", "nb", "ro"):
        page.goto(f"{site}/{language}/countries/NO/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 700})
            found[language, width] = page.evaluate(MEASURE_LEAVE_LINK)
    return found


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
def test_leave_this_site_stays_on_the_first_line_of_the_header_in_every_language(demo_site, open_page, signed_in):
    page = open_page(width=1280)
    if signed_in:
        Visitor(page, demo_site).sign_in("editor")
    wrong = {at: place for at, place in leave_link_positions(page, demo_site).items() if place != ON_FIRST_LINE}
    assert wrong == {}


@pytest.mark.parametrize(("width", "opens"), [(320, ".menu-button"), (1280, ".account summary")])
def test_an_editor_can_reach_upload_and_sign_out_at_any_width(demo_site, open_page, width, opens):
    page = open_page(width=width)
    Visitor(page, demo_site).sign_in("editor")
    page.goto(f"{demo_site}/fr/")
    page.locator(opens).click()
    expect(page.get_by_role("link", name="Déposer un rapport")).to_be_visible()
    page.get_by_role("button", name="Déconnexion").click()
    # a script clears stored names before signing out; then a link in the row and one in the menu, one of them visible
    expect(page.locator("a[href*='/sign-in/']")).to_have_count(2)
