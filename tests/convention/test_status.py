"""Who is bound on a day: real days of the Convention, invented lives of reservations, and what holds for any events."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.convention.loading import BadEventRow, events_in, treaty_events
from samsvar.convention.provisions import Provision, provisions_in
from samsvar.convention.status import (
    Confidence,
    Disagreement,
    Event,
    EventKind,
    Stage,
    Status,
    check_departures,
    check_entry_into_force,
    check_reservations,
    convention_in_force,
    count_of,
    status_on,
    weakest,
)
from samsvar.dates import PartialDate, first_of_month_after, partial_date

REAL = treaty_events()
CONFERENCE = date(2019, 6, 4)  # the first day of the Bucharest conference
BUILT = date(2026, 11, 24)  # the day on which the data was read


def event(state: str, kind: EventKind, when: str, **more: object) -> Event:
    return replace(Event(state, kind, partial_date(when)), **more)  # type: ignore[arg-type]


# --- The Convention as it is ---------------------------------------------------------------------------------------


def test_on_4_june_2019_there_were_33_parties_and_ireland_had_ratified_without_being_bound() -> None:
    statuses = status_on(CONFERENCE, REAL)
    assert {status: count_of(status, statuses) for status in Status} == {
        Status.PARTY: 33,
        Status.SIGNATORY: 13,
        Status.NONE: 10,
        Status.FORMER_PARTY: 0,
    }
    assert [code for code, one in statuses.items() if one.status is Status.SIGNATORY] == (
        ["AM", "BG", "CZ", "EU", "GB", "HU", "IE", "LI", "LT", "LV", "MD", "SK", "UA"]
    )
    assert [code for code, one in statuses.items() if one.ratified_not_in_force] == ["IE"]


def test_on_24_november_2026_there_are_39_parties_with_the_union_and_one_that_left() -> None:
    statuses = status_on(BUILT, REAL)
    assert count_of(Status.PARTY, statuses) == 39
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
        (date(2023, 10, 1), 38),  # the Union has come
        (date(2024, 5, 1), 39),
    ],
)
def test_the_number_of_parties_moves_on_the_day_and_not_before(day: date, parties: int) -> None:
    assert count_of(Status.PARTY, status_on(day, REAL)) == parties


def test_the_convention_entered_into_force_three_months_after_its_tenth_consent() -> None:
    assert convention_in_force(REAL) == date(2014, 8, 1)


def test_the_convention_waits_for_eight_members_of_the_council_of_europe() -> None:
    outside = [event(code, EventKind.ACCESSION, "2012-01-01") for code in ("MX", "JP", "CA")]
    members = [event(code, EventKind.RATIFICATION, "2012-02-01") for code in "AL AT DK ES FI FR IT".split()]
    assert convention_in_force([*outside, *members]) is None
    assert convention_in_force([*outside, *members, event("NO", EventKind.RATIFICATION, "2012-03-05")]) == date(
        2012, 7, 1
    )


def test_every_listed_entry_into_force_is_the_one_that_article_75_gives() -> None:
    assert check_entry_into_force(REAL) == ()


def test_every_listed_departure_is_the_one_that_article_80_gives() -> None:
    assert check_departures(REAL) == ()


def test_the_only_renewal_that_does_not_fit_article_79_is_the_known_one_of_germany() -> None:
    assert check_reservations(REAL) == (
        Disagreement(
            "DE",
            EventKind.RESERVATION_RENEWAL,
            date(2018, 8, 1),
            date(2023, 2, 1),
            "no five years end on that day",
        ),
    )


def test_a_wrong_entry_into_force_is_found_and_not_believed() -> None:
    norway = [e for e in REAL if e.state == "NO" and e.kind is EventKind.ENTRY_INTO_FORCE]
    wrong = [*(e for e in REAL if e not in norway), replace(norway[0], date=PartialDate(2017, 8, 1))]
    assert check_entry_into_force(wrong) == (
        Disagreement(
            "NO", EventKind.ENTRY_INTO_FORCE, date(2017, 8, 1), date(2017, 11, 1), "not what Article 75 gives"
        ),
    )
    assert status_on(date(2017, 9, 1), wrong)["NO"].status is Status.SIGNATORY


def test_an_entry_into_force_without_a_deposit_is_found_and_binds_nobody() -> None:
    extra = [*REAL, event("BG", EventKind.ENTRY_INTO_FORCE, "2020-01-01")]
    assert [(d.state, d.why) for d in check_entry_into_force(extra)] == [("BG", "no consent is known")]
    assert status_on(BUILT, extra)["BG"].status is Status.SIGNATORY


def test_norway_is_a_party_since_november_2017_and_as_sure_as_its_one_source() -> None:
    norway = status_on(CONFERENCE, REAL)["NO"]
    assert (norway.status, norway.signed, norway.ratified, norway.in_force, norway.left) == (
        Status.PARTY,
        PartialDate(2011, 7, 7),
        PartialDate(2017, 7, 5),
        date(2017, 11, 1),
        None,
    )
    assert norway.confidence is Confidence.SINGLE_SOURCE


def test_turkiye_left_on_the_first_of_july_2021_though_the_day_of_its_notice_is_only_remembered() -> None:
    before, after = (status_on(day, REAL)["TR"] for day in (date(2021, 6, 30), date(2021, 7, 1)))
    assert (before.status, before.left) == (Status.PARTY, None)
    assert (after.status, after.left, after.confidence) == (
        Status.FORMER_PARTY,
        date(2021, 7, 1),
        Confidence.SINGLE_SOURCE,
    )
    assert [e.kind for e in after.unverified] == [EventKind.DENUNCIATION]


def test_the_unions_signature_counts_by_its_confirmed_month_and_its_remembered_day_is_only_shown() -> None:
    on_the_remembered_day, at_the_end_of_the_month = (
        status_on(day, REAL)["EU"] for day in (date(2017, 6, 13), date(2017, 6, 30))
    )
    assert on_the_remembered_day.status is Status.NONE
    assert [str(e.date) for e in on_the_remembered_day.unverified] == ["2017-06-13"]
    assert (
        at_the_end_of_the_month.status,
        str(at_the_end_of_the_month.signed),
        at_the_end_of_the_month.confidence,
    ) == (
        Status.SIGNATORY,
        "2017-06",
        Confidence.CONFIRMED,
    )


def test_no_domestic_event_and_nothing_remembered_moves_any_status() -> None:
    bare = [e for e in REAL if e.counts and e.kind is not EventKind.DOMESTIC_EVENT]
    for day in {e.date.latest for e in REAL if e.date}:
        with_all, without = status_on(day, REAL), status_on(day, bare)
        assert {code: one.status for code, one in with_all.items() if code in without} == (
            {code: one.status for code, one in without.items()}
        )


def test_latvia_stays_a_party_while_parliament_debates_leaving() -> None:
    latvia = status_on(BUILT, REAL)["LV"]
    assert (latvia.status, latvia.left) == (Status.PARTY, None)


def test_greece_and_croatia_renewed_within_the_extension() -> None:
    stages = [
        [
            status_on(day, REAL)[code].reservations[0].stage
            for day in (date(2023, 9, 30), date(2024, 1, 15), date(2024, 4, 1))
        ]
        for code in ("GR", "HR")
    ]
    assert stages == [[Stage.IN_FORCE, Stage.EXTENDED, Stage.IN_FORCE]] * 2


def test_andorra_kept_its_reservation_twice_and_then_gave_it_up() -> None:
    kept, ended = (status_on(day, REAL)["AD"].reservations[0] for day in (date(2025, 12, 16), date(2025, 12, 17)))
    assert (kept.stage, kept.until, [str(when) for when in kept.renewed]) == (
        Stage.IN_FORCE,
        date(2029, 8, 1),
        ["2019-08-01", "2024-04-26"],
    )
    assert (ended.stage, ended.until) == (Stage.WITHDRAWN, date(2025, 12, 17))


def test_ireland_withdrew_one_reservation_and_renewed_the_other_on_the_same_day() -> None:
    ireland = status_on(BUILT, REAL)["IE"].reservations
    assert [(str(r.provision), r.stage, r.until) for r in ireland] == [
        ("30(2)", Stage.WITHDRAWN, date(2024, 3, 28)),
        ("44(3)", Stage.IN_FORCE, date(2029, 7, 1)),
    ]


def test_a_renewal_that_no_source_shows_is_neither_in_force_nor_lapsed() -> None:
    switzerland = status_on(BUILT, REAL)["CH"].reservations
    assert {r.stage for r in switzerland} == {Stage.RENEWAL_UNSEEN}
    assert not any(r.active for r in switzerland)


def test_a_renewal_without_its_articles_says_nothing_about_any_one_of_them() -> None:
    serbia = status_on(BUILT, REAL)["RS"].reservations
    assert {r.stage for r in serbia} == {Stage.ARTICLES_UNSEEN}


def test_germany_let_its_reservation_lapse() -> None:
    germany = status_on(BUILT, REAL)["DE"].reservations
    assert [(str(r.provision), r.stage) for r in germany] == [("59(2)", Stage.LAPSED), ("59(3)", Stage.LAPSED)]


def test_a_reservation_made_at_signature_waits_for_the_convention() -> None:
    armenia = status_on(BUILT, REAL)["AM"].reservations
    assert {(r.stage, r.until) for r in armenia} == {(Stage.MADE, None)}


def test_every_event_has_a_source_or_is_from_memory() -> None:
    assert [e for e in REAL if not e.source and e.counts] == []


# --- Invented lives ------------------------------------------------------------------------------------------------

OPENERS = [event(code, EventKind.RATIFICATION, "2012-01-01") for code in "AL AT DK ES FI FR IT ME NO PT".split()]
OPENED = date(2012, 5, 1)


def life(*reservations: Event) -> dict[date, tuple[Stage, ...]]:
    """Stages of an invented state's reservations at the end of each half year, from its entry into force."""
    own = [event("XA", EventKind.ACCESSION, "2015-01-10"), *reservations]
    days = [
        date(2015, 5, 1),
        date(2020, 4, 30),
        date(2020, 5, 1),
        date(2020, 10, 31),
        date(2020, 11, 1),
        date(2025, 4, 30),
    ]
    return {day: tuple(r.stage for r in status_on(day, [*OPENERS, *own])["XA"].reservations) for day in days}


MADE = event("XA", EventKind.RESERVATION, "2015-01-10", provisions=provisions_in("59"))


def test_a_reservation_lives_five_years_and_is_extended_by_six_months() -> None:
    assert list(life(MADE).values()) == [
        (Stage.IN_FORCE,),
        (Stage.IN_FORCE,),
        (Stage.EXTENDED,),
        (Stage.EXTENDED,),
        (Stage.RENEWAL_UNSEEN,),
        (Stage.RENEWAL_UNSEEN,),
    ]


def test_a_renewal_gives_five_years_more() -> None:
    renewal = event("XA", EventKind.RESERVATION_RENEWAL, "2020-01-15", provisions=provisions_in("59"))
    assert set(life(MADE, renewal).values()) == {(Stage.IN_FORCE,)}


def test_a_partial_withdrawal_ends_its_own_provision_only() -> None:
    made = replace(MADE, provisions=provisions_in("30(2);44(1)(e);44(3)"))
    partial = event("XA", EventKind.RESERVATION_WITHDRAWN, "2020-04-30", provisions=provisions_in("44"))
    assert list(life(made, partial).values())[:2] == [
        (Stage.IN_FORCE, Stage.IN_FORCE, Stage.IN_FORCE),
        (Stage.IN_FORCE, Stage.WITHDRAWN, Stage.WITHDRAWN),
    ]


def test_a_state_that_left_and_came_back_is_a_party_again_only_when_bound_again() -> None:
    own = [
        event("XA", EventKind.RATIFICATION, "2015-01-10"),
        event("XA", EventKind.DENUNCIATION, "2016-02-15"),
        event("XA", EventKind.ACCESSION, "2018-01-10"),
    ]
    days = ["2015-04-30", "2015-05-01", "2016-05-31", "2016-06-01", "2018-04-30", "2018-05-01"]
    found = [status_on(date.fromisoformat(day), [*OPENERS, *own])["XA"].status for day in days]
    assert found == [
        Status.NONE,
        Status.PARTY,
        Status.PARTY,
        Status.FORMER_PARTY,
        Status.FORMER_PARTY,
        Status.PARTY,
    ]


def test_a_second_deposit_of_a_bound_state_changes_nothing() -> None:
    own = [event("XA", EventKind.RATIFICATION, "2011-05-31"), event("XA", EventKind.RATIFICATION, "2012-02-29")]
    one = status_on(date(2012, 5, 1), [*OPENERS, *own])["XA"]
    assert (one.status, str(one.ratified), one.in_force) == (Status.PARTY, "2011-05-31", OPENED)


def test_a_state_that_left_has_no_reservations() -> None:
    own = [event("XA", EventKind.RATIFICATION, "2015-01-10"), MADE, event("XA", EventKind.DENUNCIATION, "2016-02-15")]
    assert status_on(date(2016, 6, 1), [*OPENERS, *own])["XA"].reservations == ()


# --- What holds for any events -------------------------------------------------------------------------------------

DAYS = st.dates(date(2011, 5, 11), date(2035, 1, 1))
KINDS = st.sampled_from([kind for kind in EventKind if kind is not EventKind.ENTRY_INTO_FORCE])
EVENTS = st.lists(
    st.builds(
        lambda kind, day, confidence, exact: Event(
            "XA", kind, PartialDate(day.year, day.month, day.day if exact else None), confidence=confidence
        ),
        KINDS,
        DAYS,
        st.sampled_from(list(Confidence)),
        st.booleans(),
    ),
    max_size=8,
)


@given(EVENTS, DAYS)
def test_nobody_is_a_party_before_three_months_after_a_counted_consent(own: list[Event], day: date) -> None:
    one = status_on(day, [*OPENERS, *own]).get("XA")
    if one and one.status is Status.PARTY:
        assert one.ratified is not None
        assert one.in_force is not None
        assert one.in_force == max(first_of_month_after(one.ratified.latest, 3), OPENED) <= day
        assert one.in_force.day == 1


@given(EVENTS, DAYS)
def test_nothing_remembered_changes_what_is_counted(own: list[Event], day: date) -> None:
    remembered = [replace(e, confidence=Confidence.FROM_MEMORY) for e in own if e.kind is not EventKind.RESERVATION]
    one = status_on(day, [*OPENERS, *remembered]).get("XA")
    if one:
        assert (one.status, one.signed, one.ratified, one.in_force, one.left) == (Status.NONE, None, None, None, None)


@given(EVENTS, DAYS)
def test_between_events_and_their_effects_a_status_does_not_move(own: list[Event], day: date) -> None:
    everything = [*OPENERS, *own]
    moving = {e.date.latest for e in own if e.date}
    moving |= {first_of_month_after(when, 3) for when in moving}
    before = day - timedelta(days=1)
    if day not in moving | {OPENED}:
        yesterday, today = (status_on(when, everything).get("XA") for when in (before, day))
        assert (yesterday and yesterday.status) == (today and today.status)


@given(EVENTS, DAYS, st.randoms())
def test_the_order_in_which_events_are_given_does_not_matter(own: list[Event], day: date, random: object) -> None:
    shuffled = [*OPENERS, *own]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (status_on(day, events).get("XA") for events in ([*OPENERS, *own], shuffled))
    assert (one and (one.status, one.signed, one.ratified, one.in_force, one.left)) == (
        other and (other.status, other.signed, other.ratified, other.in_force, other.left)
    )


def test_the_weakest_of_nothing_is_from_memory() -> None:
    assert weakest([]) is Confidence.FROM_MEMORY
    assert weakest([Confidence.CONFIRMED, Confidence.SINGLE_SOURCE]) is Confidence.SINGLE_SOURCE


# --- The file ------------------------------------------------------------------------------------------------------

HEAD = "state,kind,date,effective,provisions,basis,confidence,source,second_source,note\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("QQ,signature,2011-05-11,,,,confirmed,https://example.org,,", "“QQ” is no known state."),
        ("NO,signature,2011-05-11,,,,confirmed,,,", "without a source it can only be from memory."),
        ("NO,signature,2011-13-11,,,,confirmed,https://example.org,,", "“2011-13-11” is no date."),
        ("NO,applause,2011-05-11,,,,confirmed,https://example.org,,", "'applause' is not a valid EventKind."),
        (
            "NO,reservation,2011-05-11,,99,,confirmed,https://example.org,,",
            "“99” names no provision of the Convention.",
        ),
        ("NO,signature", f"its columns are not {', '.join(HEAD.strip().split(','))}."),
    ],
)
def test_a_row_that_cannot_be_believed_is_refused_with_its_line(row: str, problem: str) -> None:
    with pytest.raises(BadEventRow) as refused:
        events_in(HEAD + row)
    assert (refused.value.line, refused.value.problem) == (2, problem)


def test_a_row_is_read_whole() -> None:
    row = "HR,reservation_renewal,2024-03-11,2023-10-01,30(2),79(2),confirmed,https://example.org/a,,Why"
    assert events_in(HEAD + row) == (
        Event(
            "HR",
            EventKind.RESERVATION_RENEWAL,
            PartialDate(2024, 3, 11),
            date(2023, 10, 1),
            (Provision(30, 2),),
            (Provision(79, 2),),
            Confidence.CONFIRMED,
            "https://example.org/a",
            "",
            "Why",
        ),
    )
