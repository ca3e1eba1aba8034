"""Duties of a state: from public documents and its desk, as on any day, on a page and in a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.duties import DueBasis, DutyKind
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.duties import actions
from samsvar.site.implementation.duties.queries import desk_panel, state_duties
from samsvar.site.implementation.duties.timeline import draw_time_line
from samsvar.site.implementation.models import Duty
from samsvar.site.monitoring.models import Document
from tests.factories.implementation import make_duty, make_measure
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 27)
PAGE = "/en/countries/XA/duties/"


@pytest.fixture(autouse=True)
def world(module_world):
    """The states, and the documents of two rounds of Nordmark that overlap."""


@pytest.fixture(scope="module")
def module_world(module_rows):
    with module_rows():
        load_convention()
        make_document("report", "2020-09-21", body="grevio", reference="GREVIO/Inf(2020)901")
        make_document("recommendation", "2020-12-10")
        make_document("conclusions", "2024-06-04")
        make_document("report", "2025-09", body="grevio", procedure="first_thematic")
        yield


def make_document(kind: str, published: str, **columns) -> Document:
    defaults = {
        "public_id": f"{kind[:6]}{published}", "origin": "catalogue", "body": "committee_of_the_parties",
        "state_id": "XA", "procedure": "baseline", "kind": kind, "published": published, "confidence": "confirmed",
    }  # fmt: skip
    return Document.everything.create(**{**defaults, **columns})


def steps(day: date = TODAY, *, state: str = "XA") -> dict[tuple[str, str], tuple[str, str]]:
    """Return the due day and the status of each step on a day."""
    return {
        (line.duty.procedure, line.duty.kind.value): (str(line.duty.due or ""), line.status.value)
        for line in state_duties(state, day).lines
    }


def test_a_page_lists_what_follows_from_the_documents():
    assert steps() == {
        ("baseline", "publication"): ("", "submitted"),
        ("baseline", "recommendation"): ("", "submitted"),
        ("baseline", "report_back"): ("2023-12-10", "noted"),
        ("baseline", "conclusions"): ("", "submitted"),
        ("baseline", "second_report_back"): ("2026-06-04", "proposed_day_passed"),
        ("first_thematic", "publication"): ("", "submitted"),
    }


def test_duties_are_shown_as_known_on_a_day():
    assert steps(date(2020, 12, 10)) == {
        ("baseline", "publication"): ("", "submitted"),
        ("baseline", "recommendation"): ("", "submitted"),
        ("baseline", "report_back"): ("2023-12-10", "not_yet_due"),
    }
    assert steps(date(2020, 1, 1)) == {}


def test_documents_from_memory_of_other_bodies_and_of_drafts_never_count():
    before = steps()
    make_document("state_report", "2024-10", procedure="first_thematic", confidence="from-memory")
    make_document("state_report", "2024-10-02", procedure="first_thematic", body="cedaw")
    make_document("state_report", "2024-10-03", procedure="first_thematic", origin="upload")  # no published report
    assert steps() == before


def test_a_recorded_day_replaces_a_proposed_one_from_the_day_of_its_source():
    make_duty(
        DutyKind.SECOND_REPORT_BACK, due="2026-06-01", basis="printed", due_source="Conclusions, § 12",
        due_since="2024-06-04",
    )  # fmt: skip
    key = ("baseline", "second_report_back")
    assert steps()[key] == ("2026-06-01", "overdue")
    assert steps(date(2024, 6, 4))[key] == ("2026-06-01", "not_yet_due")
    assert key not in steps(date(2024, 6, 3))


def test_a_recorded_day_without_a_day_of_its_source_counts_from_the_day_on_which_it_was_recorded():
    make_duty(DutyKind.SECOND_REPORT_BACK)
    assert steps(timezone.localdate())["baseline", "second_report_back"][0] == "2026-06-01"
    assert steps(timezone.localdate() - timedelta(days=1))["baseline", "second_report_back"][0] == "2026-06-04"


def test_a_recorded_submission_counts_from_its_day():
    make_duty(DutyKind.SECOND_REPORT_BACK, done="2026-05-28", done_source="Letter of the ministry")
    key = ("baseline", "second_report_back")
    assert steps()[key] == ("2026-06-04", "submitted")
    assert steps(date(2026, 5, 27))[key] == ("2026-06-04", "due")


def test_the_next_duty_is_the_earliest_printed_one():
    assert state_duties("XA", TODAY).next is None  # a proposed day that has passed is no next duty
    since = {"due_since": "2026-01-31"}  # else known only from the day on which the test runs
    make_duty(
        DutyKind.REPORT_BACK, procedure="first_thematic", due="2029", basis="printed", due_source="a text", **since
    )
    make_duty(
        DutyKind.STATE_REPORT, procedure="thematic", due="2028-01", basis="proposed", due_source="a guess", **since
    )
    following = state_duties("XA", TODAY).next
    assert following is not None
    assert (following.duty.kind, following.duty.basis) == (DutyKind.REPORT_BACK, DueBasis.PRINTED)


# --- Recording --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"due": "2026-06-01", "basis": "printed"},  # no source
        {"due": "2026-06-01", "due_source": "a text"},  # not said how the day is known
        {"due": "soon", "basis": "printed", "due_source": "a text"},
        {"done": "2026-05-28"},
        {"due": "", "done": ""},
    ],
)
def test_nothing_is_recorded_without_a_date_and_its_source(values):
    with pytest.raises(actions.DutyIncomplete):
        make_duty(**values)
    assert not Duty.objects.exists()


def test_the_database_refuses_a_day_without_a_source():
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(state_id="XA", procedure="baseline", kind="report_back", due="2026-06-01", basis="printed")


def test_a_correction_is_in_the_audit_log_with_what_was_there_before():
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    make_duty()
    values = {"due": "2026-07-01"}
    actions.record_duty(by=desk, state="XA", procedure="baseline", kind=DutyKind.REPORT_BACK, values=values)
    entry = AuditEntry.objects.filter(verb="corrected a duty").get()
    assert (entry.details, entry.subject) == (
        {"before": {"due": "2026-06-01"}, "after": {"due": "2026-07-01"}}, "duty XA baseline report_back",
    )  # fmt: skip
    actions.record_duty(by=desk, state="XA", procedure="baseline", kind=DutyKind.REPORT_BACK, values=values)
    assert AuditEntry.objects.filter(verb="corrected a duty").count() == 1  # nothing changed


def test_only_the_desk_of_the_state_records_and_removes():
    neighbour = make_account(Role.NATIONAL_DESK, state="XB")
    duty = make_duty()
    with pytest.raises(PermissionDenied):
        actions.remove_duty(by=neighbour, duty=duty)
    with pytest.raises(PermissionDenied):
        actions.record_duty(
            by=neighbour, state="XA", procedure="baseline", kind=DutyKind.REPORT_BACK, values={"due": "2026-07-01"}
        )
    assert Duty.objects.get().due == "2026-06-01"


def test_the_desk_records_corrects_and_removes_on_the_site(client):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    form = reverse("implementation:record-duty", args=["XA", "baseline", "second_report_back"])
    page = client.get(PAGE).content.decode()
    assert form in page
    values = {"due": "2026-06-01", "basis": "printed", "due_source": "Conclusions, § 12"}
    assert client.post(form, {"due": "June", "basis": "printed", "due_source": "x"}).status_code == 422
    assert client.post(form, {**values, "due_source": ""}).status_code == 422
    assert client.post(form, {}).status_code == 422
    assert client.post(form, values)["Location"] == PAGE
    assert steps(timezone.localdate())["baseline", "second_report_back"] == ("2026-06-01", "overdue")
    assert 'value="Conclusions, § 12"' in client.get(form).content.decode()
    client.post(form, {**values, "done": "2026-05-28", "done_source": "https://ministry.example/report"})
    page = client.get(PAGE).content.decode()
    assert "Submitted: " in page
    assert 'href="https://ministry.example/report"' in page
    client.post(reverse("implementation:remove-duty", args=["XA", "baseline", "second_report_back"]))
    assert not Duty.objects.exists()
    assert AuditEntry.objects.filter(verb="removed a duty").count() == 1


def test_forms_are_not_offered_to_others_or_on_an_earlier_day(client):
    form = reverse("implementation:record-duty", args=["XA", "baseline", "second_report_back"])
    assert form not in client.get(PAGE).content.decode()
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert form not in client.get(f"{PAGE}?on=2024-07-01").content.decode()


@pytest.mark.parametrize("step", [("nothing", "report_back"), ("baseline", "nothing")])
def test_an_unknown_step_is_not_found(client, step):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert client.get(reverse("implementation:record-duty", args=["XA", *step])).status_code == 404


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_of_each_day_whether_it_is_printed_or_proposed(client):
    make_duty(DutyKind.REPORT_BACK, procedure="first_thematic", due="2029-01-31", basis="printed", due_source="a text")
    page = " ".join(client.get(PAGE).content.decode().split())
    assert "4 June 2026</time>, proposed" in page
    assert "31 January 2029</time>, as printed" in page
    assert "proposed date has passed; not known whether it was done" in page
    assert "2029.0" not in page
    assert "2,029" not in page


def test_the_page_costs_the_same_however_much_there_is(client, django_assert_max_num_queries):
    client.get(PAGE)
    with django_assert_max_num_queries(4):
        client.get(PAGE)


def test_the_time_line_shows_that_rounds_overlap_and_the_same_days_as_the_list():
    make_duty(DutyKind.STATE_REPORT, procedure="first_thematic", done="2024-10-31", done_source="a letter")
    page = state_duties("XA", TODAY)
    line = draw_time_line(page)
    assert line is not None
    baseline, thematic = line.lanes
    begins, width = (float(value.removesuffix("%")) for value in (baseline.begins, baseline.width))
    assert begins < float(thematic.begins.removesuffix("%")) < begins + width
    drawn = sorted(str(mark.day) for lane in line.lanes for mark in lane.marks)
    duties = [one.duty for one in page.lines]
    listed = [duty.due for duty in duties if duty.due] + [duty.done or duty.noted for duty in duties]
    assert drawn == sorted(str(day) for day in listed if day)
    assert all(0 <= float(mark.place.removesuffix("%")) <= 100 for lane in line.lanes for mark in lane.marks)


def test_a_state_without_documents_has_an_empty_page(client):
    assert draw_time_line(state_duties("XC", TODAY)) is None
    page = client.get("/en/countries/XC/duties/").content.decode()
    assert "no duty is known either" in page
    assert client.get("/en/countries/zz/duties/").status_code == 404
    assert client.get("/en/countries/xa/duties/")["Location"] == PAGE


def test_the_tab_of_a_country_names_the_next_duty(client):
    make_duty(DutyKind.REPORT_BACK, procedure="first_thematic", due="2029-01-31", basis="printed", due_source="a text")
    page = " ".join(client.get("/en/countries/XA/progress/").content.decode().split())
    assert (
        "Next duty: report on the measures taken (first thematic evaluation), due 31 January 2029, as printed" in page
    )
    assert f'href="{PAGE}"' in page


def test_the_desk_leads_to_the_duties_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        desk_panel("XA")
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    desk = client.get("/en/countries/XA/desk/").content.decode()
    assert f'href="{PAGE}"' in desk
    assert f'href="{reverse("implementation:digest")}"' in desk


# --- The calendar -----------------------------------------------------------------------------------------------------


def events(client, **headers):
    response = client.get("/en/countries/XA/duties.ics", **headers)
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


def test_the_calendar_contains_open_duties_and_due_public_measures_only(client):
    make_duty(DutyKind.REPORT_BACK, procedure="first_thematic", due="2029-01", basis="printed", due_source="a text")
    make_measure("Open a shelter", due="2027-03")
    make_measure("A measure of the desk", due="2027-03", visibility="desk")
    make_measure("Finished", due="2027-03", stage="done")
    make_measure("Without a day")
    found = {str(one["SUMMARY"]): (one.decoded("DTSTART"), str(one["STATUS"])) for one in events(client)}
    assert found == {
        "second report on the measures taken (baseline evaluation): proposed date": (date(2026, 6, 4), "TENTATIVE"),
        "report on the measures taken (first thematic evaluation)": (date(2029, 1, 31), "CONFIRMED"),
        "Measure due: Open a shelter": (date(2027, 3, 31), "CONFIRMED"),
    }


def test_the_calendar_is_the_same_for_everyone_and_is_stored_by_caches(client):
    make_measure("A measure of the desk", due="2027-03", visibility="desk")
    first = client.get("/en/countries/XA/duties.ics")
    assert first["Cache-Control"] == "public, no-cache"
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    second = client.get("/en/countries/XA/duties.ics")
    assert (second.content, second["ETag"]) == (first.content, first["ETag"])
    assert client.get("/en/countries/XA/duties.ics", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_the_calendar_changes_when_a_desk_records_something(client):
    before = client.get("/en/countries/XA/duties.ics")["ETag"]
    make_duty(DutyKind.SECOND_REPORT_BACK)
    assert client.get("/en/countries/XA/duties.ics")["ETag"] != before
    stamps = {one.decoded("DTSTAMP") for one in events(client)}
    assert stamps
    assert min(stamps) > datetime(2026, 1, 1, tzinfo=UTC)
