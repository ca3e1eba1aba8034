"""Factories for reports of fictional states: readings as the library returns them, and the rows created from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from samsvar.monitoring.report import ExtractionReport, Finding, Passage, Reading, Strength, UnexplainedLine
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions.ingest import import_report
from samsvar.spans import Box, Span

A4 = (595.28, 841.89)


def make_finding(
    number: int,
    *,
    strength: Strength | None = Strength.URGES,
    articles: Sequence[str] = ("7",),
    text: str | None = None,
    body: str = "grevio",
    state: str = "XA",
    cites: Sequence[str] = (),
    actions: Sequence[str] = (),
    language: str = "en",
) -> Finding:
    """Return a conclusion in paragraph `number`, on page 1."""
    verb = strength.value.replace("_", " ") if strength else ""
    text = text or f"GREVIO {verb} the authorities to secure what paragraph {number} asks for."
    return Finding(
        document="example.pdf",
        body=body,
        state=state,
        procedure="baseline",
        paragraph=str(number),
        page=1,
        pages=(1,),
        boxes=(Box(1, 70.0, 100.0 + number, 520.0, 130.0 + number),),
        heading="II. Integrated policies › A. Comprehensive policies (Article 7)",
        articles=tuple(articles),
        strength=strength,
        verb=verb,
        addressee="the authorities",
        from_state=(),
        actions=tuple(actions),
        text=text,
        language=language,
        reader=f"{body} 1",
        cites=tuple(cites),
    )


def make_reading(
    findings: Sequence[Finding] = (),
    *,
    body: str = "grevio",
    state: str | None = "XA",
    published: date | None = date(2023, 5, 11),
    reference: str | None = None,
    language: str = "en",
    pages: int = 1,
    reader: str = "grevio 1",
) -> Reading:
    """Return a reading with one passage for each finding."""
    passages, text = [], ""
    for finding in findings:
        span = Span(len(text), len(text) + len(finding.text))
        text += finding.text + "\n"
        passages.append(
            Passage(finding.paragraph, finding.text, (1,), finding.boxes, ("II. Integrated policies",), span)
        )
    return Reading(
        document="example.pdf",
        body=body,
        state=state,
        procedure="baseline",
        reference=reference,
        published=published,
        language=language,
        format="pdf",
        page_count=pages,
        page_sizes=(A4,) * pages,
        text=text,
        passages=tuple(passages),
        findings=tuple(findings),
        extraction_report=ExtractionReport(
            read=len("".join(text.split())) + 30,
            understood=len("".join(text.split())),
            set_aside={"running_head": 18},
            unexplained=(UnexplainedLine("a stray line", 1), UnexplainedLine("42", 1)),
            notes=("Appendix, item 1 words paragraph 2 differently; the paragraph takes precedence.",),
        ),
        reader=reader,
    )


def make_report(content: bytes = b"a fictional report", reading: Reading | None = None, **how: Any) -> models.Report:
    """Import a reading through the site's own action, published unless `publish=False`; the file is `content`."""
    reading = reading or make_reading(
        [make_finding(1), make_finding(2, strength=Strength.WELCOMES, articles=("8", "12"))]
    )
    how.setdefault("filename", "example.pdf")
    how.setdefault("origin", models.Document.Origin.DEMO)
    how.setdefault("publish", True)
    return import_report(content=content, read=lambda *_, **__: reading, **how)


@cache
def make_pdf(words: str = "A fictional report", pages: int = 1) -> bytes:
    """Return a real PDF with these words on each page."""
    import typst

    source = (
        f"#set page(width: 595.28pt, height: 841.89pt)\n#set text(size: 12pt)\n{words}"
        + f"\n#pagebreak()\n{words}" * (pages - 1)
    )
    pdf: bytes = typst.compile(source.encode())
    return pdf
