"""Tests of who is bound on a given day: real dates, fictional reservations, and properties of any events."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.convention.loading import InvalidEventRow, coverage, parse_events, treaty_events
from samsvar.convention.provisions import Provision, parse_provisions
from samsvar.convention.status import (
    DateDisagreement,
    Event,
    EventKind,
    ReservationStage,
    SourceConfidence,
    Status,
    check_departures,
    check_entry_into_force,
    check_reservations,
    convention_entry_into_force,
    count_with_status,
    status_on,
    weakest_confidence,
)
from samsvar.dates import PartialDate, first_of_month_after, parse_partial_date

REAL_EVENTS = treaty_events()
CONFERENCE = date(2019, 6, 4)  # the first day of the Bucharest conference
DATA_READ_ON = date(2026, 11, 24)  # the day the data was read


def event(state: str, kind: EventKind, when: str, **more: object) -> Event:
    return replace(Event(state, kind, parse_partial_date(when)), **more)  # type: ignore[arg-type]


# --- Properties that hold for any events ------------------------------------------------------------------------------


def test_on_4_june_2019_there_were_33_parties_and_ireland_had_ratified_without_being_bound() -> None:
    statuses = status_on(CONFERENCE, REAL_EVENTS)
    assert {status: count_with_status(status, statuses) for status in Status} == {
        Status.PARTY: 33,
        Status.SIGNATORY: 13,
        Status.NONE: 10,
        Status.FORMER_PARTY: 0,
    }
    assert [code for code, one in statuses.items() if one.status is Status.SIGNATORY] == (
        ["AM", "BG", "CZ", "EU", "GB", "HU", "IE", "LI", "LT", "LV", "MD", "SK", "UA"]
    )
    assert [code for code, one in statuses.items() if one.is_awaiting_entry_into_force] == ["IE"]


def test_on_24_november_2026_there_are_39_parties_including_the_eu_and_one_former_party() -> None:
    statuses = status_on(DATA_READ_ON, REAL_EVENTS)
    assert count_with_status(Status.PARTY, statuses) == 39
    assert statuses["EU"].status is Status.PARTY
    assert [code for code, one in statuses.items() if one.status is Status.FORMER_PARTY] == ["TR"]
    assert [code for code, one in statuses.items() if one.status is Status.SIGNATORY] == "AM BG CZ HU LT SK".split()


@pytest.mark.parametrize(
    ("day", "parties"),
    [
        (date(2014, 7, 31), 0),
        (date(2014, 8, 1), 11),
        (date(2021, 6, 30), 34),
        (date(2021, 7, 1), 33),  # Türkiye has left
        (date(2023, 9, 30), 37),
        (date(2023, 10, 1), 38),  # the European Union has joined
        (date(2024, 5, 1), 39),
    ],
)
def test_the_number_of_parties_changes_on_the_exact_day(day: date, parties: int) -> None:
    assert count_with_status(Status.PARTY, status_on(day, REAL_EVENTS)) == parties


def test_the_convention_entered_into_force_three_months_after_its_tenth_consent() -> None:
    assert convention_entry_into_force(REAL_EVENTS) == date(2014, 8, 1)


def test_entry_into_force_needs_eight_members_of_the_council_of_europe() -> None:
    outside = [event(code, EventKind.ACCESSION, "2012-01-01") for code in ("MX", "JP", "CA")]
    members = [event(code, EventKind.RATIFICATION, "2012-02-01") for code in "AL AT DK ES FI FR IT".split()]
    assert convention_entry_into_force([*outside, *members]) is None
    assert convention_entry_into_force([*outside, *members, event("NO", EventKind.RATIFICATION, "2012-03-05")]) == date(
        2012, 7, 1
    )


def test_every_recorded_entry_into_force_follows_article_75() -> None:
    assert check_entry_into_force(REAL_EVENTS) == ()


def test_every_recorded_departure_follows_article_80() -> None:
    assert check_departures(REAL_EVENTS) == ()


def test_only_the_known_german_renewal_does_not_follow_article_79() -> None:
    assert check_reservations(REAL_EVENTS) == (
        DateDisagreement(
            "DE",
            EventKind.RESERVATION_RENEWAL,
            date(2018, 8, 1),
            date(2023, 2, 1),
            "no five-year period ends on that day",
        ),
    )


def test_a_wrong_entry_into_force_is_reported_and_ignored() -> None:
    norway = [e for e in REAL_EVENTS if e.state == "NO" and e.kind is EventKind.ENTRY_INTO_FORCE]
    wrong = [*(e for e in REAL_EVENTS if e not in norway), replace(norway[0], date=PartialDate(2017, 8, 1))]
    assert check_entry_into_force(wrong) == (
        DateDisagreement(
            "NO", EventKind.ENTRY_INTO_FORCE, date(2017, 8, 1), date(2017, 11, 1), "does not match Article 75"
        ),
    )
    assert status_on(date(2017, 9, 1), wrong)["NO"].status is Status.SIGNATORY


def test_an_entry_into_force_without_a_deposit_is_reported_and_ignored() -> None:
    extra = [*REAL_EVENTS, event("BG", EventKind.ENTRY_INTO_FORCE, "2020-01-01")]
    assert [(d.state, d.reason) for d in check_entry_into_force(extra)] == [("BG", "no consent to be bound is known")]
    assert status_on(DATA_READ_ON, extra)["BG"].status is Status.SIGNATORY


def test_norway_has_been_a_party_since_november_2017_as_two_sources_confirm() -> None:
    norway = status_on(CONFERENCE, REAL_EVENTS)["NO"]
    assert (norway.status, norway.signed, norway.ratified, norway.in_force, norway.left) == (
        Status.PARTY,
        PartialDate(2011, 7, 7),
        PartialDate(2017, 7, 5),
        date(2017, 11, 1),
        None,
    )
    assert norway.confidence is SourceConfidence.CONFIRMED


def test_turkiye_left_on_1_july_2021_although_the_date_of_its_notice_is_unverified() -> None:
    before, after = (status_on(day, REAL_EVENTS)["TR"] for day in (date(2021, 6, 30), date(2021, 7, 1)))
    assert (before.status, before.left) == (Status.PARTY, None)
    assert (after.status, after.left, after.confidence) == (
        Status.FORMER_PARTY,
        date(2021, 7, 1),
        SourceConfidence.CONFIRMED,
    )
    assert [e.kind for e in after.unverified_events] == [EventKind.DENUNCIATION]


def test_the_eu_signed_on_13_june_2017() -> None:
    before, after = (status_on(day, REAL_EVENTS)["EU"] for day in (date(2017, 6, 12), date(2017, 6, 13)))
    assert before.status is Status.NONE
    assert (after.status, after.signed, after.confidence) == (
        Status.SIGNATORY,
        PartialDate(2017, 6, 13),
        SourceConfidence.CONFIRMED,
    )


def test_finland_accepted_the_convention() -> None:
    assert status_on(CONFERENCE, REAL_EVENTS)["FI"].consent is EventKind.ACCEPTANCE


def test_an_event_dated_to_a_month_counts_from_the_end_of_the_month() -> None:
    signature = [event("EU", EventKind.SIGNATURE, "2017-06")]
    assert status_on(date(2017, 6, 29), signature)["EU"].status is Status.NONE
    assert status_on(date(2017, 6, 30), signature)["EU"].status is Status.SIGNATORY


def test_nothing_is_known_after_the_last_day_of_the_coverage() -> None:
    days = [e.date.latest for e in REAL_EVENTS if e.date]
    assert max(days) <= coverage().known_until <= coverage().read_on


def test_no_event_is_confirmed_by_a_single_compilation() -> None:
    compilation = "github.com"
    assert not [
        e
        for e in REAL_EVENTS
        if e.confidence is SourceConfidence.CONFIRMED
        and all(compilation in source for source in e.sources)
        # an entry into force follows from its deposit by Article 75
        and e.kind is not EventKind.ENTRY_INTO_FORCE
    ]


def test_a_reservation_whose_renewal_was_not_seen_is_uncertain_and_not_ended() -> None:
    romania = status_on(DATA_READ_ON, REAL_EVENTS)["RO"]
    assert romania.reservations
    assert all(one.is_uncertain and not one.is_active for one in romania.reservations)
    andorra = status_on(DATA_READ_ON, REAL_EVENTS)["AD"]
    assert not any(one.is_uncertain for one in andorra.reservations)


def test_domestic_and_unverified_events_change_no_status() -> None:
    bare = [e for e in REAL_EVENTS if e.is_verified and e.kind is not EventKind.DOMESTIC_EVENT]
    for day in {e.date.latest for e in REAL_EVENTS if e.date}:
        with_all, without = status_on(day, REAL_EVENTS), status_on(day, bare)
        assert {code: one.status for code, one in with_all.items() if code in without} == (
            {code: one.status for code, one in without.items()}
        )


def test_latvia_stays_a_party_while_parliament_debates_leaving() -> None:
    latvia = status_on(DATA_READ_ON, REAL_EVENTS)["LV"]
    assert (latvia.status, latvia.left) == (Status.PARTY, None)


def test_greece_and_croatia_renewed_within_the_extension() -> None:
    stages = [
        [
            status_on(day, REAL_EVENTS)[code].reservations[0].stage
            for day in (date(2023, 9, 30), date(2024, 1, 15), date(2024, 4, 1))
        ]
        for code in ("GR", "HR")
    ]
    assert stages == [[ReservationStage.IN_FORCE, ReservationStage.EXTENDED, ReservationStage.IN_FORCE]] * 2


def test_andorra_renewed_its_reservation_twice_and_then_withdrew_it() -> None:
    kept, ended = (
        status_on(day, REAL_EVENTS)["AD"].reservations[0] for day in (date(2025, 12, 16), date(2025, 12, 17))
    )
    assert (kept.stage, kept.until, [str(when) for when in kept.renewal_dates]) == (
        ReservationStage.IN_FORCE,
        date(2029, 8, 1),
        ["2019-08-01", "2024-04-26"],
    )
    assert (ended.stage, ended.until) == (ReservationStage.WITHDRAWN, date(2025, 12, 17))


def test_ireland_withdrew_one_reservation_and_renewed_the_other_on_the_same_day() -> None:
    ireland = status_on(DATA_READ_ON, REAL_EVENTS)["IE"].reservations
    assert [(str(r.provision), r.stage, r.until) for r in ireland] == [
        ("30(2)", ReservationStage.WITHDRAWN, date(2024, 3, 28)),
        ("44(3)", ReservationStage.IN_FORCE, date(2029, 7, 1)),
    ]


def test_a_reservation_whose_renewal_is_unknown_is_neither_in_force_nor_lapsed() -> None:
    switzerland = status_on(DATA_READ_ON, REAL_EVENTS)["CH"].reservations
    assert {r.stage for r in switzerland} == {ReservationStage.RENEWAL_UNSEEN}
    assert not any(r.is_active for r in switzerland)


def test_a_renewal_that_names_no_articles_leaves_each_article_unknown() -> None:
    serbia = status_on(DATA_READ_ON, REAL_EVENTS)["RS"].reservations
    assert {r.stage for r in serbia} == {ReservationStage.ARTICLES_UNSEEN}


def test_germany_let_its_reservation_lapse() -> None:
    germany = status_on(DATA_READ_ON, REAL_EVENTS)["DE"].reservations
    assert [(str(r.provision), r.stage) for r in germany] == [
        ("59(2)", ReservationStage.LAPSED),
        ("59(3)", ReservationStage.LAPSED),
    ]


def test_a_reservation_made_at_signature_is_not_yet_in_force() -> None:
    armenia = status_on(DATA_READ_ON, REAL_EVENTS)["AM"].reservations
    assert {(r.stage, r.until) for r in armenia} == {(ReservationStage.MADE, None)}


def test_every_event_has_a_source_or_is_unverified() -> None:
    assert [e for e in REAL_EVENTS if not e.source and e.is_verified] == []


# --- The data file ----------------------------------------------------------------------------------------------------

FIRST_RATIFICATIONS = [
    event(code, EventKind.RATIFICATION, "2012-01-01") for code in "AL AT DK ES FI FR IT ME NO PT".split()
]
IN_FORCE_SINCE = date(2012, 5, 1)


def stages_over_time(*reservations: Event) -> dict[date, tuple[ReservationStage, ...]]:
    """Return the stages of a fictional state's reservations on six days of its first ten years as a Party."""
    own = [event("XA", EventKind.ACCESSION, "2015-01-10"), *reservations]
    days = [
        date(2015, 5, 1),
        date(2020, 4, 30),
        date(2020, 5, 1),
        date(2020, 10, 31),
        date(2020, 11, 1),
        date(2025, 4, 30),
    ]
    return {
        day: tuple(r.stage for r in status_on(day, [*FIRST_RATIFICATIONS, *own])["XA"].reservations) for day in days
    }


RESERVATION_MADE = event("XA", EventKind.RESERVATION, "2015-01-10", provisions=parse_provisions("59"))


def test_a_reservation_lasts_five_years_and_is_extended_by_six_months() -> None:
    assert list(stages_over_time(RESERVATION_MADE).values()) == [
        (ReservationStage.IN_FORCE,),
        (ReservationStage.IN_FORCE,),
        (ReservationStage.EXTENDED,),
        (ReservationStage.EXTENDED,),
        (ReservationStage.RENEWAL_UNSEEN,),
        (ReservationStage.RENEWAL_UNSEEN,),
    ]


def test_a_renewal_adds_five_years() -> None:
    renewal = event("XA", EventKind.RESERVATION_RENEWAL, "2020-01-15", provisions=parse_provisions("59"))
    assert set(stages_over_time(RESERVATION_MADE, renewal).values()) == {(ReservationStage.IN_FORCE,)}


def test_a_partial_withdrawal_ends_only_the_provisions_it_names() -> None:
    made = replace(RESERVATION_MADE, provisions=parse_provisions("30(2);44(1)(e);44(3)"))
    partial = event("XA", EventKind.RESERVATION_WITHDRAWN, "2020-04-30", provisions=parse_provisions("44"))
    assert list(stages_over_time(made, partial).values())[:2] == [
        (ReservationStage.IN_FORCE, ReservationStage.IN_FORCE, ReservationStage.IN_FORCE),
        (ReservationStage.IN_FORCE, ReservationStage.WITHDRAWN, ReservationStage.WITHDRAWN),
    ]


def test_a_state_that_rejoins_is_a_party_again_only_once_it_is_bound() -> None:
    own = [
        event("XA", EventKind.RATIFICATION, "2015-01-10"),
        event("XA", EventKind.DENUNCIATION, "2016-02-15"),
        event("XA", EventKind.ACCESSION, "2018-01-10"),
    ]
    days = ["2015-04-30", "2015-05-01", "2016-05-31", "2016-06-01", "2018-04-30", "2018-05-01"]
    found = [status_on(date.fromisoformat(day), [*FIRST_RATIFICATIONS, *own])["XA"].status for day in days]
    assert found == [
        Status.NONE,
        Status.PARTY,
        Status.PARTY,
        Status.FORMER_PARTY,
        Status.FORMER_PARTY,
        Status.PARTY,
    ]


def test_a_second_deposit_by_the_same_state_changes_nothing() -> None:
    own = [event("XA", EventKind.RATIFICATION, "2011-05-31"), event("XA", EventKind.RATIFICATION, "2012-02-29")]
    one = status_on(date(2012, 5, 1), [*FIRST_RATIFICATIONS, *own])["XA"]
    assert (one.status, str(one.ratified), one.in_force) == (Status.PARTY, "2011-05-31", IN_FORCE_SINCE)


def test_a_former_party_has_no_reservations() -> None:
    own = [
        event("XA", EventKind.RATIFICATION, "2015-01-10"),
        RESERVATION_MADE,
        event("XA", EventKind.DENUNCIATION, "2016-02-15"),
    ]
    assert status_on(date(2016, 6, 1), [*FIRST_RATIFICATIONS, *own])["XA"].reservations == ()


# --- Properties that hold for any events ------------------------------------------------------------------------------

DAYS = st.dates(date(2011, 5, 11), date(2035, 1, 1))
KINDS = st.sampled_from([kind for kind in EventKind if kind is not EventKind.ENTRY_INTO_FORCE])
EVENTS = st.lists(
    st.builds(
        lambda kind, day, confidence, exact: Event(
            "XA", kind, PartialDate(day.year, day.month, day.day if exact else None), confidence=confidence
        ),
        KINDS,
        DAYS,
        st.sampled_from(list(SourceConfidence)),
        st.booleans(),
    ),
    max_size=8,
)


@given(EVENTS, DAYS)
def test_no_state_is_a_party_until_three_months_after_its_consent(own: list[Event], day: date) -> None:
    one = status_on(day, [*FIRST_RATIFICATIONS, *own]).get("XA")
    if one and one.status is Status.PARTY:
        assert one.ratified is not None
        assert one.in_force is not None
        assert one.in_force == max(first_of_month_after(one.ratified.latest, 3), IN_FORCE_SINCE) <= day
        assert one.in_force.day == 1


@given(EVENTS, DAYS)
def test_unverified_events_change_nothing(own: list[Event], day: date) -> None:
    remembered = [
        replace(e, confidence=SourceConfidence.UNVERIFIED) for e in own if e.kind is not EventKind.RESERVATION
    ]
    one = status_on(day, [*FIRST_RATIFICATIONS, *remembered]).get("XA")
    if one:
        assert (one.status, one.signed, one.ratified, one.in_force, one.left) == (Status.NONE, None, None, None, None)


@given(EVENTS, DAYS)
def test_a_status_changes_only_on_an_event_or_its_effective_date(own: list[Event], day: date) -> None:
    everything = [*FIRST_RATIFICATIONS, *own]
    moving = {e.date.latest for e in own if e.date}
    moving |= {first_of_month_after(when, 3) for when in moving}
    before = day - timedelta(days=1)
    if day not in moving | {IN_FORCE_SINCE}:
        yesterday, today = (status_on(when, everything).get("XA") for when in (before, day))
        assert (yesterday and yesterday.status) == (today and today.status)


@given(EVENTS, DAYS, st.randoms())
def test_the_order_of_events_does_not_matter(own: list[Event], day: date, random: object) -> None:
    shuffled = [*FIRST_RATIFICATIONS, *own]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (status_on(day, events).get("XA") for events in ([*FIRST_RATIFICATIONS, *own], shuffled))
    assert (one and (one.status, one.signed, one.ratified, one.in_force, one.left)) == (
        other and (other.status, other.signed, other.ratified, other.in_force, other.left)
    )


def test_the_weakest_confidence_of_no_sources_is_from_memory() -> None:
    assert weakest_confidence([]) is SourceConfidence.UNVERIFIED
    assert (
        weakest_confidence([SourceConfidence.CONFIRMED, SourceConfidence.SINGLE_SOURCE])
        is SourceConfidence.SINGLE_SOURCE
    )


# --- The data file ----------------------------------------------------------------------------------------------------

CSV_HEADER = "state,kind,date,effective,provisions,basis,confidence,source,second_source,note\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("QQ,signature,2011-05-11,,,,confirmed,https://example.org,,", "“QQ” is not a known state."),
        ("NO,signature,2011-05-11,,,,confirmed,,,", "without a source it can only be marked “from-memory”."),
        ("NO,signature,2011-13-11,,,,confirmed,https://example.org,,", "“2011-13-11” is not a date."),
        ("NO,applause,2011-05-11,,,,confirmed,https://example.org,,", "'applause' is not a valid EventKind."),
        (
            "NO,reservation,2011-05-11,,99,,confirmed,https://example.org,,",
            "“99” is not a provision of the Convention.",
        ),
        ("NO,signature", f"the columns must be {', '.join(CSV_HEADER.strip().split(','))}."),
    ],
)
def test_an_invalid_row_is_rejected_with_its_line_number(row: str, problem: str) -> None:
    with pytest.raises(InvalidEventRow) as refused:
        parse_events(CSV_HEADER + row)
    assert (refused.value.line, refused.value.problem) == (2, problem)


def test_every_column_of_a_row_is_read() -> None:
    row = "HR,reservation_renewal,2024-03-11,2023-10-01,30(2),79(2),confirmed,https://example.org/a,,Why"
    assert parse_events(CSV_HEADER + row) == (
        Event(
            "HR",
            EventKind.RESERVATION_RENEWAL,
            PartialDate(2024, 3, 11),
            date(2023, 10, 1),
            (Provision(30, 2),),
            (Provision(79, 2),),
            SourceConfidence.CONFIRMED,
            "https://example.org/a",
            "",
            "Why",
        ),
    )
