"""Indico: its exports of an event read in.

Structure after what an instance of Indico 3.3.14 gave out, no code of theirs: `/export/event/<id>.json` with
`detail=contributions`, `subcontributions` or `sessions`, and `/export/timetable/<id>.json`. A contribution becomes a
session. A block of Indico's without contributions becomes a session too; of one with contributions, the title of its
session is their track where they have none. Breaks stand in the timetable alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.interchange.imported_programme import (
    UNSAID,
    Account,
    Doubt,
    Keys,
    SeveralMeetings,
    System,
    Taken,
    UnreadableProgramme,
    kind_of,
    length_of,
    loaded,
    objects,
    plain_of,
    text_of,
    whole,
    zone_of,
)
from samsvar.interchange.text_cleanup import carried
from samsvar.meetings.meeting import Access, Part
from samsvar.meetings.programme import Appearance, Room, Session, SessionKind, Track

LECTURE = "simple_event"  # an event of Indico's that is one session itself

# What we take, what says the same once more, and what says where a thing lies in that system or how it looks there
_EVENT = (
    "_type _fossil id title startDate endDate timezone room roomFullname location type url contributions sessions"
    " category categoryId creationDate modificationDate hasAnyProtection visibility language allowed"
).split()
_CONTRIBUTION = (
    "_type _fossil id db_id friendly_id title startDate endDate duration room roomFullname location type description"
    " speakers track session url code allowed"
).split()
_BLOCK = (
    "_type _fossil id title startDate endDate room roomFullname location address inheritLoc inheritRoom url"
    " contributions session conference allowed"
).split()
_SESSION = (
    "_type _fossil id db_id friendly_id title startDate endDate room roomFullname location address url isPoster color"
    " textColor numSlots sessionConveners"
).split()
_PERSON = "_type _fossil id db_id person_id fullName first_name last_name firstName familyName name affiliation".split()
_BREAK = (
    "_type _fossil id uniqueId conferenceId entryType title description startDate endDate duration room location"
    " inheritLoc inheritRoom color textColor sessionId sessionCode sessionSlotId sessionSlotEntryId"
).split()


@dataclass(frozen=True, slots=True)
class _Event:
    """What the sessions of a file have in common."""

    number: str
    zone: str
    account: Account
    language: str = UNSAID
    location: str = ""
    protected: bool = False
    rooms: Keys = field(default_factory=lambda: Keys("room"))
    tracks: Keys = field(default_factory=lambda: Keys("track"))

    def said(self, text: str) -> dict[str, str]:
        return {self.language: text} if text else {}

    def taken(self, system: System, title: str, sessions: list[Session], days: tuple[Any, Any], **more: str) -> Taken:
        if not sessions:
            self.account.doubt(Doubt.EMPTY)
        programme = whole(
            meeting=title,
            title=self.said(title),
            zone=self.zone,
            begins=days[0],
            ends=days[1],
            version="",
            rooms=(Room(key, name) for name, key in self.rooms.by_name.items()),
            tracks=(Track(key, {self.language: name}) for name, key in self.tracks.by_name.items()),
            sessions=sessions,
            account=self.account,
            **more,
        )
        return self.account.told(system, programme)


def read_indico(content: bytes) -> Taken:
    """An export of one event. Raises UnreadableProgramme, and SeveralMeetings for the export of a category."""
    given = loaded(content).get("results")
    if isinstance(given, dict):
        return _read_timetable(given)
    results = objects(given)
    if given == []:
        raise UnreadableProgramme("it is empty: there is no event of that number, or not for whoever fetched it.")
    if not results or text_of(results[0].get("_type")) != "Conference":
        raise UnreadableProgramme("it has no event among its results, as exports of Indico have.")
    if len(results) > 1:
        raise SeveralMeetings(f"it holds {len(results)} events.")
    file, account = results[0], Account()
    account.leave("event", file, [*_EVENT, *(("chairs", "description") if _is_lecture(file) else ())])
    zone = zone_of(text_of(file.get("timezone")), account)
    event = _Event(
        text_of(file.get("id")),
        zone,
        account,
        text_of(file.get("language")).replace("_", "-").split("-")[0][:8] or UNSAID,
        text_of(file.get("location")),
        file.get("hasAnyProtection") is True or _is_closed(file),
    )
    sessions = [session for one in _held(file, event) if (session := _session(one, event)) is not None]
    days = _day(file.get("startDate"), zone), _day(file.get("endDate"), zone)
    title, address = text_of(file.get("title")), text_of(file.get("url"))
    return event.taken(System.INDICO, title, sessions, days, place=event.location, address=address)


@dataclass(frozen=True, slots=True)
class _Held:
    """Something that is held: a contribution in its block or alone, a block without any, or a lecture."""

    value: dict[str, Any]
    kind: str  # in its key
    block: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)  # to which the block belongs


def _held(file: dict[str, Any], event: _Event) -> Iterator[_Held]:
    """Everything that is held."""
    account = event.account
    contributions, blocks = objects(file.get("contributions")), objects(file.get("sessions"))
    if _is_lecture(file):
        yield _Held(file, "event")
    for one in contributions:
        yield _Held(one, "contribution")
    seen = set()
    for block in blocks:
        inside = objects(block.get("contributions"))
        belongs = block.get("session")
        session = belongs if isinstance(belongs, dict) else {}
        # a block that is held itself says who leads it, and its session what it is about
        account.leave("block", block, _BLOCK if inside else [*_BLOCK, "conveners", "slotTitle"])
        known = _SESSION if inside else [*_SESSION, "description", "type"]
        if (number := text_of(session.get("db_id"))) not in seen:
            account.leave("session", session, known)
        seen.add(number)
        for one in inside:
            yield _Held(one, "contribution", block, session)
        if not inside:
            yield _Held(block, "block", block, session)


def _is_lecture(file: dict[str, Any]) -> bool:
    return text_of(file.get("type")) == LECTURE and not (file.get("contributions") or file.get("sessions"))


def _is_closed(value: dict[str, Any]) -> bool:
    """Whether only some may read it there: who manages the event is told who, and of what is public nobody."""
    allowed = value.get("allowed")
    return isinstance(allowed, dict) and bool(allowed.get("users") or allowed.get("groups"))


def _session(held: _Held, event: _Event) -> Session | None:
    one, account = held.value, event.account
    itself = held.kind != "contribution"
    number = text_of(one.get("db_id") or one.get("id"))
    if not number:
        account.doubt(Doubt.NAMELESS)
        return None
    closed = event.protected or _is_closed(one) or _is_closed(held.block)
    if closed:
        account.doubt(Doubt.PROTECTED)
    starts, ends = _span(one, event)
    title = text_of(one.get("title") or one.get("slotTitle"))
    return Session(
        key=_key(event.number, one, number, held.kind),
        title=event.said(title),
        kind=_kind(held, account),
        starts=starts,
        ends=ends,
        room=event.rooms.of(text_of(one.get("roomFullname") or one.get("room"))),
        track="" if itself else _track(held, event, closed=closed),
        abstract=event.said(plain_of((held.session if held.kind == "block" else one).get("description"))),
        people=tuple(_people(held, account)),
        access=Access.ORGANISERS if closed else Access.PUBLIC,
    )


def _track(held: _Held, event: _Event, *, closed: bool) -> str:
    """The contribution's track, else its session; everybody reads the tracks, so none comes of a closed session."""
    one, account = held.value, event.account
    account.leave("contribution", one, _CONTRIBUTION)
    track, belongs = text_of(one.get("track")), text_of(one.get("session")) or text_of(held.session.get("title"))
    if belongs and (track or closed):
        account.left_out["contribution.session"] += 1
    if text_of(one.get("location")) not in {"", event.location}:
        account.left_out["contribution.location"] += 1
    if (code := text_of(one.get("code"))) and not _guid(code):
        account.left_out["contribution.code"] += 1
    return event.tracks.of(track or ("" if closed else belongs))


def _kind(held: _Held, account: Account) -> SessionKind:
    word = held.session.get("type") if held.kind == "block" else held.value.get("type")
    if held.kind == "event":
        return SessionKind.TALK
    if held.session.get("isPoster") and (held.kind == "block" or not text_of(word)):
        return SessionKind.POSTERS
    return kind_of(word, account)


def _key(event: str, one: dict[str, Any], number: str, kind: str) -> str:
    """The code where it is a guid, as in our own exports, else the numbers of Indico."""
    return _guid(text_of(one.get("code"))) or f"indico-{event}-{kind}-{number}"


def _guid(code: str) -> str:
    try:
        return str(uuid.UUID(code))
    except ValueError:
        return ""


def _people(held: _Held, account: Account) -> Iterator[Appearance]:
    """Who appears. Indico writes a whole name as "Last, First", so that it is made of its two parts."""
    value = held.value.get({"contribution": "speakers", "block": "conveners", "event": "chairs"}[held.kind])
    part = Part.CHAIR if held.kind == "block" else Part.SPEAKER
    for one in objects(value):
        account.leave("person", one, _PERSON)
        first = text_of(one.get("first_name") or one.get("firstName"))
        last = text_of(one.get("last_name") or one.get("familyName"))
        name = f"{first} {last}".strip() or text_of(one.get("fullName") or one.get("name")).strip()
        if name:
            key = text_of(one.get("person_id") or one.get("id")) or f"name:{name}"
            yield Appearance(key, part, name, organisation=text_of(one.get("affiliation")))


def _span(one: dict[str, Any], event: _Event) -> tuple[datetime | None, datetime | None]:
    """When it begins and ends. In the hour that the clock shows twice, its duration says which of the two is meant."""
    account = event.account
    starts, ends = (_moments(one.get(key), event.zone, account) for key in ("startDate", "endDate"))
    length = length_of(one.get("duration"))  # Indico counts from nought again after a day
    if not starts:
        return None, None
    if not ends:
        first = starts[0]
        if len(starts) > 1:
            account.doubt(Doubt.HOUR_TWICE)
        return first, first + length if length else None
    pairs = [pair for pair in product(starts, ends) if pair[0] < pair[1]]
    if not pairs:
        account.doubt(Doubt.ENDS_FIRST)
        return starts[0], None
    day = timedelta(days=1)
    if length:
        pairs = [pair for pair in pairs if (pair[1] - pair[0]) % day == length % day] or pairs[:1]
    if len(pairs) > 1:
        account.doubt(Doubt.HOUR_TWICE)
    return pairs[0]


def _moments(value: Any, zone: str, account: Account) -> list[datetime]:
    """The moments that a day and a time may mean: two in the hour that comes twice, none where it says none."""
    if not isinstance(value, dict) or not text_of(value.get("date")):
        return []
    try:
        there = ZoneInfo(text_of(value.get("tz")) or zone)
        shown = datetime.fromisoformat(f"{text_of(value['date'])}T{text_of(value.get('time')) or '00:00:00'}")
        shown = shown.replace(tzinfo=there)
        first, second = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == second or first.astimezone(there).replace(tzinfo=None) != shown.replace(tzinfo=None):
            return [first]
    except (ValueError, OSError, KeyError, OverflowError):
        account.doubt(Doubt.NO_TIME)
        return []
    return [first, second]


def _day(value: Any, zone: str) -> date | None:
    """The day in the event's own zone: Indico exports in the zone of its server, where it may be another."""
    moments = _moments(value, zone, Account())
    return moments[0].astimezone(ZoneInfo(zone)).date() if moments else None


def _read_timetable(results: dict[str, Any]) -> Taken:
    """The timetable of an event: its breaks, which stand nowhere else.

    Everything else stands in the export of the event, with people who have numbers; it is counted as left out.
    """
    if len(results) > 1:
        raise SeveralMeetings(f"it holds the timetables of {len(results)} events.")
    number, days = next(iter(results.items()), ("", {}))
    entries = list({text_of(one.get("id")): one for one in _entries(days)}.values())
    if not entries:
        raise UnreadableProgramme("it has no event among its results, and no timetable with entries.")
    account = Account()
    zones = [text_of(moment.get("tz")) for one in entries if isinstance(moment := one.get("startDate"), dict)]
    event = _Event(carried(str(number)), zone_of(zones[0] if zones else "", account), account)
    sessions = []
    for one in entries:
        if text_of(one.get("entryType")) != "Break":
            account.left_out[f"timetable.{text_of(one.get('entryType'))[:20] or 'entry'}"] += 1
            continue
        account.leave("break", one, _BREAK)
        starts, ends = _span(one, event)
        title = text_of(one.get("title"))
        sessions.append(
            Session(
                key=f"indico-{event.number}-break-{text_of(one.get('id')).removeprefix('b')}",
                title=event.said(title),
                kind=SessionKind.BREAK,
                starts=starts,
                ends=ends,
                room=event.rooms.of(text_of(one.get("room"))),
                abstract=event.said(plain_of(one.get("description"))),
            )
        )
    spans = [day for one in entries if (day := _day(one.get("startDate"), event.zone))]
    return event.taken(System.INDICO_TIMETABLE, "", sessions, (min(spans, default=None), max(spans, default=None)))


def _entries(days: Any) -> Iterator[dict[str, Any]]:
    """Every entry, those inside blocks too; what passes midnight stands there at both days."""
    for day in (days if isinstance(days, dict) else {}).values():
        for one in objects(list(day.values()) if isinstance(day, dict) else []):
            yield one
            inside = one.get("entries")
            yield from objects(list(inside.values()) if isinstance(inside, dict) else [])
