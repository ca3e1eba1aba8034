"""Attendance figures count participants without identifying anyone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.implementation.suppression import MIN_COUNT
from samsvar.meetings.figures import (
    AttendanceFigures,
    Attendee,
    attendance_figures,
)
from samsvar.network.people import Group

ATTENDEES = st.lists(
    st.builds(
        Attendee,
        group=st.sampled_from([*map(str, Group), ""]),
        country=st.sampled_from(["XN", "XS", ""]),
        gender=st.sampled_from(["woman", "man", "other", ""]),
        checked_in=st.booleans(),
    ),
    max_size=60,
)


def test_attendees_are_counted_and_all_four_groups_are_listed():
    figures = attendance_figures(
        [Attendee("researchers", "XS", "woman", checked_in=True)] * 6
        + [Attendee("civil_society", "XS", "woman", checked_in=True)] * 5
        + [Attendee("politicians", "XN", "man")] * MIN_COUNT
    )
    assert figures == AttendanceFigures(
        places=16, checked_in=11,
        groups={"politicians": 0, "practitioners": 0, "researchers": 6, "civil_society": 5},
        countries={"XS": 11}, genders={"woman": 11},
    )  # fmt: skip


def test_before_the_first_check_ins_places_are_counted():
    held = [Attendee("politicians", "XN")] * 9
    assert attendance_figures(held).groups["politicians"] == 9
    few = [Attendee("politicians", "XN", checked_in=True)] * (MIN_COUNT - 1)
    assert (attendance_figures(held + few).checked_in, attendance_figures(held + few).groups["politicians"]) == (
        None,
        13,
    )


def test_a_meeting_of_few_people_has_no_figures():
    held = [Attendee("politicians", "XN", "woman", checked_in=True)] * (MIN_COUNT - 1)
    assert attendance_figures(held) == AttendanceFigures(None, None, {}, {}, {})
    assert attendance_figures([]) == AttendanceFigures(0, 0, {}, {}, {})


def test_one_politician_and_one_person_from_a_country_are_not_shown():
    held = (
        [Attendee("researchers", "XS")] * 20 + [Attendee("civil_society", "XP")] * 8 + [Attendee("politicians", "XN")]
    )
    figures = attendance_figures(held)
    assert figures.groups == {"politicians": None, "practitioners": 0, "researchers": 20, "civil_society": None}
    assert figures.countries == {"XS": 20, "": 9}


def test_people_without_a_country_are_grouped_with_the_smallest_countries():
    held = [Attendee(country=one) for one in ["XN"] * 9 + ["XS"] * 3 + ["XP"] * 2 + [""]]
    assert attendance_figures(held).countries == {"": 15}  # 3, 2 and 1 alone would add up to 6
    held += [Attendee(country="XM")] * 10
    assert attendance_figures(held).countries == {"XM": 10, "": 15}
    assert attendance_figures(held + [Attendee()] * 6).countries == {"XM": 10, "XN": 9, "": 12}


@given(ATTENDEES)
def test_no_country_of_few_people_is_shown(attendees):
    figures = attendance_figures(attendees)
    assert all(count >= MIN_COUNT for count in figures.countries.values())


@given(ATTENDEES)
def test_countries_add_up_to_the_total(attendees):
    figures = attendance_figures(attendees)
    assert sum(figures.countries.values()) == (figures.checked_in or figures.places or 0)


@given(ATTENDEES)
def test_no_one_can_calculate_how_few_did_not_come(attendees):
    figures = attendance_figures(attendees)
    if figures.places is not None and figures.checked_in:
        assert not 0 < figures.places - figures.checked_in < MIN_COUNT
