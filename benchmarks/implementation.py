"""Time a state's desk, its matrix of measures, the three answers for fifty states, a report back, and an import.

Creates its own database of fictional plans, measures, evidence and findings, sends requests as the state's desk and
prints the median in milliseconds of a processor, which a busy machine changes little and which includes SQLite. With
`--database postgresql` it starts its own PostgreSQL, whose work shows only in the wall clock. The targets apply to
SQLite, which small sites run.

References in the same run: python-docx writing the paragraphs of the report plainly, and python-calamine alone reading
the spreadsheet.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

MEASURES, FINDINGS, EVIDENCE = 120, 85, 400  # of the state whose desk is measured
STATES, FINDINGS_OF_EACH = 50, 100
RUNS = 15
QUERIES_TARGET, DESK_TARGET_MS, PROGRESS_TARGET_MS, MATRIX_TARGET_MS = 12, 40, 500, 60
DAY = date(2026, 5, 1)
SECTIONS, DOCX_TARGET = 60, 2.0  # of a report back; seconds
ROWS, EXISTING, CITED, PREVIEW_TARGET = 1_000, 500, 200, 5.0  # of a spreadsheet; seconds
FILE_RUNS = 5


def main() -> int:
    measurements = {
        "desk": measure_desk,
        "matrix": measure_matrix,
        "progress": measure_progress,
        "drafts": measure_drafts,
        "imports": measure_imports,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", choices=measurements, help="one of the measurements (default: all)")
    options = parser.parse_args()
    if options.only is None:  # each with a process and a database of its own
        command = [sys.executable, __file__, "--database", options.database, "--only"]
        return max([subprocess.run([*command, name], check=False).returncode for name in measurements])
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="samsvar-bench-"))
        os.environ |= {"SAMSVAR_DATA": folder, "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.testing"}
        os.environ["SAMSVAR_TEST_DATABASE"] = f"sqlite:////{folder}/implementation.sqlite3"
        if options.database == "postgresql":
            from tools import postgres

            os.environ["SAMSVAR_TEST_DATABASE"] = stack.enter_context(postgres.run_server())
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        promises = measurements[options.only]()
    for promise, is_kept in promises.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(promises.values()) else 1


def time_of(action: Callable[[], object]) -> float:
    """Return the median time of a processor that an action takes, in milliseconds."""
    action()
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        action()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def measure_desk() -> dict[str, bool]:
    """Measure the pages of a desk as whole requests, each with its session and permissions."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from samsvar.network.rights import Role
    from tests.factories.people import make_account, sign_in

    create_state("XA", FINDINGS, MEASURES, EVIDENCE)
    client = sign_in(Client(SERVER_NAME="localhost"), make_account(Role.NATIONAL_DESK, state="XA"))

    def read(address: str) -> Any:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return answer

    pages = {
        "desk": "/en/countries/XA/desk/",
        "findings to handle": "/en/countries/XA/desk/findings/?show=all",
        "measures as a table": "/en/countries/XA/measures/",
        "measures as a board": "/en/countries/XA/measures/?view=board",
    }
    print("page of the desk          ms of a processor  queries")
    times, queries = {}, {}
    for name, address in pages.items():
        read(address)
        with CaptureQueriesContext(connection) as captured:
            read(address)
        queries[name] = len(captured)
        times[name] = time_of(lambda address=address: read(address))
        print(f"{name:26}{times[name]:>17.1f}{queries[name]:>9}")
    size = f"{MEASURES} measures × {FINDINGS} findings × {EVIDENCE} pieces of evidence"
    return {
        f"desk with {size} ≤ {DESK_TARGET_MS} ms": times["desk"] <= DESK_TARGET_MS,
        f"desk ≤ {QUERIES_TARGET} queries": queries["desk"] <= QUERIES_TARGET,
    }


def measure_matrix() -> dict[str, bool]:
    """Measure the findings of a state with the measures that answer each, as a list and as a matrix, as whole requests.

    The reference is the same table written plainly by a Django template, with one cell for each pair.
    """
    from django.db import connection
    from django.template import Context, Template
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from samsvar.network.rights import Role
    from tests.factories.people import make_account, sign_in

    create_state("XA", FINDINGS, MEASURES, EVIDENCE)
    create_state("XB", FINDINGS // 4, MEASURES // 4, 0)
    client = sign_in(Client(SERVER_NAME="localhost"), make_account(Role.NATIONAL_DESK, state="XA"))
    pages = {"matrix": "/measures/findings/?view=matrix", "list": "/measures/findings/"}
    times, queries = {}, {}
    for name, address in pages.items():
        for state in ("XA", "XB"):
            url = f"/en/countries/{state}{address}"
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                content = client.get(url).content
            queries[name, state] = len(captured)
            times[name, state] = time_of(lambda url=url: client.get(url))
            print(
                f"{name:8}{state} {times[name, state]:>7.1f} ms of a processor, {queries[name, state]} queries, "
                f"{len(content) / 1000:.0f} kB"
            )
    template = Template(
        "{% for row in rows %}<tr><th>{{ row.0 }}</th>{% for cell in row.1 %}<td>{% if cell %}<a href='{{ cell }}'>"
        "{{ cell }}</a>{% endif %}</td>{% endfor %}</tr>{% endfor %}"
    )
    rows = [(number, ["●" if place % 60 == number % 60 else "" for place in range(MEASURES)]) for number in range(85)]
    print(f"the cells alone by a template: {time_of(lambda: template.render(Context({'rows': rows}))):.1f} ms")
    size = f"{MEASURES} measures × {FINDINGS} findings"
    return {
        f"matrix of {size} ≤ {MATRIX_TARGET_MS} ms": times["matrix", "XA"] <= MATRIX_TARGET_MS,
        f"list of {size} ≤ {MATRIX_TARGET_MS} ms": times["list", "XA"] <= MATRIX_TARGET_MS,
        "the same number of queries for 30 × 21": queries["matrix", "XA"] == queries["matrix", "XB"],
    }


def measure_progress() -> dict[str, bool]:
    """Measure the three answers for the findings of fifty states, which are one query."""
    from samsvar.site.implementation.progress.queries import with_progress
    from samsvar.site.monitoring.models import Finding

    for number in range(STATES):
        create_state(f"T{number}", FINDINGS_OF_EACH, 60, 100)
    findings = Finding.objects.filter(state__code__startswith="T")
    assert findings.count() == STATES * FINDINGS_OF_EACH

    def read() -> object:
        return list(with_progress(findings, DAY).values_list("state_id", "done", "proven", "verdict"))

    milliseconds = time_of(read)
    print(f"three answers for {STATES} states × {FINDINGS_OF_EACH} findings: {milliseconds:.0f} ms of a processor")
    return {f"progress of {STATES} states ≤ {PROGRESS_TARGET_MS} ms": milliseconds <= PROGRESS_TARGET_MS}


def measure_drafts() -> dict[str, bool]:
    """Measure a report back as DOCX against python-docx writing the same paragraphs plainly, and reading it back."""
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
    print(
        f"DOCX of {SECTIONS} sections, {len(paragraphs)} paragraphs, {len(content) / 1000:.0f} kB; best of {FILE_RUNS}"
    )
    print(f"  python-docx, the same paragraphs plainly  {plain:.3f} s")
    print(f"  write_draft_docx                          {written:.3f} s  ({written / plain:.2f} × plain)")
    print(f"  read_draft_docx, in a child process       {read:.3f} s")
    return {f"DOCX of {SECTIONS} sections ≤ {DOCX_TARGET} s each way": max(written, read) <= DOCX_TARGET}


def measure_imports() -> dict[str, bool]:
    """Measure the preview of a spreadsheet of measures against python-calamine alone reading the same file."""
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
    findings = [make_finding(number, articles=(str(7 + number % 50),)) for number in range(1, CITED + 1)]
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
    content = _make_table(ROWS)

    def read_plainly() -> None:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        book.get_sheet_by_name(book.sheet_names[0]).to_python()

    plain = best_of(read_plainly)
    whole = best_of(lambda: preview(content, plan=plan))
    data = preview(content, plan=plan)
    confirmed = processor_time(lambda: confirm(data))
    assert models.Measure.objects.count() == ROWS
    imported = models.MeasureImport.objects.latest("at")
    undone = processor_time(lambda: actions.undo_import(by=account, imported=imported))
    assert models.Measure.objects.count() == EXISTING
    size = len(content) / 1000
    print(f"Import of {ROWS:,} measures, {size:.0f} kB, {EXISTING} there; processor time, best of {FILE_RUNS}")
    print(f"  python-calamine, the file alone   {plain:.3f} s")
    print(f"  upload and whole preview          {whole:.3f} s  ({whole / plain:.0f} × plain)")
    print(f"  confirmation, one transaction     {confirmed:.3f} s, {imported.added} added, {imported.changed} changed")
    print(f"  undo                              {undone:.3f} s")
    return {f"import of {ROWS:,} rows ≤ {PREVIEW_TARGET} s with preview": whole <= PREVIEW_TARGET}


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
                f"GREVIO § {number % CITED + 1}; art. {7 + number % 50}",
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
    return min(processor_time(function) for _ in range(FILE_RUNS))


def processor_time(function: Callable[[], object]) -> float:
    """Return the processor time of a call and of the child processes that it waited for, in seconds."""
    before = _processor_seconds()
    function()
    return _processor_seconds() - before


def _processor_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def create_state(code: str, findings: int, measures: int, evidence: int) -> None:
    """Create a fictional state with a published report, a plan, measures that answer findings, and evidence."""
    from samsvar.implementation.evidence import EvidenceKind, EvidenceStatus, Side
    from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage
    from samsvar.site.convention.models import State
    from samsvar.site.implementation import models
    from samsvar.site.monitoring import models as monitoring

    chance = random.Random(7)  # the same in each run
    State.objects.get_or_create(code=code, defaults={"kind": "fictional"})
    document = monitoring.Document.objects.create(
        public_id=f"document-{code}", body="grevio", state_id=code, kind="report", procedure="baseline",
        published="2023-05-11", reference=f"GREVIO({code})", language="en", origin="demo", title="A fictional report",
    )  # fmt: skip
    report = monitoring.Report.objects.create(
        public_id=f"report-{code}",
        document=document,
        status="published",
        content_hash=f"{code:0>64}",
        filename="a.pdf",
        size=1,
        page_count=40,
    )
    rows = monitoring.Finding.everything.bulk_create(
        monitoring.Finding(
            public_id=f"{code}-{number}", report=report, ordinal=number, state_id=code, body="grevio", year=2023,
            paragraph=f"{number}", page=1 + number // 3, strength=chance.choice(["urges", "encourages", "invites"]),
            rank=chance.randrange(4), language="en", reader="grevio 1",
            text=f"GREVIO urges the authorities to {' '.join(chance.choices(_WORDS, k=40))}.",
        )
        for number in range(1, findings + 1)
    )  # fmt: skip
    monitoring.FindingArticle.everything.bulk_create(
        monitoring.FindingArticle(finding=finding, article=7 + finding.ordinal % 50) for finding in rows
    )
    plan = models.Plan.objects.create(state_id=code, title="A fictional plan", visibility="public", begins="2024")
    chapters = [models.PlanChapter.objects.create(plan=plan, title=f"Chapter {n}", order=n) for n in range(4)]
    made = models.Measure.objects.bulk_create(
        models.Measure(
            state_id=code, plan=plan, chapter=chapters[number % 4], reference=f"{1 + number % 4}.{1 + number // 4}",
            title=f"Measure {number} of the plan", stage=chance.choice([one for one in Stage if one != Stage.STOPPED]),
            lead_name=f"Ministry {number % 9}", due=(DAY + timedelta(days=chance.randrange(-200, 400))).isoformat(),
            visibility=chance.choice([MeasureVisibility.PUBLIC, MeasureVisibility.PUBLIC, MeasureVisibility.DESK]),
        )
        for number in range(measures)
    )  # fmt: skip
    # two findings a measure; a fifth of the findings have no answer
    pairs = {(measure, chance.choice(rows[: len(rows) * 4 // 5])) for measure in made for _ in range(2)}
    models.Answer.objects.bulk_create(
        models.Answer(measure=measure, finding=finding, scope=AnswerScope.WHOLE)
        for measure, finding in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk))
    )
    models.Triage.objects.bulk_create(
        models.Triage(finding=finding, state_id=code, body_name=f"Ministry {finding.ordinal % 9}")
        for finding in rows[::3]
    )
    models.Evidence.objects.bulk_create(
        models.Evidence(
            state_id=code, side=chance.choice(list(Side)), kind=EvidenceKind.REPORT, supports=chance.random() < 0.8,
            title=f"Evidence {number}", received=DAY - timedelta(days=number),
            valid_until=chance.choice([None, None, DAY - timedelta(days=9), DAY + timedelta(days=90)]),
            status=EvidenceStatus.OFFERED if number % 20 == 0 else EvidenceStatus.ACCEPTED,
            **({"measure": chance.choice(made)} if number % 2 else {"finding": chance.choice(rows)}),
        )
        for number in range(evidence)
    )  # fmt: skip


_WORDS = (
    "shelters places region training judges police courts data survey women children support funding services violence "
    "prevention programme risk order barring helpline centres victims rights custody interpreters schools media"
).split()


if __name__ == "__main__":
    sys.exit(main())
