"""What a state owes and when, from the documents of its procedures. The sequences are shaped like real ones."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.dates import PartialDate
from samsvar.implementation.duties import (
    DueBasis,
    Duty,
    DutyKind,
    DutyStatus,
    ProcedureDocument,
    assign_procedures,
    derive_duties,
)
from samsvar.monitoring.rounds import RoundDocument


def document(kind: str, *published: int, procedure: str = "baseline") -> ProcedureDocument:
    return ProcedureDocument(f"{procedure}:{kind}", procedure, kind, PartialDate(*published) if published else None)


RECOMMENDATION = document("recommendation", 2020, 2, 4)
CONCLUSIONS = document("conclusions", 2023, 6)


def find(kind: DutyKind, *documents: ProcedureDocument, entered: tuple[Duty, ...] = ()) -> Duty:
    return next(duty for duty in derive_duties(documents, entered) if duty.kind is kind)


def test_a_recommendation_proposes_a_report_back_after_three_years() -> None:
    duty = find(DutyKind.REPORT_BACK, RECOMMENDATION)
    assert (duty.due, duty.basis, duty.due_source) == (
        PartialDate(2023, 2, 4),
        DueBasis.PROPOSED,
        "baseline:recommendation",
    )


def test_a_proposed_day_is_as_precise_as_the_day_it_rests_on() -> None:
    duty = find(DutyKind.SECOND_REPORT_BACK, RECOMMENDATION, CONCLUSIONS)
    assert (duty.due, duty.basis) == (PartialDate(2025, 6), DueBasis.PROPOSED)
    assert find(DutyKind.REPORT_BACK, document("recommendation", 2020, 2, 29)).due == PartialDate(2023, 2, 28)


def test_conclusions_note_the_report_back() -> None:
    duty = find(DutyKind.REPORT_BACK, RECOMMENDATION, document("government_response", 2023, 2, 28), CONCLUSIONS)
    assert (duty.done, duty.noted) == (PartialDate(2023, 2, 28), PartialDate(2023, 6))


def test_a_follow_up_notes_the_second_report_back() -> None:
    duty = find(DutyKind.SECOND_REPORT_BACK, document("conclusions", 2021, 12), document("follow_up", 2024, 5, 31))
    assert (duty.due, duty.done, duty.noted) == (PartialDate(2023, 12), None, PartialDate(2024, 5, 31))


def test_a_printed_day_replaces_the_proposed_one_and_keeps_what_is_known() -> None:
    printed = Duty(
        DutyKind.SECOND_REPORT_BACK, "baseline", PartialDate(2025, 6, 2), DueBasis.PRINTED, "Conclusions, § 4"
    )
    duty = find(DutyKind.SECOND_REPORT_BACK, CONCLUSIONS, entered=(printed,))
    assert (duty.due, duty.basis, duty.due_source) == (PartialDate(2025, 6, 2), DueBasis.PRINTED, "Conclusions, § 4")


def test_rounds_overlap() -> None:
    """Within eight months a state had its thematic report, a visit and its second report back."""
    duties = derive_duties([
        document("recommendation", 2019, 1),
        document("conclusions", 2022, 1, 27),
        document("state_report", 2023, 10, 26, procedure="first_thematic"),
        document("evaluation_visit", 2024, 2, procedure="first_thematic"),
    ])  # fmt: skip
    assert [(duty.procedure, duty.kind) for duty in duties] == [
        ("baseline", DutyKind.RECOMMENDATION),
        ("baseline", DutyKind.REPORT_BACK),
        ("baseline", DutyKind.CONCLUSIONS),
        ("baseline", DutyKind.SECOND_REPORT_BACK),
        ("first_thematic", DutyKind.STATE_REPORT),
        ("first_thematic", DutyKind.VISIT),
    ]


def test_conclusions_without_a_known_recommendation_still_note_a_report_back() -> None:
    duty = find(DutyKind.REPORT_BACK, CONCLUSIONS)
    assert (duty.due, duty.noted) == (None, PartialDate(2023, 6))


def test_a_report_back_after_the_conclusions_is_the_second_one() -> None:
    duties = derive_duties([RECOMMENDATION, document("report_back", 2023, 2), CONCLUSIONS,
                            document("report_back", 2025, 5, 30)])  # fmt: skip
    assert [(duty.kind, duty.done) for duty in duties if duty.kind.is_owed_by_state] == [
        (DutyKind.REPORT_BACK, PartialDate(2023, 2)),
        (DutyKind.SECOND_REPORT_BACK, PartialDate(2025, 5, 30)),
    ]


def test_a_recorded_recommendation_proposes_a_report_back_like_a_published_one() -> None:
    recorded = Duty(DutyKind.RECOMMENDATION, "first_thematic", done=PartialDate(2025, 12, 5), done_source="letter")
    duty = find(DutyKind.REPORT_BACK, entered=(recorded,))
    assert (duty.due, duty.basis, duty.due_source) == (PartialDate(2028, 12, 5), DueBasis.PROPOSED, "letter")


def processed(kind: str, published: str, *, answers: str = "", reference: str = "") -> RoundDocument:
    """A processed report of the Committee: its procedure is its kind."""
    return RoundDocument(f"{kind} {published}", "committee_of_the_parties", kind, kind, published, reference, answers)


BASELINE = RoundDocument("b", "grevio", "baseline", "report", "2019-09-02", "GREVIO/Inf(2019)9")
THEMATIC = RoundDocument("t", "grevio", "first_thematic", "report", "2024-11")


@pytest.mark.parametrize(
    ("document", "procedure"),
    [
        (processed("recommendation", "2020-01"), "baseline"),  # the last report before it
        (processed("recommendation", "2025-06"), "first_thematic"),
        (processed("recommendation", "2025-06", answers="GREVIO/Inf (2019) 9"), "baseline"),  # the report that it names
        (processed("recommendation", "2018"), ""),  # no report before it
        (RoundDocument("c", "committee_of_the_parties", "baseline", "recommendation", "2025-06"), "baseline"),
    ],
)
def test_a_processed_document_belongs_to_the_procedure_that_it_follows(document: RoundDocument, procedure: str) -> None:
    assigned = {one.key: one for one in assign_procedures([THEMATIC, document, BASELINE])}[str(document.key)]
    assert (assigned.procedure, assigned.kind) == (procedure, "recommendation")


def test_conclusions_after_the_next_report_still_belong_to_the_round_of_their_recommendation() -> None:
    documents = [
        BASELINE, processed("recommendation", "2020-01"), THEMATIC, processed("conclusions", "2024-12"),
        processed("follow_up", "2026-12"),
    ]  # fmt: skip
    assert [one.procedure for one in assign_procedures(documents)] == [
        "baseline", "baseline", "first_thematic", "baseline", "baseline",
    ]  # fmt: skip


def test_documents_of_other_bodies_and_without_a_date_have_no_place_in_a_procedure() -> None:
    others = [
        RoundDocument("x", "cedaw", "baseline", "report", "2019"),
        RoundDocument("y", "grevio", "baseline", "report", ""),
        RoundDocument("z", "grevio", "baseline", "report", "spring 2019"),
    ]
    assert assign_procedures(others) == ()


PRINTED = Duty(DutyKind.REPORT_BACK, "baseline", PartialDate(2025, 6), DueBasis.PRINTED)
PROPOSED = Duty(DutyKind.REPORT_BACK, "baseline", PartialDate(2025, 6), DueBasis.PROPOSED)
SUBMITTED = Duty(DutyKind.REPORT_BACK, "baseline", PartialDate(2025, 6), DueBasis.PRINTED, done=PartialDate(2025, 7))
NOTED = Duty(DutyKind.REPORT_BACK, "baseline", done=PartialDate(2025, 7), noted=PartialDate(2026, 5, 31))


@pytest.mark.parametrize(
    ("duty", "day", "status"),
    [
        (PRINTED, date(2025, 3, 1), DutyStatus.NOT_YET_DUE),
        (PRINTED, date(2025, 4, 1), DutyStatus.DUE),  # 90 days before the end of June
        (PRINTED, date(2025, 6, 30), DutyStatus.DUE),
        (PRINTED, date(2025, 7, 1), DutyStatus.OVERDUE),
        (PROPOSED, date(2025, 7, 1), DutyStatus.PROPOSED_DAY_PASSED),  # a day that we proposed is not overdue
        (SUBMITTED, date(2025, 6, 30), DutyStatus.DUE),  # as on a day before it was submitted
        (SUBMITTED, date(2025, 7, 1), DutyStatus.SUBMITTED),
        (NOTED, date(2026, 5, 30), DutyStatus.SUBMITTED),
        (NOTED, date(2026, 5, 31), DutyStatus.NOTED),
        (Duty(DutyKind.VISIT, "baseline"), date(2025, 1, 1), DutyStatus.NO_DATE),
    ],
)
def test_the_status_of_a_duty(duty: Duty, day: date, status: DutyStatus) -> None:
    assert duty.status_on(day) is status


def test_only_some_steps_are_owed_by_the_state() -> None:
    assert [kind.value for kind in DutyKind if kind.is_owed_by_state] == [
        "state_report", "comments", "report_back", "second_report_back",
    ]  # fmt: skip
