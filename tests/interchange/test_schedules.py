"""Programmes as the conference world's apps read them, held against its own schemas."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from lxml import etree

from samsvar.interchange.pretalx import as_pretalx
from samsvar.interchange.schedules import NoDayIsKnown, as_json, as_xml
from samsvar.interchange.schedules_in import read_json
from samsvar.interchange.text_cleanup import carried, said
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Session
from tests.factories.programmes import EVERYTHING, programmes

SCHEMAS = Path(__file__).parent / "schemas"
XSD = etree.XMLSchema(etree.parse(SCHEMAS / "schedule.xml.xsd"))
_LINES = (SCHEMAS / "schedule.json.schema").read_text(encoding="utf-8").splitlines()
JSON_SCHEMA = json.loads("\n".join(line for line in _LINES if not line.strip().startswith("//")))


def shown(programme: Programme) -> list[Session]:
    return [one for one in programme.sessions if one.starts and not one.cancelled]


def titles(programme: Programme) -> list[str]:
    return sorted(said(one.title) for one in shown(programme))


def events(content: bytes) -> list[dict[str, Any]]:
    days = json.loads(content)["schedule"]["conference"]["days"]
    return [event for day in days for room in day["rooms"].values() for event in room]


@given(programmes())
def test_every_schedule_xml_is_well_formed_and_valid_and_says_what_was_said(programme: Programme) -> None:
    root = etree.fromstring(as_xml(programme))
    XSD.assertValid(root)
    assert sorted(one.findtext("title") or "" for one in root.iter("event")) == titles(programme)
    assert root.findtext("conference/title") == said(programme.title)


@given(programmes())
def test_every_schedule_json_is_valid_and_says_what_was_said(programme: Programme) -> None:
    content = as_json(programme)
    jsonschema.Draft6Validator(JSON_SCHEMA).validate(json.loads(content))
    assert sorted(event["title"] for event in events(content)) == titles(programme)


@given(programmes())
def test_whoever_is_named_has_their_organisation_in_the_json_and_keeps_it(programme: Programme) -> None:
    known = sorted(
        (name, carried(one.organisation).strip())
        for session in shown(programme)
        for one in session.people
        if (name := carried(one.name).strip())
    )
    content = as_json(programme)
    written = [person for event in events(content) for person in event["persons"]]
    assert sorted((one["name"].strip(), one.get("organisation", "")) for one in written) == known
    assert not any(one.get("organisation") == "" for one in written)
    taken = read_json(content).programme
    assert sorted((one.name, one.organisation) for session in taken.sessions for one in session.people) == known


def test_an_organisation_stands_in_schedule_json_alone() -> None:
    persons = [person for event in events(as_json(EVERYTHING)) for person in event["persons"]]
    assert [(one["name"], one.get("organisation")) for one in persons] == [
        ("Ana Zmeu", "Ministry of Sudmar"), ("Otto Birk", None),
    ]  # fmt: skip
    assert b"Ministry of Sudmar" not in as_xml(EVERYTHING)
    assert b"organisation" not in as_pretalx(EVERYTHING)


VAGUE = replace(EVERYTHING, begins=date(2031, 6, 1), ends=date(2031, 6, 30), precision="month")


def test_a_schedule_makes_up_no_day_where_the_month_alone_is_known() -> None:
    root, conference = etree.fromstring(as_xml(VAGUE)), json.loads(as_json(VAGUE))["schedule"]["conference"]
    XSD.assertValid(root)
    assert [one.get("date") for one in root.iter("day")] == ["2031-06-04", "2031-06-05"]
    assert (root.findtext("conference/start"), root.findtext("conference/end")) == ("2031-06-04", "2031-06-05")
    assert (conference["start"], conference["end"], conference["daysCount"]) == ("2031-06-04", "2031-06-05", 2)


@pytest.mark.parametrize("made", [as_xml, as_json])
def test_without_any_day_there_is_no_schedule(made) -> None:
    with pytest.raises(NoDayIsKnown):
        made(replace(VAGUE, sessions=()))


@given(programmes())
def test_both_schedules_tell_of_the_same_sessions_by_the_same_guids(programme: Programme) -> None:
    of_xml = {(one.get("guid"), one.get("id")) for one in etree.fromstring(as_xml(programme)).iter("event")}
    of_json = {(event["guid"], str(event["id"])) for event in events(as_json(programme))}
    assert of_xml == of_json
    assert len(of_xml) == len(shown(programme))


def test_a_session_is_told_with_its_time_in_the_meetings_zone_and_the_people_who_are_named() -> None:
    root = etree.fromstring(as_xml(EVERYTHING))
    event = root.find("day/room/event")
    assert event is not None
    assert {child.tag: child.text for child in event if len(child) == 0 and child.text} == {
        "date": "2031-06-04T09:30:00+03:00",
        "start": "09:30",
        "duration": "01:00",
        "room": "Great hall",
        "slug": f"sudmar_2031-{event.get('id')}-opening-welcome",
        "url": "https://samsvar.example/en/meetings/sudmar-2031/",
        "title": "Opening & welcome",
        "type": "opening",
        "language": "en",
        "abstract": "Who we are.\nWhy we meet.",
        "description": "Ouverture\n\nQui nous sommes.",
    }
    assert event.get("guid") == "9f1b2c3d-0000-4000-8000-000000000001"
    assert [one.text for one in event.iter("person")] == ["Ana Zmeu"]
    assert event.findtext("recording/optout") == "true"


def test_what_is_cancelled_or_has_no_time_stands_in_no_schedule() -> None:
    assert titles(EVERYTHING) == ["Counting beds", "Opening & welcome"]
    assert sorted(event["title"] for event in events(as_json(EVERYTHING))) == ["Counting beds", "Opening & welcome"]


def test_a_reader_gets_their_own_language_where_there_is_one() -> None:
    told = [event["title"] for event in events(as_json(EVERYTHING, language="fr"))]
    assert told == ["Ouverture", "Counting beds"]


def test_a_schedule_is_the_same_bytes_each_time() -> None:
    assert as_xml(EVERYTHING) == as_xml(EVERYTHING)
    assert as_json(EVERYTHING) == as_json(EVERYTHING)


def test_what_no_format_can_carry_is_left_out_and_nothing_else() -> None:
    assert carried("a\x00b\x0bc\ud800d\r\ne\rf]]>\u202eg\U0001f3e0") == "abcd\ne\nf]]>\u202eg\U0001f3e0"


def test_neither_a_session_of_another_age_nor_an_interpreter_stands_in_a_schedule() -> None:
    first = EVERYTHING.sessions[0]
    far = replace(first, key="far", guid="", starts=datetime(9999, 12, 31, 22, tzinfo=UTC), ends=None)
    heard = replace(first, people=(*first.people, Appearance("p9", Part.INTERPRETER, "Ion Talmaci", language="fr")))
    more = replace(EVERYTHING, sessions=(heard, *EVERYTHING.sessions[1:], far))
    assert (as_xml(more), as_json(more)) == (as_xml(EVERYTHING), as_json(EVERYTHING))
