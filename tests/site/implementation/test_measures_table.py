"""The table of a state's measures: who sees which, filters, bulk edits with undo, and export for import."""

from __future__ import annotations

from datetime import date

import lxml.html
import pytest
from django.urls import reverse

from samsvar.implementation.measures import ChangeCause, Stage
from samsvar.interchange.tables import read_table, render_csv
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation import models
from samsvar.site.implementation.imports import queries
from samsvar.site.implementation.imports.actions import Target
from samsvar.site.implementation.imports.import_state import create_import_state
from samsvar.site.implementation.measures.actions import link_answer, save_measure, save_plan
from samsvar.site.implementation.measures.queries import measure_values
from samsvar.site.implementation.table.queries import MeasureFilters, measure_lines
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Organisation
from tests.factories.implementation import make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db
DAY = date(2027, 5, 1)


@pytest.fixture(scope="module", autouse=True)
def convention(module_rows):
    with module_rows():
        load_convention()
        yield


@pytest.fixture
def desk():
    return make_account(Role.NATIONAL_DESK, state="XA")


def _titles(user, **filters) -> list[str]:
    return [line.measure.title for line in measure_lines(user, "XA", MeasureFilters(**filters), DAY)]


def _text(answer) -> str:
    return " ".join(lxml.html.fromstring(answer.content).text_content().split())


# --- List -------------------------------------------------------------------------------------------------------------


def test_visitors_see_public_measures_and_the_desk_sees_all(client, desk):
    make_measure("For everyone")
    make_measure("For the desk", visibility="desk")
    address = reverse("implementation:measures", args=["XA"])
    text = _text(client.get(address))
    assert "For everyone" in text
    assert "For the desk" not in text
    assert "Save changes" not in text
    text = _text(sign_in(client, desk).get(address))
    assert "For the desk the national desk only" in text
    assert "Save changes" in text
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XB"))
    assert "For the desk" not in _text(client.get(address))
    assert client.get(reverse("implementation:measures", args=["nowhere"])).status_code == 404


def test_the_filters_select_by_plan_stage_kind_due_date_and_findings(desk):
    make_report()
    plan = save_plan(by=desk, state="XA", values={"title": "A plan"}, chapters=[])
    make_measure("A", plan=plan, stage=Stage.DONE, due="2026")
    make_measure("B", kind="law", due="2027-05")
    linked = make_measure("C", due="2027-04")
    link_answer(by=desk, measure=linked, finding=Finding.objects.first())
    assert sorted(_titles(desk)) == ["A", "B", "C"]
    assert _titles(desk, plan=plan.public_id) == ["A"]
    assert sorted(_titles(desk, plan="none")) == ["B", "C"]
    assert _titles(desk, stage="done") == ["A"]
    assert _titles(desk, kind="law") == ["B"]
    assert _titles(desk, due="overdue") == ["C"]  # A is done, and May has not ended
    assert sorted(_titles(desk, findings="none")) == ["A", "B"]


def test_the_table_needs_the_same_queries_for_any_number_of_measures(desk, django_assert_num_queries):
    make_report()
    finding = Finding.objects.first()
    for number in range(2):
        measure = make_measure(f"Measure {number}", bodies=["Police"])
        link_answer(by=desk, measure=measure, finding=finding)
    _titles(desk)  # the account's permissions are read once
    with django_assert_num_queries(3):  # measures, bodies, links with findings
        _titles(desk)
    for number in range(8):
        measure = make_measure(f"More {number}", bodies=["Police"])
        link_answer(by=desk, measure=measure, finding=finding)
    with django_assert_num_queries(3):
        _titles(desk)


# --- Bulk edit --------------------------------------------------------------------------------------------------------


def _values() -> dict[str, object]:
    return {
        measure.reference: (measure_values(measure), measure.stage_since) for measure in models.Measure.objects.all()
    }


def _edit(client, *measures: models.Measure, **data: str):
    versions = [f"{measure.public_id}:{measure.version}" for measure in measures]
    address = reverse("implementation:edit-measures", args=["XA"])
    return client.post(address, {"measure": versions, **data}, follow=True)


def test_a_bulk_edit_is_one_batch_that_can_be_undone(client, desk):
    court = Organisation.objects.create(public_id="xa-court", name="The court", kind="court", state_id="XA")
    measures = [make_measure(f"Measure {number}", reference=str(number), lead_name="Police") for number in range(3)]
    before = _values()
    answer = _edit(sign_in(client, desk), *measures[:2], due="2029", stage="done", lead="The court", visibility="desk")
    assert "2 measures changed." in _text(answer)
    batch = models.MeasureBatch.objects.get()
    assert (batch.cause, batch.changed) == (ChangeCause.BULK, 2)
    assert [*models.Measure.objects.order_by("reference").values_list("due", "stage", "lead", "visibility")] == [
        ("2029", "done", court.pk, "desk"), ("2029", "done", court.pk, "desk"), ("", "decided", None, "public"),
    ]  # fmt: skip
    assert {change.batch for change in models.Change.objects.filter(cause=ChangeCause.BULK)} == {batch.batch}
    client.post(reverse("implementation:undo-batch", args=["XA", batch.public_id]))
    assert _values() == before


def test_a_step_that_is_not_possible_for_one_measure_changes_none(client, desk):
    stopped = make_measure("Stopped", stage=Stage.STOPPED, reason="No funds.")
    other = make_measure("Other")
    before = _values()
    answer = _edit(sign_in(client, desk), other, stopped, stage="done")
    assert answer.status_code == 409
    assert "A measure cannot go from this stage to that one." in _text(answer)
    assert _values() == before
    assert _edit(client, other, stage="stopped").status_code == 409  # without a reason
    assert not models.MeasureBatch.objects.exists()


def test_a_measure_changed_since_the_table_was_shown_is_not_overwritten(client, desk):
    measure = make_measure("A measure")
    save_measure(by=desk, state="XA", values={"due": "2031"}, existing=measure)
    answer = _edit(sign_in(client, desk), measure, due="2029")
    assert answer.status_code == 409
    assert "“A measure”" in _text(answer)
    assert models.Measure.objects.get().due == "2031"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Enter at least one value to change."),
        ({"due": "Q2 2027"}, "This is not a date."),
        ({"kind": "law"}, "have these values already"),
    ],
)
def test_a_bulk_edit_that_changes_nothing_says_why(client, desk, data, message):
    answer = _edit(sign_in(client, desk), make_measure("A measure", kind="law"), **data)
    assert answer.status_code in {409, 422}
    assert message in _text(answer)
    assert not models.MeasureBatch.objects.exists()


def test_a_bulk_edit_needs_a_measure_of_the_state(client, desk):
    own, foreign = make_measure("Here"), make_measure("Elsewhere", state="XB")
    answer = _edit(sign_in(client, desk), foreign, due="2029")
    assert answer.status_code == 422
    assert "Select at least one measure in the table." in _text(answer)
    assert {own.due, models.Measure.objects.get(title="Elsewhere").due} == {""}


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
