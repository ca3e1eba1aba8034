"""Measure the work of the `implementation` features against a named reference in the same run.

`drafts`: a report back of 60 sections as DOCX, with quotations, citations, gaps as comments and bookmarks, and the file
read back; the reference is python-docx writing the same paragraphs plainly. The promise: at most 2 seconds each way.

`imports`: a spreadsheet of 1,000 measures is uploaded and previewed by the pages of the site, with 500 of them already
there and 200 findings to cite; the reference is python-calamine alone reading the same file. The promise: at most 5
seconds from the file to the whole preview. The confirmation and its undo are shown without a promise.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from typing import Any

SECTIONS, PROMISE = 60, 2.0  # seconds
MEASURES, EXISTING, FINDINGS, PREVIEW_PROMISE = 1_000, 500, 200, 5.0  # seconds
ROUNDS = 5


def main() -> int:
    measurements = {"drafts": measure_drafts, "imports": measure_imports}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=measurements, help="one of the measurements (default: all)")
    only = parser.parse_args().only
    return max(measure() for name, measure in measurements.items() if only in {None, name})


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


def measure_imports() -> int:
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        os.environ |= {"SAMSVAR_DATA": folder, "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.testing"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return _measure_imports()


def _measure_imports() -> int:
    import lxml.html
    import python_calamine
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from samsvar.network.rights import Role
    from samsvar.site.convention.actions import load_convention
    from samsvar.site.implementation import models
    from samsvar.site.implementation.imports import actions
    from tests.factories.people import make_account, sign_in
    from tests.factories.reports import make_finding, make_reading, make_report

    load_convention()
    findings = [make_finding(number, articles=(str(7 + number % 50),)) for number in range(1, FINDINGS + 1)]
    make_report(reading=make_reading(findings=findings))
    account = make_account(Role.NATIONAL_DESK, state="XA")
    client = sign_in(Client(), account)

    def preview(content: bytes, **target: str) -> dict[str, list[str]]:
        address = "/en/countries/XA/imports/"
        columns = client.post(address, {"file": SimpleUploadedFile("t", content), "language": "en", **target})
        page = lxml.html.fromstring(columns.content)
        if b'name="mark"' not in columns.content:  # the columns are not yet remembered
            page = lxml.html.fromstring(client.post(f"{address}check/", _form_data(page)).content)
        return _form_data(page)

    def confirm(data: dict[str, list[str]]) -> None:
        assert client.post("/en/countries/XA/imports/confirm/", data).status_code == 302

    confirm(preview(_make_table(EXISTING), new_plan="A plan"))
    plan = models.Plan.objects.get().public_id
    content = _make_table(MEASURES)

    def read_plainly() -> None:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        book.get_sheet_by_name(book.sheet_names[0]).to_python()

    plain = best_of(read_plainly)
    whole = best_of(lambda: preview(content, plan=plan))
    data = preview(content, plan=plan)
    confirmed = processor_time(lambda: confirm(data))
    assert models.Measure.objects.count() == MEASURES
    imported = models.MeasureImport.objects.latest("at")
    undone = processor_time(lambda: actions.undo_import(by=account, imported=imported))
    assert models.Measure.objects.count() == EXISTING
    size = len(content) / 1000
    print(f"Import of {MEASURES:,} measures, {size:.0f} kB, {EXISTING} there; processor time, best of {ROUNDS}")
    print(f"  python-calamine, the file alone   {plain:.3f} s")
    print(f"  upload and whole preview          {whole:.3f} s  ({whole / plain:.0f} × plain)")
    print(f"  promise: {PREVIEW_PROMISE} s for the preview")
    print(f"  confirmation, one transaction     {confirmed:.3f} s, {imported.added} added, {imported.changed} changed")
    print(f"  undo                              {undone:.3f} s")
    return 0 if whole <= PREVIEW_PROMISE else 1


def _make_table(count: int) -> bytes:
    """Return a workbook of measures; in a longer one, the first are due a year later."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        headings = [
            "Nr.",
            "Tiltak",
            "Beskrivelse",
            "Ansvarlig",
            "Frist",
            "Status",
            "Kostnad (NOK)",
            "GREVIOs anbefaling",
        ]
        sheet.write_row(0, 0, headings)
        for number in range(1, count + 1):
            year = 2027 if count == EXISTING else 2028
            sheet.write_row(number, 0, [
                f"{number}.", f"Tiltak nummer {number}", "En setning med flere ord om tiltaket. " * 6,
                f"Departement {number % 12}; Direktorat {number % 30}", f"31.12.{year}", "vedtatt", number * 1000,
                f"GREVIO § {number % FINDINGS + 1}; art. {7 + number % 50}",
            ])  # fmt: skip
    return buffer.getvalue()


def _form_data(page: object) -> dict[str, list[str]]:
    (form,) = [form for form in page.forms if "cells" in form.fields]  # type: ignore[attr-defined]
    data: dict[str, list[str]] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return data


def best_of(function: Callable[[], object]) -> float:
    """Return the processor time of the fastest of several calls, in seconds."""
    return min(processor_time(function) for _ in range(ROUNDS))


def processor_time(function: Callable[[], object]) -> float:
    """Return the processor time of a call and of the child processes that it waited for, in seconds."""
    before = _processor_seconds()
    function()
    return _processor_seconds() - before


def _processor_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    sys.exit(main())
