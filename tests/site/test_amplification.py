"""What is stored and shown of a report grows with its text, not with its text times its findings (S4)."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from django.urls import reverse

from samsvar.monitoring.pipeline import read_report
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions.ingest import import_report
from samsvar.site.search.source import DatabaseSource
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db
SENTENCE = "GREVIO urges the Nordmark authorities to train the police in case {}. "
POINTS = "GREVIO urges the authorities in case {} to: a. train the police; b. fund shelters. "


@pytest.fixture(autouse=True)
def convention(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()


def one_paragraph(sentence: str, findings: int) -> bytes:
    return ("1. " + "".join(sentence.format(number) for number in range(findings))).encode()


def import_text(content: bytes) -> models.Report:
    return import_report(
        content=content, filename="report.txt", body="grevio", state="XB", publish=True,
        read=lambda content, **options: read_report(content, format="text", **options),
    )  # fmt: skip


def stored_size(report: models.Report) -> int:
    """Return the characters of everything that is stored of a report's findings and passages."""
    findings = ("text", "heading", "actions", "boxes", "pages", "cites", "machine")
    passages = ("text", "headings", "boxes", "footnotes")
    return sum(
        len(json.dumps(values))
        for rows, fields in ((report.findings, findings), (report.passages, passages))
        for values in rows.values_list(*fields)
    )


@pytest.mark.parametrize("sentence", [SENTENCE, POINTS])
def test_many_findings_in_one_paragraph_take_at_most_a_multiple_of_its_text(sentence, client):
    contents = [one_paragraph(sentence, findings) for findings in (40, 160)]
    reports = [import_text(content) for content in contents]
    assert [report.findings.count() for report in reports] == [40, 160]
    for content, report in zip(contents, reports, strict=True):
        assert stored_size(report) < 8 * len(content)
        indexed = sum(len(item.text) for item in index_items(report))
        assert indexed < 1.1 * len(content)  # no text twice
        for page in (reverse("monitoring:report", args=[report.public_id]), "/en/findings/", "/en/articles/7/"):
            assert len(client.get(page).content) < 100_000, page
    assert len(client.get("/en/countries/XB/").content) < 60_000 + 200 * 1_000  # less than a card for each finding


def index_items(report: models.Report):
    source = DatabaseSource()
    for group in source.groups(source.fingerprints()):
        if group.name == f"report/{report.public_id}":
            yield from (item for item in group.items if item.kind in {"finding", "passage"})


def test_many_numbered_paragraphs_take_memory_in_proportion_to_their_number():
    peaks = []
    for paragraphs in (80, 320):
        text = "\n\n".join(f"{number}. {SENTENCE.format(number)}" for number in range(1, paragraphs + 1))
        reading = read_report(text.encode(), body="grevio", state="XB", format="text")
        tracemalloc.start()
        import_report(content=text.encode(), filename="a.txt", read=lambda *_, reading=reading, **__: reading)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(reading.findings) == paragraphs
    assert peaks[1] < 8 * peaks[0]  # four times as many; quadratic would be sixteen


def test_the_findings_of_a_paragraph_are_its_parts_and_the_page_marks_the_one_it_is_about(client):
    first_part = "The plan is old. GREVIO welcomes the shelters."
    second_part = "GREVIO urges the authorities to train the police. It is late."
    report = import_text(f"1. {first_part} {second_part}".encode())
    passage = report.passages.get()
    first, second = report.findings.all()
    assert (first.text, second.text) == (first_part, second_part)
    for finding in (first, second):
        assert passage.text[finding.start : finding.start + len(finding.text)] == finding.text
    content = client.get(reverse("monitoring:finding", args=[second.public_id])).content.decode()
    assert f"{first_part} <mark>{second_part}</mark>" in content


def test_a_finding_that_is_alone_in_its_paragraph_keeps_all_of_it(client):
    report = import_text(b"1. The plan is old. GREVIO urges the authorities to train the police. It is late.")
    finding = report.findings.get()
    assert (finding.text, finding.start) == (report.passages.get().text, 0)
    assert "<mark>" not in client.get(reverse("monitoring:finding", args=[finding.public_id])).content.decode()


def test_a_rejected_finding_leaves_its_part_of_the_paragraph_in_the_search():
    report = import_text(one_paragraph(SENTENCE, 3))
    report.findings.filter(ordinal=1).update(review="rejected")
    items = {(item.kind, item.text) for item in index_items(report)}
    assert items == {
        ("finding", SENTENCE.format(0).strip()),
        ("passage", SENTENCE.format(1).strip()),
        ("finding", SENTENCE.format(2).strip()),
    }


def test_a_long_text_is_shown_in_parts_and_a_paragraph_is_on_the_page_that_its_link_names(client):
    findings = [make_finding(number, text=f"GREVIO urges {number} " + "word " * 9_000) for number in range(1, 8)]
    report = make_report(b"long", make_reading(findings))
    address = reverse("monitoring:text", args=[report.public_id])
    for ordinal in range(7):
        page = client.get(address, {"at": ordinal}).content.decode()
        assert f'id="passage-{ordinal}"' in page
        assert len(page) < 150_000
    assert client.get(address, {"page": 99}).context["page"].passages.number == 4
    assert len(client.get(reverse("monitoring:report", args=[report.public_id])).content) < 60_000


def test_a_paragraph_with_many_findings_lists_the_first_of_them(client):
    report = import_text(one_paragraph(SENTENCE, 60))
    content = client.get(reverse("monitoring:text", args=[report.public_id])).content.decode()
    assert content.count('href="/en/findings/') - content.count('href="/en/findings/"') == 20
