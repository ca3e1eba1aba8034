"""Measure the work of the `implementation` features against a named reference in the same run.

`drafts`: a report back of 60 sections as DOCX, with quotations, citations, gaps as comments and bookmarks, and the file
read back; the reference is python-docx writing the same paragraphs plainly. The promise: at most 2 seconds each way.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from typing import Any

SECTIONS, PROMISE = 60, 2.0  # seconds
ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    return measure_drafts()


def measure_drafts() -> int:
    from docx import Document

    from samsvar.implementation.drafts import (
        Block,
        Draft,
        DraftSection,
        FieldContent,
        Quotation,
        Record,
        RecordKey,
        RecordKind,
    )
    from samsvar.implementation.forms import Variant, find_form
    from samsvar.interchange.report_back_docx import read_draft_docx, write_draft_docx

    form = find_form("report-back")
    records = [
        Record(
            RecordKey(RecordKind.MEASURE, f"{number:016x}"),
            "1",
            f"Measure {number}: " + "a sentence of ten words. " * 4,
            "m",
        )
        for number in range(SECTIONS * 3)
    ]
    sections = tuple(
        DraftSection(
            f"s{number}", "finding", f"{number}. A recommendation", 1,
            Quotation(f"f{number}", "The body urges the authorities to act. " * 12, "GREVIO 2025 § 30, p. 5", "en"),
            (
                FieldContent("measures", (
                    *(Block(record.text, record) for record in records[number * 3 : number * 3 + 3]),
                    Block("\n".join("Own words about what was done and why it was enough." for _ in range(6))),
                )),
                FieldContent("remains", (Block("- one\n- two\n- three"),)),
            ),
        )
        for number in range(SECTIONS)
    )  # fmt: skip
    draft = Draft("d1", 1, "XA", "Report", "en", form.form_id, form.version, Variant.FULL, sections)
    content = write_draft_docx(draft, form)
    paragraphs = [(one.style.name, one.text) for one in Document(io.BytesIO(content)).paragraphs]

    def write_plainly() -> bytes:
        document: Any = Document()
        for style, text in paragraphs:
            document.add_paragraph(text, style=style)
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()

    plain = best_of(write_plainly)
    written = best_of(lambda: write_draft_docx(draft, form))
    edited = read_draft_docx(content, draft, form)
    assert [one.fields for one in edited.sections] == [one.fields for one in sections]
    assert not edited.notes
    read = best_of(lambda: read_draft_docx(content, draft, form))
    print(f"DOCX of {SECTIONS} sections, {len(paragraphs)} paragraphs, {len(content) / 1000:.0f} kB; best of {ROUNDS}")
    print(f"  python-docx, the same paragraphs plainly  {plain:.3f} s")
    print(f"  write_draft_docx                          {written:.3f} s  ({written / plain:.2f} × plain)")
    print(f"  read_draft_docx, in a child process       {read:.3f} s")
    print(f"  promise: {PROMISE} s each")
    return 0 if max(written, read) <= PROMISE else 1


def best_of(function: Callable[[], object]) -> float:
    """Return the processor and waiting time of the fastest of several calls, in seconds."""
    durations = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        durations.append(time.perf_counter() - start)
    return min(durations)


if __name__ == "__main__":
    sys.exit(main())
