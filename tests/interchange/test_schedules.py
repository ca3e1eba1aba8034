"""Tests of schedules in the formats that conference apps read, validated against the formats' own schemas."""

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

from samsvar.interchange.pretalx import export_pretalx
from samsvar.interchange.schedule_import import read_schedule_json
from samsvar.interchange.schedules import NoKnownDay, export_json, export_xml
from samsvar.interchange.text_cleanup import clean_text, select_text
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Session
from tests.factories.programmes import FULL_PROGRAMME, programmes

SCHEMAS = Path(__file__).parent / "schemas"
XSD = etree.XMLSchema(etree.parse(SCHEMAS / "schedule.xml.xsd"))
_LINES = (SCHEMAS / "schedule.json.schema").read_text(encoding="utf-8").splitlines()
JSON_SCHEMA = json.loads("\n".join(line for line in _LINES if not line.strip().startswith("//")))


def scheduled_sessions(programme: Programme) -> list[Session]:
    return [one for one in programme.sessions if one.starts and not one.cancelled]


def session_titles(programme: Programme) -> list[str]:
    return sorted(select_text(one.title) for one in scheduled_sessions(programme))


def events_in(content: bytes) -> list[dict[str, Any]]:
    days = json.loads(content)["schedule"]["conference"]["days"]
    return [event for day in days for room in day["rooms"].values() for event in room]


@given(programmes())
def test_schedule_xml_is_valid_and_keeps_all_titles(programme: Programme) -> None:
    root = etree.fromstring(export_xml(programme))
    XSD.assertValid(root)
    assert sorted(one.findtext("title") or "" for one in root.iter("event")) == session_titles(programme)
    assert root.findtext("conference/title") == select_text(programme.title)


@given(programmes())
def test_schedule_json_is_valid_and_keeps_all_titles(programme: Programme) -> None:
    content = export_json(programme)
    jsonschema.Draft6Validator(JSON_SCHEMA).validate(json.loads(content))
    assert sorted(event["title"] for event in events_in(content)) == session_titles(programme)


@given(programmes())
def test_schedule_json_keeps_the_organisation_of_each_named_person(programme: Programme) -> None:
    known = sorted(
        (name, clean_text(one.organisation).strip())
        for session in scheduled_sessions(programme)
        for one in session.people
        if (name := clean_text(one.name).strip())
    )
    content = export_json(programme)
    written = [person for event in events_in(content) for person in event["persons"]]
    assert sorted((one["name"].strip(), one.get("organisation", "")) for one in written) == known
    assert not any(one.get("organisation") == "" for one in written)
    taken = read_schedule_json(content).programme
    assert sorted((one.name, one.organisation) for session in taken.sessions for one in session.people) == known


def test_organisations_appear_only_in_schedule_json() -> None:
    persons = [person for event in events_in(export_json(FULL_PROGRAMME)) for person in event["persons"]]
    assert [(one["name"], one.get("organisation")) for one in persons] == [
        ("Ana Zmeu", "Ministry of Sudmar"), ("Otto Birk", None),
    ]  # fmt: skip
    assert b"Ministry of Sudmar" not in export_xml(FULL_PROGRAMME)
    assert b"organisation" not in export_pretalx(FULL_PROGRAMME)


ONLY_MONTH_KNOWN = replace(FULL_PROGRAMME, begins=date(2031, 6, 1), ends=date(2031, 6, 30), precision="month")


def test_a_schedule_makes_up_no_day_when_only_the_month_is_known() -> None:
    root, conference = (
        etree.fromstring(export_xml(ONLY_MONTH_KNOWN)),
        json.loads(export_json(ONLY_MONTH_KNOWN))["schedule"]["conference"],
    )
    XSD.assertValid(root)
    assert [one.get("date") for one in root.iter("day")] == ["2031-06-04", "2031-06-05"]
    assert (root.findtext("conference/start"), root.findtext("conference/end")) == ("2031-06-04", "2031-06-05")
    assert (conference["start"], conference["end"], conference["daysCount"]) == ("2031-06-04", "2031-06-05", 2)


@pytest.mark.parametrize("made", [export_xml, export_json])
def test_a_schedule_needs_at_least_one_known_day(made) -> None:
    with pytest.raises(NoKnownDay):
        made(replace(ONLY_MONTH_KNOWN, sessions=()))


@given(programmes())
def test_both_schedules_list_the_same_sessions_with_the_same_guids(programme: Programme) -> None:
    of_xml = {(one.get("guid"), one.get("id")) for one in etree.fromstring(export_xml(programme)).iter("event")}
    of_json = {(event["guid"], str(event["id"])) for event in events_in(export_json(programme))}
    assert of_xml == of_json
    assert len(of_xml) == len(scheduled_sessions(programme))


def test_an_event_has_its_local_time_and_its_named_people() -> None:
    root = etree.fromstring(export_xml(FULL_PROGRAMME))
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


def test_cancelled_and_untimed_sessions_are_left_out() -> None:
    assert session_titles(FULL_PROGRAMME) == ["Counting beds", "Opening & welcome"]
    assert sorted(event["title"] for event in events_in(export_json(FULL_PROGRAMME))) == [
        "Counting beds",
        "Opening & welcome",
    ]


def test_titles_use_the_readers_language_where_available() -> None:
    told = [event["title"] for event in events_in(export_json(FULL_PROGRAMME, language="fr"))]
    assert told == ["Ouverture", "Counting beds"]


def test_a_schedule_has_the_same_bytes_every_time() -> None:
    assert export_xml(FULL_PROGRAMME) == export_xml(FULL_PROGRAMME)
    assert export_json(FULL_PROGRAMME) == export_json(FULL_PROGRAMME)


def test_only_characters_that_no_format_can_carry_are_left_out() -> None:
    assert clean_text("a\x00b\x0bc\ud800d\r\ne\rf]]>\u202eg\U0001f3e0") == "abcd\ne\nf]]>\u202eg\U0001f3e0"


def test_sessions_in_the_year_9999_and_interpreters_are_left_out() -> None:
    first = FULL_PROGRAMME.sessions[0]
    far = replace(first, key="far", guid="", starts=datetime(9999, 12, 31, 22, tzinfo=UTC), ends=None)
    heard = replace(
        first, people=(*first.people, Appearance("p9", ProgrammeRole.INTERPRETER, "Ion Talmaci", language="fr"))
    )
    more = replace(FULL_PROGRAMME, sessions=(heard, *FULL_PROGRAMME.sessions[1:], far))
    assert (export_xml(more), export_json(more)) == (export_xml(FULL_PROGRAMME), export_json(FULL_PROGRAMME))
