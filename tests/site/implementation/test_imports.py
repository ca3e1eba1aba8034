"""Imports of measures: preview of every cell, all or nothing, undo, remembered columns, links to findings, export."""

from __future__ import annotations

import io
import re
from pathlib import Path

import lxml.html
import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from samsvar.funding.tables import ImportOptions
from samsvar.implementation.measures import AnswerScope, ChangeCause, MeasureKind, RegionKind, Stage, TriageDecision
from samsvar.interchange.measure_import import ImportDecisions
from samsvar.interchange.measure_tables import MAX_LENGTHS, format_measure, guess_layout
from samsvar.interchange.tables import read_table, render_csv
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation import models
from samsvar.site.implementation.imports import actions, labels, queries
from samsvar.site.implementation.imports.actions import Target
from samsvar.site.implementation.imports.import_state import create_import_state
from samsvar.site.implementation.labels import MEASURE_KINDS, STAGES
from samsvar.site.implementation.measures.actions import (
    AlreadyUndone,
    MeasuresChangedSince,
    end_answer,
    link_answer,
    save_measure,
    save_plan,
)
from samsvar.site.implementation.measures.queries import measure_values
from samsvar.site.monitoring.models import Finding
from tests.factories.implementation import make_evidence, make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

HEADINGS = ["Nr.", "Tiltak", "Ansvarlig", "Frist", "Status", "Kostnad (NOK)", "GREVIOs anbefaling"]
ROWS = [
    ["1.1", "En vakttelefon", "Justisdepartementet; Politiet", "31.12.2027", "i gang", "5 000 000", "GREVIO § 57"],
    ["1.2", "Opplæring av dommere", "Domstolene", "2027", "vedtatt", "", "Art. 25"],
]


@pytest.fixture(scope="module", autouse=True)
def convention(module_rows):
    with module_rows():
        load_convention()
        yield


@pytest.fixture
def desk():
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def findings():
    """Three findings on Nordmark: paragraphs 57, 58 and 59, of which 58 and 59 are about Article 25."""
    made = [
        make_finding(number, articles=articles) for number, articles in ((57, ("24",)), (58, ("25",)), (59, ("25",)))
    ]
    make_report(reading=make_reading(findings=made))
    return {finding.paragraph: finding for finding in Finding.objects.all()}


def _import(by, rows=None, *, decisions=None, target=None, headings=None, fingerprint=None, **options):
    """Import rows below the headings, as a person does who accepts the guessed columns."""
    table = [headings or HEADINGS, *(ROWS if rows is None else rows)]
    guessed, _matches = guess_layout(table)
    layout = ImportOptions(guessed.heading, guessed.columns, guessed.fixed, **options)
    target, decisions = target or Target(language="nb"), decisions or ImportDecisions()
    plan = queries.plan_import(
        state="XA", plan=target.plan, has_plan=target.has_plan, rows=table, options=layout, decisions=decisions
    )
    return actions.import_measures(
        by=by, state="XA", target=target, rows=table, options=layout, decisions=decisions,
        fingerprint=plan.fingerprint if fingerprint is None else fingerprint,
    )  # fmt: skip


def _everything() -> dict[str, object]:
    """Return every value of every measure, link and decision, to compare before and after."""
    return {
        "measures": {measure.reference: measure_values(measure) for measure in models.Measure.objects.all()},
        "since": [*models.Measure.objects.order_by("reference").values_list("stage_since", flat=True)],
        "links": [*models.Answer.objects.filter(ended_at=None).values_list("measure__reference", "finding_id")],
        "triages": [*models.Triage.objects.exclude(decision="open").values_list("finding_id", "decision")],
    }


# --- Import -----------------------------------------------------------------------------------------------------------


def test_an_import_adds_measures_with_their_bodies_and_a_history_of_one_batch(desk, findings):
    imported = _import(desk)
    first, second = models.Measure.objects.order_by("reference")
    values = measure_values(first)
    assert {name: values[name] for name in ("title", "lead", "bodies", "due", "stage", "budget", "currency")} == {
        "title": "En vakttelefon", "lead": "Justisdepartementet", "bodies": ["Politiet"], "due": "2027-12-31",
        "stage": "under_way", "budget": "5000000.00", "currency": "NOK",
    }  # fmt: skip
    assert (first.language, first.visibility, second.due) == ("nb", "desk", "2027")
    changes = models.Change.objects.filter(batch=imported.batch)
    assert {change.cause for change in changes} == {ChangeCause.IMPORT}
    assert sorted(changes.values_list("kind", flat=True)) == ["answer", "measure", "measure", "triage"]
    assert (imported.added, imported.changed, imported.linked) == (2, 0, 1)
    entry = AuditEntry.objects.get(verb="imported measures")
    assert (entry.subject, entry.details) == ("state XA", {"added": 2, "changed": 0, "linked": 1})


def test_a_link_from_an_import_answers_a_part_only_and_says_where_it_comes_from(desk, findings):
    _import(desk)
    answer = models.Answer.objects.get()
    assert (answer.finding_id, answer.scope) == (findings["57"].public_id, AnswerScope.PART)
    assert "“§ 57”" in answer.reason
    assert models.Triage.objects.get().decision == TriageDecision.IN_HAND


def test_the_same_file_twice_changes_nothing(desk, findings):
    _import(desk)
    before, history = _everything(), models.Change.objects.count()
    with pytest.raises(actions.NothingToImport):
        _import(desk)
    assert (_everything(), models.Change.objects.count()) == (before, history)


def test_a_link_that_was_left_out_is_not_made_by_the_same_file_later(desk, findings):
    _import(desk, decisions=ImportDecisions(declined=frozenset({(2, findings["57"].public_id)})))
    assert not models.Answer.objects.exists()
    with pytest.raises(actions.NothingToImport):
        _import(desk)


def test_a_link_that_is_declined_for_an_existing_measure_is_remembered(desk, findings):
    make_measure("Opplæring av dommere", reference="1.2", visibility="desk", lead_name="Domstolene", due="2027")
    declined = ImportDecisions(declined=frozenset({(2, findings["58"].public_id), (2, "no finding"), (9, "no row")}))
    rows = [["1.2", "Opplæring av dommere", "", "", "", "", "§ 58"], ["9", "Another", "", "", "", "", ""]]
    _import(desk, rows, decisions=declined)
    measure = models.Measure.objects.get(reference="1.2")
    assert models.MeasureImport.objects.get().declined == [[measure.public_id, findings["58"].public_id]]
    with pytest.raises(actions.NothingToImport):
        _import(desk, rows)


def test_a_suggested_finding_is_linked_only_if_it_is_chosen(desk, findings):
    _import(desk, decisions=ImportDecisions(chosen=frozenset({(3, findings["58"].public_id)})))
    assert set(models.Answer.objects.values_list("measure__reference", "finding__paragraph")) == {
        ("1.1", "57"), ("1.2", "58"),
    }  # fmt: skip


def test_a_changed_file_changes_only_the_cells_that_differ(desk, findings):
    _import(desk)
    imported = _import(desk, [ROWS[0], [*ROWS[1][:3], "2028", "gjennomført", "", ""]])
    (change,) = models.Change.objects.filter(batch=imported.batch)
    assert (change.before, change.after) == (
        {"due": "2027", "stage": "decided"}, {"due": "2028", "stage": "done"},
    )  # fmt: skip
    assert models.Measure.objects.get(reference="1.1").version == 1


def test_one_bad_cell_stops_the_whole_import(desk, findings):
    with pytest.raises(actions.ImportHasProblems):
        _import(desk, [ROWS[0], [*ROWS[1][:3], "2. kvartal 2027", "vedtatt", "", ""]])
    assert not models.Measure.objects.exists()
    assert not models.MeasureImport.objects.exists()
    assert not models.ColumnMapping.objects.exists()


def test_a_failure_in_the_middle_leaves_nothing_behind(desk, findings, monkeypatch):
    calls = []

    def fail_at_the_second(**how):
        calls.append(how)
        if len(calls) == 2:
            raise ZeroDivisionError
        return save_measure(**how)

    monkeypatch.setattr(actions, "save_measure", fail_at_the_second)
    with pytest.raises(ZeroDivisionError):
        _import(desk)
    assert _everything() == {"measures": {}, "since": [], "links": [], "triages": []}
    assert not models.MeasureImport.objects.exists()


def test_an_outdated_preview_is_not_imported(desk, findings):
    with pytest.raises(actions.ImportOutdated):
        _import(desk, fingerprint="0" * 16)
    assert not models.Measure.objects.exists()


def test_only_the_desk_of_the_state_can_import_and_undo(desk, findings):
    stranger = make_account(Role.NATIONAL_DESK, state="XB")
    with pytest.raises(PermissionDenied):
        _import(stranger)
    imported = _import(desk)
    with pytest.raises(PermissionDenied):
        actions.undo_import(by=stranger, imported=imported)


def test_rows_are_compared_with_the_measures_of_their_plan_only(desk, findings):
    _import(desk)
    imported = _import(desk, target=Target(new_plan="A plan of 2027"))
    assert imported.added == 2
    with pytest.raises(actions.NothingToImport):
        _import(desk, target=Target(imported.plan))
    assert models.Plan.objects.get().title == "A plan of 2027"


def test_chapters_are_added_to_a_plan_and_those_it_has_remain(desk):
    plan = save_plan(by=desk, state="XA", values={"title": "A plan"}, chapters=["Prevention"])
    headings = ["No.", "Measure", "Chapter"]
    _import(desk, [["1", "A", "Prevention"], ["2", "B", "Protection"]], headings=headings, target=Target(plan))
    assert [*plan.chapters.values_list("title", "measures__reference")] == [("Prevention", "1"), ("Protection", "2")]


def test_a_listed_organisation_is_linked_and_others_are_named(desk):
    from samsvar.site.network.models import Organisation

    court = Organisation.objects.create(
        public_id="xa-court", name="Court, police and care", kind="court", state_id="XA"
    )
    _import(desk, [["1", "A", "court, police and care", "", "", "", ""], ["2", "B", "Harbour", "", "", "", ""]])
    first, second = models.Measure.objects.order_by("reference")
    assert (first.lead, first.lead_name, second.lead, second.lead_name) == (court, "", None, "Harbour")


def test_the_limits_of_the_library_are_those_of_the_columns():
    fields = {"number": "reference", "title": "title", "lead": "lead_name"}
    lengths = {ours: models.Measure._meta.get_field(name).max_length for ours, name in fields.items()}
    lengths["chapter"] = models.PlanChapter._meta.get_field("title").max_length
    lengths["region"] = models.Region._meta.get_field("name").max_length
    assert {name: MAX_LENGTHS[name] for name in lengths} == lengths


def test_every_problem_of_the_library_has_a_sentence_in_the_readers_language():
    folder = Path(queries.plan_measure_import.__code__.co_filename).parent
    code = "".join((folder / name).read_text() for name in ("measure_tables.py", "measure_import.py"))
    named = set(re.findall(r'_CellError\(\s*"([a-z_]+)"', code))
    named |= set(re.findall(r'_note\([^()]*?, "([a-z_]+)",', code))
    named |= set(re.findall(r'_problem\(parsed, [a-z"]+, "([a-z_]+)"', code))
    assert len(named) > 25
    assert named == set(labels.PROBLEMS)


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_an_export_uses_the_words_of_the_interface_for_kinds_and_stages(language):
    with override(language):
        for kind in MeasureKind:
            assert format_measure({"kind": kind}, language)["kind"] == MEASURE_KINDS[kind]
        for stage in Stage:
            assert format_measure({"stage": stage}, language)["stage"] == STAGES[stage]


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_undo_gives_every_value_link_and_decision_back(desk, findings):
    make_measure(
        "En vakttelefon", reference="1.1", due="2026", stage=Stage.DECIDED, lead_name="Helse", bodies=["Skole"]
    )
    before = _everything()
    imported = _import(desk)
    assert _everything() != before
    actions.undo_import(by=desk, imported=imported)
    assert _everything() == before
    assert {change.cause for change in models.Change.objects.all()[models.Change.objects.count() - 1 :]} == {"undo"}
    assert AuditEntry.objects.filter(verb="undid an import of measures").count() == 1
    with pytest.raises(AlreadyUndone):
        actions.undo_import(by=desk, imported=imported)


def test_undo_is_refused_by_name_for_a_measure_changed_since(desk, findings):
    imported = _import(desk)
    measure = models.Measure.objects.get(reference="1.2")
    save_measure(by=desk, state="XA", values={"due": "2030"}, existing=measure)
    before = _everything()
    with pytest.raises(MeasuresChangedSince) as error:
        actions.undo_import(by=desk, imported=imported)
    assert error.value.titles == ("Opplæring av dommere",)
    assert _everything() == before


def test_a_later_change_that_was_undone_does_not_prevent_undo(desk):
    first = _import(desk)
    later = _import(desk, [[*ROWS[0][:3], "2031", "", "", ""]])
    with pytest.raises(MeasuresChangedSince):
        actions.undo_import(by=desk, imported=first)
    actions.undo_import(by=desk, imported=later)
    actions.undo_import(by=desk, imported=first)
    assert not models.Measure.objects.exists()


def test_undo_is_refused_if_evidence_refers_to_an_added_measure_or_a_link_was_ended(desk, findings):
    imported = _import(desk)
    make_evidence(models.Measure.objects.get(reference="1.2"))
    end_answer(by=desk, answer=models.Answer.objects.get(), reason="It answers another paragraph.")
    with pytest.raises(MeasuresChangedSince) as error:
        actions.undo_import(by=desk, imported=imported)
    assert error.value.titles == ("En vakttelefon", "Opplæring av dommere")


def test_undo_leaves_links_that_were_there_before_and_findings_that_others_answer(desk, findings):
    other = make_measure("Another", reference="9")
    from samsvar.site.implementation.measures.actions import link_answer

    imported = _import(desk)
    link_answer(by=desk, measure=other, finding=findings["57"], scope=AnswerScope.PART)
    actions.undo_import(by=desk, imported=imported)
    assert _everything()["links"] == [("9", findings["57"].public_id)]
    assert _everything()["triages"] == [(findings["57"].public_id, "in_hand")]


# --- New regions ------------------------------------------------------------------------------------------------------

REGION_HEADINGS = ["Nr.", "Tiltak", "Region"]
REGION_ROWS = [
    ["1", "Et krisesenter", "Nordfylke"],
    ["2", "Et kurs", "Lampeby"],
    ["3", "Et kurs til", "LAMPEBY"],
    ["4", "En vakttelefon", "Sørfylke"],
]


@pytest.fixture
def southshire(desk):
    return models.Region.objects.create(state_id="XA", name="Sørfylke")


def _regions() -> list[tuple[str, str]]:
    return [*models.Region.objects.order_by("name").values_list("name", "kind")]


def test_regions_are_created_with_the_import_and_removed_when_it_is_undone(desk, southshire):
    with pytest.raises(actions.ImportHasProblems):  # not unasked
        _import(desk, REGION_ROWS, headings=REGION_HEADINGS)
    decisions = ImportDecisions(new_regions={"Lampeby": RegionKind.MUNICIPALITY, "Nordfylke": RegionKind.REGION})
    imported = _import(desk, REGION_ROWS, headings=REGION_HEADINGS, decisions=decisions)
    assert _regions() == [("Lampeby", "municipality"), ("Nordfylke", "region"), ("Sørfylke", "region")]
    places = models.Measure.objects.order_by("reference").values_list("region__name", flat=True)
    assert [*places] == ["Nordfylke", "Lampeby", "Lampeby", "Sørfylke"]
    assert AuditEntry.objects.filter(verb="added a region").count() == 2
    actions.undo_import(by=desk, imported=imported)
    assert _regions() == [("Sørfylke", "region")]


def test_a_region_that_something_else_refers_to_is_kept_by_an_undo_and_named(client, desk, southshire):
    decisions = ImportDecisions(all_new_regions=RegionKind.REGION)
    imported = _import(desk, REGION_ROWS, headings=REGION_HEADINGS, decisions=decisions)
    make_measure("Another", region=models.Region.objects.get(name="Lampeby"))
    sign_in(client, desk)
    shown = client.get(reverse("implementation:import", args=["XA", imported.public_id]))
    assert "Regions and municipalities created: Lampeby, Nordfylke" in _text(shown)
    undone = client.post(reverse("implementation:undo-import", args=["XA", imported.public_id]), follow=True)
    assert "Kept, because something else refers to them: Lampeby" in _text(undone)
    assert _regions() == [("Lampeby", "region"), ("Sørfylke", "region")]


def test_an_import_that_fails_creates_no_region(desk, southshire, monkeypatch):
    monkeypatch.setattr(actions, "_remember_columns", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _import(
            desk, REGION_ROWS, headings=REGION_HEADINGS, decisions=ImportDecisions(all_new_regions=RegionKind.REGION)
        )
    assert _regions() == [("Sørfylke", "region")]


def test_a_region_that_only_a_skipped_row_names_is_not_created(desk, southshire):
    decisions = ImportDecisions(skipped=frozenset({2}), all_new_regions=RegionKind.REGION)
    _import(desk, REGION_ROWS, headings=REGION_HEADINGS, decisions=decisions)
    assert _regions() == [("Lampeby", "region"), ("Sørfylke", "region")]


def test_the_preview_names_new_regions_and_creates_those_that_are_chosen(client, desk, southshire):
    sign_in(client, desk)
    rows = [*REGION_ROWS, ["5", "Et råd", "Sorfylkee"]]
    columns = _form_data(_upload(client, _workbook(REGION_HEADINGS, *rows)))
    check, confirm = (reverse(f"implementation:{name}-import", args=["XA"]) for name in ("check", "confirm"))
    preview = client.post(check, columns)
    text = _text(preview)
    assert "New regions and municipalities" in text
    assert "Lampeby in 2 rows" in text
    assert "“Sørfylke” exists and is spelt almost the same." in text
    assert "With errors: 4." in text
    data = _form_data(preview) | {"new-region": ["municipality:Lampeby", "region:Nordfylke", "nonsense:Sorfylkee"]}
    refreshed = client.post(check, data)
    assert "With errors: 1." in _text(refreshed)
    data = _form_data(refreshed)
    assert data["new-region"] == ["municipality:Lampeby", "region:Nordfylke", ""]
    assert client.post(confirm, data | {"mark": _form_data(refreshed)["mark"]}).status_code == 409  # one row is wrong
    assert _regions() == [("Sørfylke", "region")]
    assert client.post(confirm, data | {"skip-wrong": "on"}).status_code == 302
    assert _regions() == [("Lampeby", "municipality"), ("Nordfylke", "region"), ("Sørfylke", "region")]


# --- Pages ------------------------------------------------------------------------------------------------------------


def _workbook(*rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return buffer.getvalue()


def _upload(client, content: bytes, **data):
    data = {"language": "nb", **data}
    return client.post(
        reverse("implementation:imports", args=["XA"]), {"file": SimpleUploadedFile("t", content), **data}
    )


def _form_data(answer) -> dict[str, object]:
    """Return what a browser sends with the form on the page of an import."""
    (form,) = [form for form in lxml.html.fromstring(answer.content).forms if "cells" in form.fields]
    data: dict[str, list[str]] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return data


def _text(answer) -> str:
    return " ".join(lxml.html.fromstring(answer.content).text_content().split())


def test_the_first_upload_asks_for_the_columns_and_says_why_each_was_recognised(client, desk):
    sign_in(client, desk)
    answer = _upload(client, _workbook(["Measure area", "Frist (senest)"], ["A", "2026"]))
    text = _text(answer)
    assert "Columns of the spreadsheet" in text
    assert "the heading contains “Frist”" in text
    assert "Preview of changes" not in text


def test_the_preview_shows_new_values_problems_by_cell_and_proposed_links(client, desk, findings):
    sign_in(client, desk)
    make_measure("En vakttelefon", reference="1.1", due="2026", stage=Stage.DECIDED)
    bad = ["1.3", "Kampanje", "", "våren 2027", "", "", "§ 999"]
    checked = client.post(
        reverse("implementation:check-import", args=["XA"]),
        _form_data(_upload(client, _workbook(HEADINGS, *ROWS, bad))),
    )
    text = _text(checked)
    assert "New: 1. Changed: 1. Unchanged: 0. With errors: 1." in text
    assert "D2 Due date: 2026 → 31 December 2027" in text
    assert "D4 Due date våren 2027 A season is not a date." in text
    assert "§ 57: GREVIO" in text
    assert "Nothing is saved while any row has errors." in text
    assert not lxml.html.fromstring(checked.content).xpath("//button[@formaction]")
    assert models.Measure.objects.count() == 1


def test_a_person_imports_a_file_by_the_pages_and_the_columns_are_remembered(client, desk, findings):
    sign_in(client, desk)
    columns = _form_data(_upload(client, _workbook(HEADINGS, *ROWS), new_plan="Plan 2027"))
    preview = client.post(reverse("implementation:check-import", args=["XA"]), columns)
    done = client.post(reverse("implementation:confirm-import", args=["XA"]), _form_data(preview), follow=True)
    assert "2 rows imported." in _text(done)
    assert models.Plan.objects.get().title == "Plan 2027"
    again = _upload(
        client,
        _workbook([*reversed(HEADINGS)], *([*reversed(cells)] for cells in ROWS)),
        plan=models.Plan.objects.get().public_id,
    )
    text = _text(again)
    assert "The columns are those that your desk last chose" in text
    assert models.ColumnMapping.objects.get().fixed == {"currency": "NOK"}
    assert "Unchanged: 2." in text
    assert "There is nothing to import" in text
    imported = models.MeasureImport.objects.get()
    undone = client.post(reverse("implementation:undo-import", args=["XA", imported.public_id]), follow=True)
    assert "Undone. The measures are as they were before." in _text(undone)
    assert not models.Measure.objects.exists()


def test_a_preview_that_is_outdated_is_shown_again_and_nothing_is_saved(client, desk, findings):
    sign_in(client, desk)
    preview = client.post(
        reverse("implementation:check-import", args=["XA"]), _form_data(_upload(client, _workbook(HEADINGS, *ROWS)))
    )
    data = _form_data(preview)
    make_measure("En vakttelefon", reference="1.1")
    answer = client.post(reverse("implementation:confirm-import", args=["XA"]), data)
    assert answer.status_code == 409
    assert "The measures have changed since this preview was made." in _text(answer)
    assert models.Measure.objects.count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"cells": "no json"}, {"cells": "[]"}, {"cells": '[["","",[["a"]]]]', "plan": "of another state"}]
)
def test_a_form_that_cannot_come_from_the_page_is_refused(client, desk, data):
    sign_in(client, desk)
    for name in ("check-import", "confirm-import"):
        answer = client.post(reverse(f"implementation:{name}", args=["XA"]), data)
        assert (answer.status_code, answer["Location"]) == (302, "/en/countries/XA/imports/")


def test_a_file_that_is_no_table_is_refused_with_advice(client, desk):
    sign_in(client, desk)
    answer = _upload(client, b"PK\x03\x04 broken")
    assert answer.status_code == 422
    assert "damaged" in _text(answer)


def test_desks_of_other_states_see_no_page_of_an_import(client, desk, findings):
    imported = _import(desk)
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XB"))
    for name, args in (("imports", ["XA"]), ("import", ["XA", imported.public_id])):
        assert client.get(reverse(f"implementation:{name}", args=args)).status_code == 403
    assert client.get(reverse("implementation:import", args=["XB", imported.public_id])).status_code == 404


# --- Export -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(client, desk, language, file_format):
    make_report()
    measure = make_measure(
        "=A helpline",
        reference="1",
        due="2027-12-31",
        lead_name="Justice, police",
        bodies=["Health"],
        budget=5,
        currency="EUR",
    )
    make_measure("Another", reference="2", stage=Stage.STOPPED, reason="No funds.", text="One line\nand another")
    link_answer(by=desk, measure=measure, finding=Finding.objects.first())
    sign_in(client, desk)
    answer = client.get(f"/{language}/countries/XA/measures/table.{file_format}")
    assert len(read_table(answer.content)) == 3
    assert answer["Cache-Control"] == "private, no-store"
    state = create_import_state(answer.content, "XA", Target())
    plan = queries.plan_import(
        state="XA", plan=None, has_plan=False, rows=state.rows, options=state.options, decisions=state.decisions
    )
    assert [(planned.outcome, planned.changes, planned.problems) for planned in plan.rows] == [("same", (), ())] * 2


def test_an_export_has_the_measures_that_the_filters_and_rights_allow(client, desk):
    make_measure("For everyone", reference="1", kind="law")
    make_measure("For everyone too", reference="2")
    make_measure("For the desk", reference="3", visibility="desk", kind="law")
    content = client.get("/en/countries/XA/measures/table.csv", {"kind": "law"}).content.decode()
    assert "For everyone" in content
    assert "For everyone too" not in content
    assert "For the desk" not in content
    assert client.get("/en/countries/XA/measures/table.pdf").status_code == 404
    assert client.get("/en/countries/nowhere/measures/table.csv").status_code == 404


def test_an_exported_text_is_never_a_formula(client):
    make_measure("=HYPERLINK(1)", reference="+1")
    content = client.get("/en/countries/XA/measures/table.csv").content.decode()
    assert render_csv([{"a": "+1", "b": "=HYPERLINK(1)"}], ["a", "b"]).splitlines()[1] in content
