"""Public pages in a browser: accessible to everyone, with a path to each finding and a quick way to leave."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

PAGES = (
    "/en/",
    "/en/map/?on=2019-06-04",
    "/en/countries/",
    "/en/countries/NO/",
    "/en/countries/XA/",
    "/en/countries/XA/articles/?article=25",
    "/en/countries/NO/articles/?article=7",
    "/en/countries/XA/reports/",
    "/en/countries/XA/events/",
    "/en/countries/XA/meetings/",
    "/en/countries/RO/funding/",
    "/en/articles/",
    "/en/articles/25/",
    "/en/matrix/",
    "/en/about-the-data/",
    "/en/findings/",
    "/en/exchange/matches/?article=25&off=words",
    "/en/funding/",
    "/en/funding/xa-twelve-rooms/",
    "/en/reports/",
    "/en/search/?q=shelter",
    "/en/sign-in/",
    "/en/nothing/",
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # these in full; passes are listed but not described
}
MAX_BYTES = 120_000  # bytes over the wire for a first view
MAX_REQUESTS = 10


def faults(page, axe: str) -> list[str]:
    """Return what axe-core finds on the current page, one line per violation."""
    if not page.evaluate("'axe' in window"):  # half a megabyte of source, and a page is looked at in several ways
        page.evaluate(axe)
    # Only violations leave the browser: transferring the passes too took six times as long as the check itself.
    found = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
    return [f"{fault['id']}: {node['target']} {node['html'][:160]}" for fault in found for node in fault["nodes"][:3]]


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(320, "light", "fr"), (320, "dark", "nb"), (1280, "light", "en"), (1280, "dark", "ro")],
)
def test_no_page_has_an_axe_violation_or_is_wider_than_its_window(demo_site, open_page, axe, width, scheme, language):
    page = open_page(width=width, scheme=scheme)
    found, wide = {}, {}
    for english in (*PAGES, *first_finding_and_report(page, demo_site)):
        address = english.replace("/en/", f"/{language}/", 1)
        page.goto(demo_site + address)
        if faults_here := faults(page, axe):
            found[address] = faults_here
        if (scrolled := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[address] = scrolled
    assert found == {}
    assert wide == {}


def first_finding_and_report(page, site: str) -> tuple[str, str]:
    """Return the addresses of one finding and one report."""
    page.goto(f"{site}/en/findings/")
    finding = page.locator(".finding a[href*='/findings/']").first.get_attribute("href")
    page.goto(f"{site}/en/reports/")
    report = page.locator("main a[href*='/reports/']").first.get_attribute("href")
    return finding, report


def test_in_a_narrow_window_the_open_menu_is_accessible_and_closes_with_escape(demo_site, open_page, axe):
    page = open_page(width=320)
    page.goto(f"{demo_site}/en/")
    assert not page.get_by_role("link", name="Matrix").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Matrix").wait_for()
    assert faults(page, axe) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Matrix")).not_to_be_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Matrix").click()
    page.wait_for_url("**/en/matrix/")


def test_a_finding_is_reached_by_keyboard_only(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/countries/XA/")
    page.keyboard.press("Tab")
    assert focused_text(page) == "Skip to main content"
    page.keyboard.press("Enter")
    steps = 0
    while not re.match(r"GREVIO \d{4} § \d+", focused_text(page)):
        page.keyboard.press("Tab")
        assert focus_outline(page) != "none", f"no focus to be seen on “{focused_text(page)}”"
        steps += 1
        assert steps < 150, "tabbed through the page without meeting a finding"
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/findings/*/")
    assert page.locator("blockquote").first.inner_text()


def focused_text(page) -> str:
    return page.evaluate("document.activeElement.innerText.trim()")


def focus_outline(page) -> str:
    return page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


def test_leave_this_site_opens_a_neutral_site_and_back_does_not_return(demo_site, open_page):
    page = open_page(leaves=True)
    page.goto(f"{demo_site}/en/")
    page.goto(f"{demo_site}/en/countries/XA/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")
    opened.value.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert "XA" not in page.url


def test_pressing_escape_three_times_leaves_the_site_but_twice_does_not(demo_site, open_page):
    page = open_page(leaves=True)
    page.goto(f"{demo_site}/en/countries/XA/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("main").count() == 1  # leaving empties the page at once
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")


def test_without_javascript_leave_this_site_is_a_link_and_the_map_a_form(demo_site, open_page):
    page = open_page(javascript=False, leaves=True)
    page.goto(f"{demo_site}/en/map/")
    page.get_by_label("Status on", exact=True).fill("2019-06-04")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/en/map/?on=2019-06-04")
    assert page.get_by_role("heading", name="Status on 4 June 2019").is_visible()
    assert page.locator(".legend li", has_text="in force").first.locator("b").inner_text() == "33"
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")


def test_without_javascript_a_visitor_gets_from_the_home_page_to_a_finding(demo_site, open_page):
    page = open_page(width=320, javascript=False)
    page.goto(f"{demo_site}/en/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Countries").click()
    page.get_by_role("link", name="Nordmark").click()
    page.locator("a.cell[data-strength]").first.click()
    page.locator("details[open] .finding a", has_text="§").first.click()
    page.wait_for_url("**/en/findings/*/")


@pytest.mark.parametrize(("width", "height", "screens"), [(1280, 800, 2), (390, 844, 12)])
def test_a_country_fits_two_screens_and_its_articles_twelve_of_a_phone(demo_site, open_page, width, height, screens):
    page = open_page(width=width, height=height)
    heights = {}
    for address in ("XA/", "NO/", "RO/", *(("XA/articles/", "AL/articles/") if width < 1000 else ())):
        page.goto(f"{demo_site}/en/countries/{address}")
        heights[address] = page.evaluate("document.documentElement.scrollHeight")
    assert {address: pixels for address, pixels in heights.items() if pixels > screens * height} == {}


def test_dots_and_letters_remain_in_forced_colours(demo_site, open_page):
    """Forced colours remove every background: what a cell says must be a character."""
    page = open_page()
    page.emulate_media(forced_colors="active")
    page.goto(f"{demo_site}/en/matrix/?countries=all")
    filled = page.locator("#matrix td a > [aria-hidden]")
    assert set(filled.all_inner_texts()) >= {"U", "S", "●"}
    page.goto(f"{demo_site}/en/countries/NO/")
    assert page.locator("a.cell[data-treated] .dot").first.inner_text() == "●"


def test_every_column_of_the_matrix_is_on_the_printed_page(demo_site, open_page):
    page = open_page(width=1047, height=718)  # the inside of A4 landscape with margins of 10 mm
    page.emulate_media(media="print")
    for query in ("", "?articles=all"):
        page.goto(f"{demo_site}/en/matrix/{query}")
        right = page.locator("#matrix thead tr.numbers th").last.evaluate("cell => cell.getBoundingClientRect().right")
        assert right <= 1047
        assert page.locator("#matrix thead th.total").evaluate("cell => cell.getBoundingClientRect().right") <= 1047


def test_the_slider_updates_the_map_and_the_address(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/map/?on=2019-06-03")
    slide = page.get_by_label("Scroll through dates")
    slide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/en/map/?on=2019-06-04")
    page.get_by_role("heading", name="Status on 4 June 2019").wait_for()
    expect(slide).to_have_attribute("aria-valuetext", "4 June 2019")
    expect(page.get_by_label("Status on", exact=True)).to_have_value("2019-06-04")
    page.go_back()
    page.get_by_role("heading", name="Status on 3 June 2019").wait_for()
    page.get_by_label("Scroll through dates").wait_for()


def test_a_filter_updates_the_matrix_in_place(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/matrix/")
    page.get_by_label("States").select_option("fictional")
    page.wait_for_url("**/en/matrix/?*states=fictional*")
    expect(page.locator("#matrix tbody th a")).to_have_text(["Nordmark", "Ostria", "Sudmar"])


def test_the_language_switch_keeps_the_page_and_its_query(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/map/?on=2019-06-04")
    for language, name in (("fr", "Français"), ("nb", "Norsk bokmål"), ("ro", "Română"), ("en", "English")):
        page.locator(".site-foot").get_by_role("link", name=name).click()
        page.wait_for_url(f"**/{language}/map/?on=2019-06-04")
        assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_the_site_root_redirects_to_the_browsers_language(demo_site, open_page, language):
    page = open_page(language=language)
    page.goto(f"{demo_site}/")
    assert page.url == f"{demo_site}/{language}/"


@pytest.mark.parametrize("address", ["/en/", "/en/map/", "/en/countries/NO/", "/en/countries/XA/", "/en/matrix/"])
def test_a_first_view_stays_within_the_size_limit(demo_site, open_page, address):
    page = open_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.goto(demo_site + address, wait_until="networkidle")
    print(f"{address}: {len(weights)} requests, {sum(weights):,.0f} bytes")
    assert 0 < len(weights) <= MAX_REQUESTS
    assert sum(weights) <= MAX_BYTES


def test_headings_never_skip_a_level(demo_site, open_page):
    page = open_page()
    for address in PAGES:
        page.goto(demo_site + address)
        levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))")
        content = page.eval_on_selector_all("main h1", "all => all.length")
        assert content == 1, address
        assert [step for step in pairwise(levels) if step[1] > step[0] + 1] == [], address


def test_no_cookie_is_set_before_sign_in(demo_site, open_page):
    page = open_page()
    for address in PAGES:
        if "sign-in" not in address:  # its form carries a CSRF token
            page.goto(demo_site + address)
    assert page.context.cookies() == []


def test_printed_pages_leave_out_the_header_and_the_footer(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/countries/XA/")
    page.emulate_media(media="print")
    assert not page.locator(".site-head").is_visible()
    assert not page.locator(".site-foot").is_visible()
    assert page.locator(".quotation").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
