"""The profile of GRETA, ECRI and the CPT under the headings that GRETA really prints."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest

from samsvar.interchange.hudoc import read_feed
from samsvar.monitoring.pipeline import read_report

FEED = Path(__file__).parents[3] / "shared/documents/hudoc/greta.rss"
TEXTS = (
    "The delegation met officials in the capital.",
    "<b>GRETA urges the authorities to train officials every year.</b>",
    "<b>GRETA considers that the authorities should collect more data.</b>",
)


def read_under(*headings: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Return paragraph, strength and articles of the findings of a report with our texts under each heading."""
    blocks = ["<h1>Group of Experts on Action against Trafficking in Human Beings (GRETA)</h1><p>Evaluation report</p>"]
    number = 0
    for heading in headings:
        blocks.append(f"<h2>{escape(heading)}</h2>")
        for text in TEXTS:
            number += 1
            blocks.append(f"<p>{number}. {text}</p>")
    page = f"<html><body>{''.join(blocks)}</body></html>"
    reading = read_report(page.encode(), document="greta.html", body="council_of_europe")
    return [(one.paragraph, one.strength, one.articles) for one in reading.findings]


@pytest.mark.parametrize(
    ("heading", "is_read"),
    [
        ("I. Introduction", False), ("1. Executive summary", False), ("Foreword", False), ("Introduction", False),
        ("IV.1. Introduction", True), ("IV.1. Access to justice - Introduction", True), ("Concluding remarks", True),
    ],
)  # fmt: skip
def test_only_the_introduction_of_a_whole_report_has_no_findings(heading: str, is_read: bool) -> None:
    assert read_under(heading) == ([("2", "urges", ()), ("3", "strongly_encourages", ())] if is_read else [])


@pytest.mark.skipif(not FEED.exists(), reason="the feed of HUDOC-GRETA is not beside this checkout")
def test_conclusions_under_every_heading_of_real_reports_are_read_and_never_placed_under_our_convention() -> None:
    feed = read_feed(FEED.read_bytes(), "greta")
    reports = [one for one in feed.documents if "-REP-" in one.identifier and all(two.heading for two in one.sections)]
    for report in reports[:3]:  # eighty headings; all 70 reports take half a minute
        headings = [section.heading for section in report.sections if section.heading != "I. Introduction"]
        wanted = [
            (str(3 * place + offset), strength, ())
            for place in range(len(headings))
            for offset, strength in ((2, "urges"), (3, "strongly_encourages"))
        ]
        assert read_under(*headings) == wanted, report.identifier
