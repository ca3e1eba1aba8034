"""The tables of what can be done with practices, requests, introductions and adoptions, and by whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from samsvar.exchange.adoptions import ADOPTION_STEPS, AdoptionStatus, AdoptionStepNotPossible, check_adoption_step
from samsvar.exchange.introductions import (
    INTRODUCTION_ACTS,
    IntroductionAct,
    IntroductionActNotPossible,
    IntroductionActor,
    IntroductionStatus,
    ends_without_answer,
    next_introduction_status,
    reminder_is_due,
)
from samsvar.exchange.practices import (
    PRACTICE_ACTS,
    REQUIRED_FIELDS,
    EvidenceLevel,
    PracticeAct,
    PracticeActNotPossible,
    PracticeActor,
    PracticeStatus,
    Review,
    ReviewCheck,
    ReviewsMissing,
    ReviewVerdict,
    check_reviews,
    confirmation_due,
    missing_fields,
    next_practice_status,
)
from samsvar.exchange.requests import (
    REQUEST_ACTS,
    RequestAct,
    RequestActNotPossible,
    RequestActor,
    RequestStatus,
    ShownAs,
    has_free_capacity,
    next_request_status,
    shown_as,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ALL_CHECKS = frozenset(ReviewCheck)


@pytest.mark.parametrize(("act", "status", "actor"), list(product(PracticeAct, PracticeStatus, PracticeActor)))
def test_a_practice_goes_only_where_its_table_says(
    act: PracticeAct, status: PracticeStatus, actor: PracticeActor
) -> None:
    actors, before, after = PRACTICE_ACTS[act]
    if actor in actors and status in before:
        assert next_practice_status(act, status, actor) is after
    else:
        with pytest.raises(PracticeActNotPossible):
            next_practice_status(act, status, actor)


def test_no_owner_publishes_and_no_one_publishes_a_draft() -> None:
    actors, before, _ = PRACTICE_ACTS[PracticeAct.PUBLISH]
    assert actors == {PracticeActor.SECRETARIAT}
    assert before == {PracticeStatus.IN_REVIEW}


def review(organisation: str, verdict: ReviewVerdict = ReviewVerdict.APPROVE, **values: object) -> Review:
    return Review(organisation, verdict, **{"version": 1, "checks": ALL_CHECKS, **values})  # type: ignore[arg-type]


def test_two_peers_of_other_organisations_have_to_approve() -> None:
    check_reviews([review("b"), review("c")], owner="a", version=1)


@pytest.mark.parametrize(
    "reviews",
    [
        [],
        [review("b")],
        [review("b"), review("b")],  # the same organisation twice
        [review("b"), review("a")],  # the owner
        [review("b"), review("c", version=2)],  # another text
        [review("b"), review("c", ReviewVerdict.CONFLICT)],
        [review("b"), review("c", checks=ALL_CHECKS - {ReviewCheck.NO_SHELTER_ADDRESS})],
        [review("b"), review("c"), review("c", ReviewVerdict.SEND_BACK)],
    ],
)
def test_other_reviews_are_not_enough(reviews: list[Review]) -> None:
    with pytest.raises(ReviewsMissing):
        check_reviews(reviews, owner="a", version=1)


def test_a_practice_is_to_be_confirmed_after_eighteen_months() -> None:
    assert confirmation_due(date(2025, 8, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(("act", "status", "actor"), list(product(RequestAct, RequestStatus, RequestActor)))
def test_a_request_goes_only_where_its_table_says(act: RequestAct, status: RequestStatus, actor: RequestActor) -> None:
    actors, before, after = REQUEST_ACTS[act]
    verdict = RequestStatus.HELPED if act is RequestAct.JUDGE else None
    if actor in actors and status in before:
        assert next_request_status(act, status, actor, verdict) is (after or verdict)
    else:
        with pytest.raises(RequestActNotPossible):
            next_request_status(act, status, actor, verdict)


def test_only_the_asker_says_whether_it_helped() -> None:
    assert REQUEST_ACTS[RequestAct.JUDGE][0] == {RequestActor.ASKER}
    with pytest.raises(RequestActNotPossible):
        next_request_status(RequestAct.JUDGE, RequestStatus.ANSWERED, RequestActor.ASKER, RequestStatus.ENDED)


@pytest.mark.parametrize("chosen", ShownAs)
def test_someone_at_risk_is_shown_as_no_one(chosen: ShownAs) -> None:
    assert shown_as(chosen, at_risk=True) is ShownAs.NO_ONE
    assert shown_as(chosen, at_risk=False) is chosen


@pytest.mark.parametrize(
    ("per_year", "used", "until", "free"),
    [
        (None, 40, None, True),
        (2, 1, None, True),
        (2, 2, None, False),
        (2, 0, date(2026, 11, 27), True),
        (2, 0, date(2026, 11, 26), False),
    ],
)
def test_an_offer_has_limits(per_year: int | None, used: int, until: date | None, free: bool) -> None:
    assert has_free_capacity(per_year=per_year, used=used, until=until, day=NOW.date()) is free


@pytest.mark.parametrize(
    ("act", "status", "actor"), list(product(IntroductionAct, IntroductionStatus, IntroductionActor))
)
def test_an_introduction_goes_only_where_its_table_says(
    act: IntroductionAct, status: IntroductionStatus, actor: IntroductionActor
) -> None:
    actors, before, after = INTRODUCTION_ACTS[act]
    if actor in actors and status in before:
        assert next_introduction_status(act, status, actor) is after
    else:
        with pytest.raises(IntroductionActNotPossible):
            next_introduction_status(act, status, actor)


def test_it_is_made_once_both_sides_have_accepted() -> None:
    after = next_introduction_status(
        IntroductionAct.ACCEPT, IntroductionStatus.HALF_ACCEPTED, IntroductionActor.HELPER, other_side_accepted=True
    )
    assert after is IntroductionStatus.INTRODUCED


def test_either_side_can_leave_until_it_is_over() -> None:
    actors, before, _ = INTRODUCTION_ACTS[IntroductionAct.LEAVE]
    assert actors == {IntroductionActor.ASKER, IntroductionActor.HELPER}
    assert before == {IntroductionStatus.INVITED, IntroductionStatus.HALF_ACCEPTED, IntroductionStatus.INTRODUCED}


def test_silence_brings_one_reminder_and_then_ends() -> None:
    assert [days for days in (6, 7, 13, 14) if reminder_is_due(NOW - timedelta(days=days), NOW)] == [7, 13, 14]
    assert [days for days in (6, 7, 13, 14) if ends_without_answer(NOW - timedelta(days=days), NOW)] == [14]


@pytest.mark.parametrize(("before", "after"), list(product(AdoptionStatus, AdoptionStatus)))
def test_an_adoption_goes_only_where_its_table_says(before: AdoptionStatus, after: AdoptionStatus) -> None:
    if after in ADOPTION_STEPS[before]:
        check_adoption_step(before, after, has_evidence=True, has_reason=True)
    else:
        with pytest.raises(AdoptionStepNotPossible):
            check_adoption_step(before, after, has_evidence=True, has_reason=True)


def test_working_needs_evidence_and_giving_up_a_reason() -> None:
    for after in (AdoptionStatus.WORKING, AdoptionStatus.GIVEN_UP):
        with pytest.raises(AdoptionStepNotPossible):
            check_adoption_step(AdoptionStatus.TAKEN_UP, after)


@pytest.mark.parametrize("name", REQUIRED_FIELDS)
def test_a_practice_lacks_each_required_field_that_is_empty_or_blank(name):
    complete = dict.fromkeys(REQUIRED_FIELDS, "a text") | {"articles": [52]}
    level = EvidenceLevel.DESCRIBED
    assert missing_fields(complete, evidence_level=level, results=[]) == []
    for empty in ("", " \n", None, []):
        assert missing_fields(complete | {name: empty}, evidence_level=level, results=[]) == [name]


def test_every_evidence_level_above_described_needs_a_result_with_a_source():
    complete = dict.fromkeys(REQUIRED_FIELDS, "a text")
    without_source = [{"what": "Orders at weekends", "source": ""}]
    with_source = [{"what": "Orders at weekends", "source": "Register of the courts"}]
    for level in EvidenceLevel:
        expected = ["results"] if level.rank else []
        assert missing_fields(complete, evidence_level=level, results=without_source) == expected
        assert missing_fields(complete, evidence_level=level, results=with_source) == []
