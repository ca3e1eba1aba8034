"""Golden pages: whole documents, and everything that the reader should find in each."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from samsvar.monitoring import read_report
from samsvar.monitoring.report import Finding, Reading
from samsvar.site.demo.sources import FictionalReport, compile_pdf, fictional_reports
from tests.examples.making import Example, examples

EXAMPLES = examples()
BY_VERBS: dict[str, Any] = {
    "paragraph": "", "pages": [1], "articles": [], "strength": None, "verb": "", "addressee": None, "actions": [],
    "deadline": None, "cites": [],
}  # fmt: skip
BY_RECOMMENDATIONS: dict[str, Any] = {"paragraph": "", "from_state": [], "text": ""}
KINDS = {  # the kinds listed in the issue, and the example that shows each
    "numbered paragraphs over page breaks": "grevio/page_breaks",
    "bold findings with lettered points": "grevio/lettered_points",
    "footnotes": "grevio/footnotes",
    "running heads": "grevio/page_breaks",
    "two articles in one heading": "grevio/headings_inherit",
    "sub-headings that inherit": "grevio/headings_inherit",
    "an appendix that repeats": "grevio/appendix_repeats",
    "reported urgings that are no findings": "grevio/told_of",
    "strongly encourages against encourages": "grevio/scale_of_verbs",
    "praise": "grevio/praise",
    "French": "grevio/french",
    "a recommendation of the Committee of the Parties": "committee_of_the_parties/recommendation",
    "concluding observations": "cedaw/concluding_observations",
    "a report of GRETA": "council_of_europe/greta_report",
    "a report of ECRI": "council_of_europe/ecri_report",
    "a report of the CPT": "council_of_europe/cpt_visit",
    "a report of the Universal Periodic Review": "upr/working_group_report",
    "DOCX": "grevio/word_numbering",
    "HTML": "grevio/web_page",
    "plain text": "grevio/plain_text",
}


def finding_as_dict(finding: Finding, fields: dict[str, Any]) -> dict[str, Any]:
    """Return a finding as expected.toml writes it."""
    answer = {name: getattr(finding, name) for name in fields}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answer.items()}


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    return {}


def read_example(example: Example, readings: dict[str, Reading]) -> Reading:
    """Read an example once, letting the reader recognise its body."""
    if example.name not in readings:
        readings[example.name] = read_report(example.document(), document=example.name)
    return readings[example.name]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_golden_page_gives_exactly_these_findings(example: Example, readings: dict[str, Reading]) -> None:
    fields = BY_RECOMMENDATIONS if example.body == "upr" else BY_VERBS
    found = [finding_as_dict(finding, fields) for finding in read_example(example, readings).findings]
    assert found == [fields | finding for finding in example.expected["findings"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_golden_page_is_recognised_and_all_its_text_is_accounted_for(
    example: Example, readings: dict[str, Reading]
) -> None:
    reading = read_example(example, readings)
    state = {"Nordmark": "XA", "Sudmar": "XB", "Ostria": "XC"}
    named = next(code for name, code in state.items() if name in example.source.read_text(encoding="utf-8"))
    assert (reading.body, reading.state) == (example.body, named)
    assert reading.language == example.expected.get("language", "en")
    assert reading.extraction_report.unexplained == ()
    assert reading.extraction_report.read == reading.extraction_report.understood + sum(
        reading.extraction_report.set_aside.values()
    )


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if "paragraphs" in e.expected], ids=lambda example: example.name
)
def test_a_golden_page_gives_exactly_these_paragraphs(example: Example, readings: dict[str, Reading]) -> None:
    assert [passage.number for passage in read_example(example, readings).passages] == example.expected["paragraphs"]


@pytest.mark.parametrize("example", [e for e in EXAMPLES if "notes" in e.expected], ids=lambda example: example.name)
def test_a_differing_appendix_is_noted_in_the_extraction_report(example: Example, readings: dict[str, Reading]) -> None:
    assert list(read_example(example, readings).extraction_report.notes) == example.expected["notes"]


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if "footnotes" in e.expected], ids=lambda example: example.name
)
def test_a_footnote_is_kept_with_its_paragraph_but_not_in_its_text(
    example: Example, readings: dict[str, Reading]
) -> None:
    passages = read_example(example, readings).passages
    assert {p.number: list(p.footnotes) for p in passages if p.footnotes} == example.expected["footnotes"]
    assert not [p.text for p in passages for note in p.footnotes if note in p.text or p.text[-1].isdigit()]


def test_the_examples_cover_every_kind_of_page_and_explain_their_purpose() -> None:
    names = {example.name for example in EXAMPLES}
    assert set(KINDS.values()) <= names
    assert all(len(example.why) > 60 for example in EXAMPLES)
    assert Counter(example.source.suffix for example in EXAMPLES)[".typ"] >= 10


# --- Reports of the demonstration -------------------------------------------------------------------------------------

TOTALS = {  # findings by strength (urges, strongly encourages, encourages, invites, welcomes), counted in the sources
    "nordmark-baseline.typ": (10, 9, 9, 6, 12),
    "nordmark-recommendation.typ": (11, 1, 0, 1, 0),
    "nordmark-conclusions.typ": (2, 2, 2, 1, 3),
    "nordmark-thematic.typ": (5, 5, 4, 2, 8),
    "ostria-baseline.typ": (12, 8, 7, 4, 9),
    "sudmar-reference.typ": (12, 7, 6, 4, 10),
}


@pytest.mark.parametrize("report", fictional_reports(), ids=lambda report: report.file)
def test_a_fictional_report_is_read_as_its_index_says(report: FictionalReport) -> None:
    reading = read_report(compile_pdf(report), document=report.filename)
    assert (reading.body, reading.state, reading.procedure, reading.reference, reading.language) == (
        report.body, report.state, report.procedure, report.reference, report.language,
    )  # fmt: skip
    counts = Counter(finding.strength.value for finding in reading.findings if finding.strength)
    order = ("urges", "strongly_encourages", "encourages", "invites", "welcomes")
    assert tuple(counts[strength] for strength in order) == TOTALS[report.file]
    assert reading.extraction_report.unexplained == ()
