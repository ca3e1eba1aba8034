"""Searching in a browser: ask, filter and open the paragraph, on a dark phone and on a light desktop."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from samsvar.site.monitoring.models import Document
from tests.site.test_search import index_of_its_own, make_report, make_section

__all__ = ["index_of_its_own"]  # a fixture: each journey has its own index

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "scheme", "javascript"), [(320, "dark", False), (1280, "light", True)])
def test_a_search_leads_to_the_paragraph_and_every_page_on_the_way_is_accessible(
    live_server, open_page, axe, width, scheme, javascript
):
    make_report("a", "GREVIO urges the authorities to open shelters for women.", "There are two shelters.")
    make_report("b", "GREVIO urges the authorities to open shelters for children.", code="XB", strength="encourages")
    make_section("Shelters (Article 23)", 23, code="XC")

    page = open_page(width=width, scheme=scheme, javascript=javascript)
    page.goto(f"{live_server.url}/en/search/")
    page.get_by_role("searchbox").fill("shelters -children")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("3 results")
    expect(page.locator("code.understood")).to_have_text("shelters AND NOT children")
    expect(page.locator("mark")).to_have_text(["shelters", "Shelters", "shelters"])

    narrow = page.get_by_role("navigation", name="Filter results")
    narrow.get_by_role("link", name="Findings 1").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("1 result")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if javascript:  # axe needs scripts in the page
        for address in ("?q=shelters&state=XA", "?q=zzz", "?q=state%3AAtlantis+AND", ""):
            page.goto(f"{live_server.url}/en/search/{address}")
            page.evaluate(axe)
            assert [fault["id"] for fault in page.evaluate("axe.run().then(found => found.violations)")] == [], address
        page.goto(f"{live_server.url}/en/search/?q=shelters+-children&kind=finding")
    page.get_by_role("link", name=re.compile(r"GREVIO \d{4} § \d+")).click()
    page.wait_for_url("**/en/findings/*/")
    expect(page.locator("main")).to_contain_text("GREVIO urges the authorities to open shelters for women.")


@pytest.mark.parametrize(
    ("language", "width", "scheme", "javascript"), [("nb", 320, "dark", False), ("fr", 1280, "light", True)]
)
def test_a_norwegian_word_finds_english_and_french_texts_which_are_downloaded_and_cited(
    live_server, open_page, axe, language, width, scheme, javascript
):
    made = make_report("a", "GREVIO urges the authorities to open shelters for women.")
    Document.objects.filter(pk=made.document_id).update(reference="GREVIO/Inf(2022)30")
    make_report("b", "Le GREVIO exhorte les autorités à ouvrir des refuges.", code="XB", language="fr")

    page = open_page(width=width, scheme=scheme, language=language, javascript=javascript)
    page.goto(f"{live_server.url}/{language}/")
    page.locator(".ask-examples a[lang=nb]").click()  # krisesenter
    found = page.locator("mark")
    expect(found).to_have_count(2)
    assert sorted(found.all_text_contents()) == ["refuges", "shelters"]
    assert page.locator(".concepts").get_by_text("krisesenter").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if javascript:
        page.evaluate(axe)
        assert [fault["id"] for fault in page.evaluate("axe.run().then(found => found.violations)")] == []
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON Lines").click()
    lines = [json.loads(line) for line in download.value.path().read_text(encoding="utf-8").splitlines()]
    assert {line["language"] for line in lines} == {"en", "fr"}

    page.locator(".concepts a.pill").click()  # off: no text has the word itself
    expect(found).to_have_count(0)
    page.locator(".concepts a.pill").click()  # on again
    expect(found).to_have_count(2)

    page.get_by_role("searchbox").fill("GREVIO/Inf(2022)30 § 1")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("blockquote")).to_have_text(["GREVIO urges the authorities to open shelters for women."])
    page.locator(".notice a").click()
    page.wait_for_url(f"**/{language}/reports/{made.public_id}/**")
