"""What a visitor lives through: every page readable for everybody, a way to each finding and a way out."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

PAGES = (
    "/en/",
    "/en/map/?on=2019-06-04",
    "/en/countries/",
    "/en/countries/NO/",
    "/en/countries/XA/",
    "/en/articles/",
    "/en/articles/25/",
    "/en/matrix/",
    "/en/about-the-data/",
    "/en/findings/",
    "/en/funding/",
    "/en/funding/xa-twelve-rooms/",
    "/en/reports/",
    "/en/search/?q=shelter",
    "/en/sign-in/",
    "/en/nothing/",
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # each of these whole; what passes is named, not described
}
HEAVIEST = 120_000  # bytes over the wire of a first view
MOST_REQUESTS = 10


def faults(page, axe: str) -> list[str]:
    """What axe-core finds on the page as it stands, in one line each."""
    page.evaluate(axe)
    # only what is wrong leaves the browser: to carry what is right here too cost six times the look itself
    found = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
    return [f"{fault['id']}: {node['target']} {node['html'][:160]}" for fault in found for node in fault["nodes"][:3]]


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(320, "light", "fr"), (320, "dark", "nb"), (1280, "light", "en"), (1280, "dark", "ro")],
)
def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_its_window(
    demo_site, open_page, axe, width, scheme, language
):
    page = open_page(width=width, scheme=scheme)
    found, wide = {}, {}
    for english in (*PAGES, *the_first_finding_and_report(page, demo_site)):
        address = english.replace("/en/", f"/{language}/", 1)
        page.goto(demo_site + address)
        if faults_here := faults(page, axe):
            found[address] = faults_here
        if (scrolled := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[address] = scrolled
    assert found == {}
    assert wide == {}


def the_first_finding_and_report(page, site: str) -> tuple[str, str]:
    """Addresses of one finding and of one report."""
    page.goto(f"{site}/en/findings/")
    finding = page.locator(".finding a[href*='/findings/']").first.get_attribute("href")
    page.goto(f"{site}/en/reports/")
    report = page.locator("main a[href*='/reports/']").first.get_attribute("href")
    return finding, report


def test_the_open_menu_of_a_narrow_window_has_no_fault_and_closes_with_escape(demo_site, open_page, axe):
    page = open_page(width=320)
    page.goto(f"{demo_site}/en/")
    assert not page.get_by_role("link", name="Matrix").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Matrix").wait_for()
    assert faults(page, axe) == []
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="Matrix").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Matrix").click()
    page.wait_for_url("**/en/matrix/")


def test_a_finding_is_reached_by_keyboard_alone(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/countries/XA/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    steps = 0
    while not re.match(r"The paragraph on its page", focused(page)):
        page.keyboard.press("Tab")
        assert outline(page) != "none", f"no focus to be seen on “{focused(page)}”"
        steps += 1
        assert steps < 150, "tabbed through the page without meeting a finding"
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/findings/*/")
    assert page.locator("blockquote").first.inner_text()


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText.trim()")


def outline(page) -> str:
    return page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


def test_leaving_leads_to_the_neutral_site_and_back_does_not_return(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/")
    page.goto(f"{demo_site}/en/countries/XA/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")
    opened.value.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert "XA" not in page.url


def test_three_times_escape_leaves_and_twice_does_not(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/countries/XA/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.url.endswith("/en/countries/XA/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")


def test_without_javascript_the_way_out_is_a_link_and_the_map_a_form(demo_site, open_page):
    page = open_page(javascript=False)
    page.goto(f"{demo_site}/en/map/")
    page.get_by_label("On this day").fill("2019-06-04")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/en/map/?on=2019-06-04")
    assert page.get_by_role("heading", name="On 4 June 2019").is_visible()
    assert page.locator(".legend li", has_text="in force").first.locator("b").inner_text() == "33"
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.wikipedia.org/")


def test_without_javascript_the_whole_way_from_home_to_a_finding_works(demo_site, open_page):
    page = open_page(width=320, javascript=False)
    page.goto(f"{demo_site}/en/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Countries").click()
    page.get_by_role("link", name="Nordmark").click()
    page.locator("a.cell[data-strength]").first.click()
    page.locator(".finding a", has_text="The paragraph on its page").first.click()
    page.wait_for_url("**/en/findings/*/")


def test_the_slider_moves_the_map_and_the_address(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/map/?on=2019-06-03")
    slide = page.get_by_label("Slide through the days")
    slide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/en/map/?on=2019-06-04")
    page.get_by_role("heading", name="On 4 June 2019").wait_for()
    assert slide.get_attribute("aria-valuetext") == "4 June 2019"
    assert page.get_by_label("On this day").input_value() == "2019-06-04"
    page.go_back()
    page.get_by_role("heading", name="On 3 June 2019").wait_for()
    page.get_by_label("Slide through the days").wait_for()


def test_a_filter_changes_the_matrix_in_place(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/matrix/")
    page.get_by_label("States").select_option("invented")
    page.wait_for_url("**/en/matrix/?*states=invented*")
    page.locator("#matrix tbody tr").nth(2).wait_for()
    assert page.locator("#matrix tbody th a").all_inner_texts() == ["Nordmark", "Ostria", "Sudmar"]


def test_the_language_switch_keeps_the_page_and_its_questions(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/map/?on=2019-06-04")
    for language, name in (("fr", "Français"), ("nb", "Norsk bokmål"), ("ro", "Română"), ("en", "English")):
        page.locator(".site-foot").get_by_role("link", name=name).click()
        page.wait_for_url(f"**/{language}/map/?on=2019-06-04")
        assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_the_front_door_follows_the_browsers_language(demo_site, open_page, language):
    page = open_page(language=language)
    page.goto(f"{demo_site}/")
    assert page.url == f"{demo_site}/{language}/"


@pytest.mark.parametrize("address", ["/en/", "/en/map/", "/en/countries/NO/", "/en/countries/XA/", "/en/matrix/"])
def test_a_first_view_is_light(demo_site, open_page, address):
    page = open_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.goto(demo_site + address, wait_until="networkidle")
    print(f"{address}: {len(weights)} requests, {sum(weights):,.0f} bytes")
    assert 0 < len(weights) <= MOST_REQUESTS
    assert sum(weights) <= HEAVIEST


def test_headings_never_skip_a_level(demo_site, open_page):
    page = open_page()
    for address in PAGES:
        page.goto(demo_site + address)
        levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))")
        content = page.eval_on_selector_all("main h1", "all => all.length")
        assert content == 1, address
        assert [step for step in pairwise(levels) if step[1] > step[0] + 1] == [], address


def test_no_cookie_is_set_before_somebody_signs_in(demo_site, open_page):
    page = open_page()
    for address in PAGES:
        if "sign-in" not in address:  # its form carries a token against forgery
            page.goto(demo_site + address)
    assert page.context.cookies() == []


def test_print_leaves_out_what_paper_cannot_do(demo_site, open_page):
    page = open_page()
    page.goto(f"{demo_site}/en/countries/XA/")
    page.emulate_media(media="print")
    assert not page.locator(".site-head").is_visible()
    assert not page.locator(".site-foot").is_visible()
    assert page.locator(".quotation").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
