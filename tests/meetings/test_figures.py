"""Attendance figures count participants without identifying anyone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.figures import MIN_COUNT, Attendee, attendance_figures
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
    told = attendance_figures(
        [
            Attendee("researchers", "XS", "woman", checked_in=True),
            Attendee("researchers", "", "", checked_in=True),
            Attendee("politicians", "XN", "man"),
        ]
    )
    assert (told.places, told.checked_in) == (3, 2)
    assert told.groups == {"politicians": 0, "practitioners": 0, "researchers": 2, "civil_society": 0}
    assert told.countries == {"": 2}  # the one without a country is not the only one in its group


def test_before_the_first_check_in_places_are_counted():
    assert attendance_figures([Attendee("politicians", "XN")]).groups["politicians"] == 1


def test_a_small_count_of_a_gender_is_hidden_together_with_a_second_one():
    held = [Attendee(gender="woman")] * 40 + [Attendee(gender="man")] * 20 + [Attendee(gender="other")] * 2
    assert attendance_figures(held).genders == {"man": None, "other": None, "woman": 40}


def test_people_without_a_country_are_grouped_with_the_smallest_countries():
    held = [Attendee(country=one) for one in ["XN"] * 9 + ["XS"] * 3 + ["XP"] * 2 + [""]]
    assert attendance_figures(held).countries == {"XN": 9, "": 6}
    assert attendance_figures(held[:-1]).countries == {"XN": 9, "XP": 2, "XS": 3}  # everyone gave a country
    assert attendance_figures(held + [Attendee()] * 4).countries == {"XN": 9, "XP": 2, "XS": 3, "": 5}


@given(ATTENDEES)
def test_people_without_a_country_are_never_a_small_group(attendees):
    told = attendance_figures(attendees)
    assert told.countries.get("", MIN_COUNT) >= MIN_COUNT or set(told.countries) == {""}


@given(ATTENDEES)
def test_every_breakdown_adds_up_to_the_total(attendees):
    told = attendance_figures(attendees)
    counted = told.checked_in or told.places
    assert sum(told.groups.values()) == counted
    assert sum(told.countries.values()) == counted


@given(ATTENDEES)
def test_no_small_count_of_a_gender_can_be_derived(attendees):
    told = attendance_figures(attendees)
    numbers = [one for one in told.genders.values() if one is not None]
    assert all(one >= MIN_COUNT for one in numbers)
    hidden = sum(one is None for one in told.genders.values())
    assert hidden != 1 or len(told.genders) == 1
