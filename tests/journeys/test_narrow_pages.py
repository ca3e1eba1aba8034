"""Narrow windows and long words: what a table, a filter or an answer says is in the window, in every language."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Visitor

WIDTH = 320  # CSS pixels
# The texts of stacked table cells that begin or end outside the window, without those for screen readers only
CUT_CELLS = """() => [...document.querySelectorAll(".table[data-stack] td, .table.measures td")].flatMap(cell => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const cut = [];
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    const shown = box.width > 0 && !texts.currentNode.parentElement.closest(".ds-sr-only");
    if (shown && (box.right > innerWidth || box.left < 0)) cut.push(texts.currentNode.textContent);
  }
  return cut;
})"""
# The chosen options that are wider than the select that shows them
CUT_CHOICES = """() => [...document.querySelectorAll(".filters select")].filter(select => {
  const style = getComputedStyle(select);
  const context = document.createElement("canvas").getContext("2d");
  context.font = style.font;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return context.measureText(select.selectedOptions[0].text).width > room;
}).map(select => select.selectedOptions[0].text)"""


@pytest.mark.parametrize("language", ["fr", "ro"])
def test_values_of_measures_and_chosen_filters_can_be_read_on_a_phone(demo_site, open_page, language):
    page = open_page(width=WIDTH)
    page.goto(f"{demo_site}/{language}/countries/XA/measures/")
    assert page.locator(".table[data-stack] td, .table.measures td").count() >= 100
    assert page.evaluate(CUT_CELLS) == []
    for address in ("countries/XA/measures/", "evidence/states/XA/", "findings/", "matrix/"):
        page.goto(f"{demo_site}/{language}/{address}")
        assert page.evaluate(CUT_CHOICES) == [], address


def test_a_long_web_address_in_an_answer_wraps(demo_site, open_page):
    desk = Visitor(open_page(width=WIDTH), demo_site)
    desk.become("national_desk")
    desk.go("countries/XA/requests/?status=answered")
    desk.take(desk.main.locator("tbody a").first)
    assert desk.main.locator("a", has_text="https://nordmark.example/").count() == 1
    assert desk.page.evaluate("document.documentElement.scrollWidth") == WIDTH


def test_findings_to_ask_about_are_listed_in_one_column(demo_site, open_page):
    desk = Visitor(open_page(width=1280), demo_site)
    desk.become("national_desk")
    desk.go("countries/XA/requests/new/")
    left = "boxes => [...new Set(boxes.map(box => box.getBoundingClientRect().left))]"
    assert len(desk.main.locator('input[name="finding"]').evaluate_all(left)) == 1
