"""Programmes made to stop the importer: equal room names, entities in other encodings, odd types and odd years."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.interchange.imported_programme import MAX_NAMES, KeyRegistry, UnreadableProgramme
from samsvar.interchange.programmes import EXPORT_FORMATS, read_programme

EVENT = {"guid": "g", "title": "Opening", "date": "2026-05-04T09:00:00+02:00", "duration": "01:00"}


def schedule(rooms_of_day: Any, **conference: Any) -> bytes:
    days = [{"date": "2026-05-04", "rooms": rooms_of_day}]
    conference = {"acronym": "demo", "title": "Demo", "days": days, **conference}
    return json.dumps({"schedule": {"version": "1", "conference": conference}}).encode()


def test_many_rooms_that_shorten_to_one_key_take_linear_time():
    def seconds(count: int) -> float:
        start = time.process_time()
        registry = KeyRegistry("room")
        for number in range(count):
            registry.get_or_create_key("a room with a name of more than thirty letters " + "!" * number)
        assert len(set(registry.by_name.values())) == count
        return time.process_time() - start

    assert seconds(MAX_NAMES) < 0.5  # cubic: 2.6 s
    assert registry_keys(["Room", "room", "Room!", "room-2"]) == ["room", "room-2", "room-3", "room-2-2"]


def registry_keys(names: list[str]) -> list[str]:
    registry = KeyRegistry("room")
    return [registry.get_or_create_key(name) for name in names]


@pytest.mark.parametrize("field", ["rooms", "tracks"])
def test_too_many_rooms_or_tracks_are_rejected_by_name(field):
    names = [{"name": f"{number}"} for number in range(MAX_NAMES + 1)]
    with pytest.raises(UnreadableProgramme, match=f"more than 1,000 {field}"):
        read_programme(schedule({"A": [EVENT]}, **{field: names}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_a_document_type_is_rejected_in_every_encoding(encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE schedule [<!ENTITY a "AAAA">]><schedule><conference>'
        '<title>T</title></conference><day><room name="ENT-&a;"/></day></schedule>'
    )
    with pytest.raises(UnreadableProgramme, match=r"declares a document type|not valid XML|not JSON"):
        read_programme(text.encode(encoding))


def test_a_document_type_in_utf_16_is_named():
    text = (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE schedule [<!ENTITY a "A">]><schedule><conference/></schedule>'
    )
    from samsvar.interchange.schedule_import import read_schedule_xml

    with pytest.raises(UnreadableProgramme, match="it declares a document type or entities"):
        read_schedule_xml(text.encode("utf-16"))


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["9999-12-31", "0001-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["A", "name", "id"]), inner, max_size=2)
    ),
    max_leaves=5,
)
ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "UTC", "Europe/Bucharest", "nowhere")
extreme_times = st.sampled_from(
    [
        "9999-12-31T23:59:59",
        "9999-12-31T00:00:00-12:00",
        "0001-01-01T00:00:00+14:00",
        "9998-12-31T23:00:00",
        "2026-05-04T09:00:00",
    ]
)


@given(rooms=odd | st.dictionaries(st.text(max_size=3), st.lists(odd, max_size=2), max_size=2), tracks=odd, days=odd)
def test_odd_types_are_rejected_by_name_or_read(rooms, tracks, days):
    for content in (schedule(rooms, tracks=tracks, rooms=tracks), schedule(rooms, days=days)):
        try:
            read_programme(content)
        except UnreadableProgramme:
            continue


@given(extreme_times, extreme_times, st.sampled_from(ZONES), st.sampled_from(["9999:59", "00:30", 100_000]))
def test_a_programme_at_either_end_of_time_can_be_read_and_exported(starts, day, zone, duration):
    event = {**EVENT, "date": starts, "duration": duration}
    indico_time = {"date": starts[:10], "time": starts[11:19], "tz": zone}
    indico = {
        "_type": "Conference",
        "id": "1",
        "title": "T",
        "timezone": zone,
        "startDate": indico_time,
        "endDate": indico_time,
    }
    talk = {"id": "1", "title": "T", "startDate": indico_time, "duration": 90}
    for content in (
        schedule({"A": [event]}, time_zone_name=zone, start=day[:10], end=day[:10]),
        json.dumps({"results": [{**indico, "contributions": [talk]}]}).encode(),
        json.dumps({"talks": [{"code": "a", "title": "T", "start": starts, "end": day}], "timezone": zone}).encode(),
    ):
        try:
            programme = read_programme(content).programme
        except UnreadableProgramme:
            continue
        for export in EXPORT_FORMATS.values():
            assert isinstance(export(programme), bytes)
