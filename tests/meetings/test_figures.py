"""Who took part is told in numbers from which nobody can be told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.figures import FEWEST, Attendee, figures
from samsvar.network.people import Group

ATTENDEES = st.lists(
    st.builds(
        Attendee,
        group=st.sampled_from([*map(str, Group), ""]),
        country=st.sampled_from(["XN", "XS", ""]),
        gender=st.sampled_from(["woman", "man", "other", ""]),
        came=st.booleans(),
    ),
    max_size=60,
)


def test_those_who_came_are_counted_and_all_four_groups_are_there():
    told = figures(
        [
            Attendee("researchers", "XS", "woman", came=True),
            Attendee("researchers", "", "", came=True),
            Attendee("politicians", "XN", "man"),
        ]
    )
    assert (told.places, told.came) == (3, 2)
    assert told.groups == {"politicians": 0, "practitioners": 0, "researchers": 2, "civil_society": 0}
    assert told.countries == {"": 2}  # the one without a country does not stand alone


def test_before_anybody_is_checked_in_the_places_are_counted():
    assert figures([Attendee("politicians", "XN")]).groups["politicians"] == 1


def test_a_small_number_of_a_gender_is_kept_back_with_a_second_one():
    held = [Attendee(gender="woman")] * 40 + [Attendee(gender="man")] * 20 + [Attendee(gender="other")] * 2
    assert figures(held).genders == {"man": None, "other": None, "woman": 40}


def test_who_has_no_country_stands_among_those_of_the_smallest_countries():
    held = [Attendee(country=one) for one in ["XN"] * 9 + ["XS"] * 3 + ["XP"] * 2 + [""]]
    assert figures(held).countries == {"XN": 9, "": 6}
    assert figures(held[:-1]).countries == {"XN": 9, "XP": 2, "XS": 3}  # everybody gave theirs
    assert figures(held + [Attendee()] * 4).countries == {"XN": 9, "XP": 2, "XS": 3, "": 5}


@given(ATTENDEES)
def test_nobody_is_alone_without_a_country(attendees):
    told = figures(attendees)
    assert told.countries.get("", FEWEST) >= FEWEST or set(told.countries) == {""}


@given(ATTENDEES)
def test_everybody_is_in_each_division(attendees):
    told = figures(attendees)
    counted = told.came or told.places
    assert sum(told.groups.values()) == counted
    assert sum(told.countries.values()) == counted


@given(ATTENDEES)
def test_no_small_number_of_a_gender_can_be_worked_out(attendees):
    told = figures(attendees)
    numbers = [one for one in told.genders.values() if one is not None]
    assert all(one >= FEWEST for one in numbers)
    hidden = sum(one is None for one in told.genders.values())
    assert hidden != 1 or len(told.genders) == 1
