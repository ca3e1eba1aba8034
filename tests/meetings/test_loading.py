"""Meetings from public sources: each is a gathering in the network's facts, and claims only what its sources do."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.meetings.loading import InvalidMeetingEntry, SpeakerFact, StateFact, load_meetings, parse_meetings
from samsvar.meetings.meeting import CountryRole, MeetingKind
from samsvar.network.loading import GatheringRelation, gatherings, parse_gatherings
from tests.network.test_loading import HEAD, VERIFIED

COUNTRIES = "NO BG HR SK LT PL CZ PT RO HU MT SI ES RS FR US GB FI SE DK IT IS".split()
HELD = {"here": parse_gatherings(HEAD + VERIFIED.replace("stated,,", "stated,here,"))[0]}
WHOLE = """[here]
zone = "Europe/Bucharest"
title.en = "A"
title.fr = "B"
title.nb = "C"
title.ro = "D"
"""


def test_exactly_the_gatherings_that_the_network_held_on_known_dates_are_meetings():
    held = [one for one in gatherings() if one.relation is GatheringRelation.HELD and one.begins]
    assert sorted(load_meetings()) == sorted(one.meeting for one in held)
    assert all(one.meeting == "" for one in gatherings() if one not in held)


def test_the_bucharest_conference_matches_its_source():
    one = load_meetings()["bucharest-2019"]
    assert (one.kind, one.begins, one.ends, one.precision, one.zone, one.state, one.city, one.participants) == (
        MeetingKind.HIGH_LEVEL_CONFERENCE,
        date(2019, 6, 4),
        date(2019, 6, 6),
        "day",
        "Europe/Bucharest",
        "RO",
        "Bucharest",
        120,
    )
    assert one.source == "https://www.regjeringen.no/no/aktuelt/hoynivakonferanse-om-istanbul-konvensjonen/id2653680/"


def test_speakers_came_from_twenty_two_countries_with_england_as_in_the_source():
    states = load_meetings()["bucharest-2019"].states
    assert [one.state for one in states if one.role is CountryRole.SPEAKERS] == COUNTRIES
    assert [one for one in states if one.printed_name] == [StateFact("GB", CountryRole.SPEAKERS, "England")]
    assert [one.state for one in states if one.role is CountryRole.HOST] == ["RO"]


def test_the_programme_names_only_the_two_office_holders_in_the_source():
    opening, romania, network = load_meetings()["bucharest-2019"].sessions
    assert opening.people == (
        SpeakerFact("NO", "Thor Kleppen Sættem", "State Secretary, Norwegian Ministry of Justice and Public Security"),
    )
    assert romania.people == (
        SpeakerFact("RO", "Marius Constantin Budai", "Minister of Labour and Social Justice of Romania"),
    )
    assert romania.source.startswith("https://www.romania2019.eu/")  # it has the office in full
    assert (network.people, network.nested_meeting) == ((), "synergy-bucharest-2019")


def test_the_bucharest_conference_reports_what_its_source_says_of_the_statements():
    one = load_meetings()["bucharest-2019"]
    opening, romania, _network = one.sessions
    for language in ("en", "fr", "nb", "ro"):
        assert opening.abstract[language]
        assert romania.abstract[language]
        assert "2017" in one.purpose[language]  # Norway's ratification
        assert "2018" in one.purpose[language]  # the strategy for Europe
    assert "several state secretaries" in romania.abstract["en"]
    assert "equality between women and men" in one.purpose["en"]


def test_a_meeting_without_an_exact_date_has_a_range_of_dates():
    unknown = {key: (one.begins, one.ends) for key, one in load_meetings().items() if one.precision != "day"}
    assert {one.precision for key, one in load_meetings().items() if key in unknown} == {"month"}
    assert unknown["synergy-bucharest-2019"] == (date(2019, 6, 4), date(2019, 6, 6))
    assert all(begins < ends for begins, ends in unknown.values())


def test_our_own_texts_exist_in_every_interface_language():
    for one in load_meetings().values():
        assert tuple(one.purpose) in {(), INTERFACE_LANGUAGES}
        assert len(one.title) in {1, len(INTERFACE_LANGUAGES)}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("Europe/Bucharest", "Europe/Nowhere", "'No time zone found with key Europe/Nowhere'"),
        ('title.ro = "D"\n', "", "a sentence is required in en, fr, nb, ro, in this order"),
        ("zone", 'inside = "there"\nzone', "it is part of “there”, which must come before it"),
        ("zone", 'between = ["2019-06-04", "2019-06-05"]\nzone',
         "its dates are known, so a range must not be given"),
        ("zone", 'speakers = ["XA"]\nzone', "“XA” is not a known state"),
        ("zone", 'host = "NO"\nzone', "its host is not the state where it was held"),
        ("zone", "colour = 1\nzone", "there is no field “colour”"),
        ("[here]", "[there]", "it is in only one of the two files"),
    ],
)  # fmt: skip
def test_an_invalid_entry_is_reported_with_its_problem(before, after, problem):
    assert list(parse_meetings(WHOLE, HELD)) == ["here"]
    with pytest.raises(InvalidMeetingEntry) as bad:
        parse_meetings(WHOLE.replace(before, after, 1), HELD)
    assert bad.value.problem == problem
