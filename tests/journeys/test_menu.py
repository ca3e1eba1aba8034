"""On small screens the menu never covers “Leave this site”."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("width", [320, 900])
def test_the_open_menu_does_not_cover_leave_this_site(demo_site, open_page, width):
    page = open_page(width=width, height=600)
    page.goto(f"{demo_site}/fr/")
    page.click(".menu-button")
    menu, leave = page.locator("#site-nav").bounding_box(), page.locator(".site-head .leave").bounding_box()
    assert menu["y"] >= leave["y"] + leave["height"]
    assert menu["y"] + menu["height"] <= 600
