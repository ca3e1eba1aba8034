"""Meetings that public sources tell of: each is a gathering of the network's facts, and says no more than they do."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.languages import INTERFACE, best
from samsvar.meetings.loading import BadMeeting, Named, StateFact, meetings, meetings_in
from samsvar.meetings.meeting import MeetingKind, PlaceOf
from samsvar.network.loading import Tie, gatherings, gatherings_in
from tests.network.test_loading import HEAD, SEEN

COUNTRIES = "NO BG HR SK LT PL CZ PT RO HU MT SI ES RS FR US GB FI SE DK IT IS".split()
HELD = {"here": gatherings_in(HEAD + SEEN.replace("stated,,", "stated,here,"))[0]}
WHOLE = """[here]
zone = "Europe/Bucharest"
title.en = "A"
title.fr = "B"
title.nb = "C"
title.ro = "D"
"""


def test_every_gathering_that_the_network_held_on_known_days_is_a_meeting_and_no_other():
    held = [one for one in gatherings() if one.tie is Tie.HELD and one.begins]
    assert sorted(meetings()) == sorted(one.meeting for one in held)
    assert all(one.meeting == "" for one in gatherings() if one not in held)


def test_the_conference_of_the_source_text_is_as_its_source_has_it():
    one = meetings()["bucharest-2019"]
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


def test_speakers_came_from_twenty_two_countries_and_england_is_written_as_the_source_writes_it():
    states = meetings()["bucharest-2019"].states
    assert [one.state for one in states if one.place is PlaceOf.SPEAKERS] == COUNTRIES
    assert [one for one in states if one.written] == [StateFact("GB", PlaceOf.SPEAKERS, "England")]
    assert [one.state for one in states if one.place is PlaceOf.HOST] == ["RO"]


def test_the_programme_names_the_two_office_holders_of_the_source_and_nobody_else():
    opening, contributions, network = meetings()["bucharest-2019"].sessions
    assert opening.people == (
        Named("NO", "Thor Kleppen Sættem", "State Secretary, Norwegian Ministry of Justice and Public Security"),
    )
    assert contributions.people == (
        Named("RO", "Marius Constantin Budai", "Minister of Labour and Social Justice of Romania"),
        *(Named(code) for code in COUNTRIES),
    )
    assert (network.people, network.holds) == ((), "synergy-bucharest-2019")


def test_a_meeting_whose_day_no_source_gives_says_between_which_days_it_was():
    unknown = {key: (one.begins, one.ends) for key, one in meetings().items() if one.precision != "day"}
    assert {one.precision for key, one in meetings().items() if key in unknown} == {"month"}
    assert unknown["synergy-bucharest-2019"] == (date(2019, 6, 4), date(2019, 6, 6))
    assert all(begins < ends for begins, ends in unknown.values())


def test_our_own_sentences_are_said_in_every_language_of_the_interface():
    for one in meetings().values():
        assert tuple(one.purpose) in {(), INTERFACE}
        assert len(one.title) in {1, len(INTERFACE)}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("Europe/Bucharest", "Europe/Nowhere", "'No time zone found with key Europe/Nowhere'"),
        ('title.ro = "D"\n', "", "a sentence is asked for in en, fr, nb, ro, and in this order"),
        ("zone", 'inside = "there"\nzone', "it lies inside “there”, which does not stand before it"),
        ("zone", 'between = ["2019-06-04", "2019-06-05"]\nzone',
         "its days are known, and need no others between which they lie"),
        ("zone", 'speakers = ["XA"]\nzone', "“XA” is no known state"),
        ("zone", 'host = "NO"\nzone', "its host is not where it was held"),
        ("zone", "colour = 1\nzone", "nothing is known of “colour”"),
        ("[here]", "[there]", "it stands in one of the two files only"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_believed_is_named(before, after, problem):
    assert list(meetings_in(WHOLE, HELD)) == ["here"]
    with pytest.raises(BadMeeting) as bad:
        meetings_in(WHOLE.replace(before, after, 1), HELD)
    assert bad.value.problem == problem


@pytest.mark.parametrize(
    ("texts", "language", "original", "said"),
    [
        ({"en": "A", "fr": "B"}, "fr", "en", ("fr", "B")),
        ({"en": "A", "fr": "B"}, "nb", "fr", ("fr", "B")),
        ({"en": "A", "fr": "B"}, "nb", "", ("en", "A")),
        ({"ro": "D", "fr": "B"}, "nb", "", ("fr", "B")),
        ({"en": "", "fr": "B"}, "en", "en", ("fr", "B")),
        ({}, "en", "en", ("", "")),
    ],
)
def test_a_text_is_said_in_the_readers_language_else_in_its_own(texts, language, original, said):
    assert best(texts, language, original) == said
