"""The draft programme as organisers see it: sessions, conflicts, and what publishing would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import Count, Manager, QuerySet
from django.utils import timezone

from samsvar.meetings.conflicts import Conflict, conflicts_of, find_conflicts
from samsvar.meetings.meeting import Access, Part
from samsvar.meetings.programme import Appearance, Channel, Programme, Room, Session, SessionKind, Track
from samsvar.meetings.registration import Standing
from samsvar.meetings.versions import Change, ChangeKind, differences, to_json
from samsvar.monitoring.report import Strength
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.programme.queries.published import programme_of, published
from samsvar.site.meetings.programme.queries.speakers import QUIET
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.directory.queries.people import details_for, names_in_public, seen_by
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import COLON
from samsvar.territories import name_of

FOUND_AT_MOST = 20
FINDINGS_OFFERED = 60  # that a session can be said to be about without their addresses; more is no list to read

State = models.Session.State


# --- From rows to values ----------------------------------------------------------------------------------------------


def sessions_of(meeting: models.Meeting) -> QuerySet[models.Session]:
    """The sessions in work with all that a programme says of them, in the order of time."""
    return (
        meeting.sessions.select_related("room", "track", "holds")
        .prefetch_related("appearances__person")
        .order_by("starts", "room__order", "pk")
    )


def keys_of(meeting: models.Meeting, sessions: Iterable[models.Session]) -> dict[int, str]:
    """The key of each appearance. One person has one key in all versions; who is named from a source by their name."""
    latest = published(meeting)
    by_person: dict[str, str] = {public_id: key for key, public_id in latest.people.items()} if latest else {}
    by_name: dict[tuple[str, str], str] = {}
    if latest:
        for session in programme_of(latest).sessions:
            by_name |= {(one.name, one.country): one.person for one in session.people if one.name}
    rows = sorted((one for session in sessions for one in session.appearances.all()), key=lambda one: one.pk)
    keys: dict[int, str] = {}
    for row in rows:
        if row.person is not None:
            keys[row.pk] = by_person.setdefault(row.person.public_id, row.key)
        elif row.named:
            keys[row.pk] = by_name.setdefault((row.named, row.state_id or ""), row.key)
        else:
            keys[row.pk] = row.key
    return keys


def as_programme(
    meeting: models.Meeting, sessions: Iterable[models.Session], *, address: str = "", version: str = ""
) -> Programme:
    """These sessions as a value; people of ours stand in it by key, without a name."""
    rows = list(sessions)
    keys = keys_of(meeting, rows)
    return Programme(
        meeting=meeting.public_id,
        title=in_order(meeting.title, meeting.languages),
        zone=meeting.zone,
        begins=meeting.begins,
        ends=meeting.ends,
        precision=meeting.precision,
        version=version,
        place=", ".join(filter(None, (meeting.place, meeting.city))),
        address=address,
        rooms=tuple(Room(one.key, one.name, one.capacity) for one in meeting.rooms.all()),
        tracks=tuple(Track(one.key, in_order(one.name, meeting.languages), one.colour) for one in meeting.tracks.all()),
        sessions=tuple(_as_session(one, meeting.languages, keys) for one in rows),
    )


def _as_session(row: models.Session, languages: Sequence[str], keys: Mapping[int, str]) -> Session:
    return Session(
        key=row.public_id,
        guid=str(row.guid),
        title=in_order(row.title, languages),
        abstract=in_order(row.abstract, languages),
        kind=SessionKind(row.kind),
        starts=row.starts,
        ends=row.ends,
        room=row.room.key if row.room else "",
        track=row.track.key if row.track else "",
        languages=tuple(row.languages),
        interpreted=tuple(Channel(one["language"], one.get("channel", "")) for one in row.interpreted),
        access=Access(row.access),
        cancelled=row.state == State.CANCELLED,
        people=tuple(
            Appearance(
                person=keys[one.pk],
                part=Part(one.part),
                name=one.named,
                office=one.office,
                country=(one.state_id or "") if one.person_id is None else "",
                language=one.language,
            )
            for one in row.appearances.all()
        ),
    )


def in_order(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """What is said, the original language first."""
    order = [*languages, *sorted(texts)]
    return {code: texts[code] for code in dict.fromkeys(order) if texts.get(code)}


# --- The programme in work --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A session in work, with what does not fit about it."""

    row: models.Session
    people: tuple[Person, ...]
    conflicts: tuple[ShownConflict, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a session in work, as whoever runs the meeting may know them."""

    row: models.Appearance
    name: str
    country: str = ""
    public_name: str | None = None  # what the public programme calls them; None: nothing
    asked: models.SpeakerLink | None = None  # how they were asked by letter whether it may

    @property
    def can_be_asked_again(self) -> bool:
        """Whether a letter can go to them now: they are not named, have not left, and a day is over."""
        if self.asked is None or self.public_name is not None or self.asked.declined_at is not None:
            return False
        return self.asked.asked_at <= timezone.now() - QUIET


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A conflict in words that a template puts together: who, and which other session."""

    conflict: Conflict
    person: str
    other: models.Session | None
    language: str = ""
    of: models.Session | None = None  # whose it is, where that is not said by the place in which it stands


@dataclass(frozen=True, slots=True)
class Work:
    """The whole programme in work."""

    days: tuple[tuple[date | None, tuple[Line, ...]], ...]
    conflicts: tuple[ShownConflict, ...]
    latest: models.Version | None
    unpublished: int  # changes since

    @property
    def sessions(self) -> int:
        return sum(len(lines) for _day, lines in self.days)


def work(user: User, meeting: models.Meeting) -> Work:
    """The sessions in work by day, with conflicts and names; names of participants are a sight."""
    rows = list(sessions_of(meeting))
    conflicts = conflicts_in(meeting, rows)
    names = names_for(user, meeting, rows)
    by_session = conflicts_of(conflicts)
    by_key = {row.public_id: row for row in rows} | {
        one.public_id: one for one in models.Session.objects.filter(meeting__inside=meeting)
    }
    keys = keys_of(meeting, rows)
    called = {keys[pk]: person.name for pk, person in names.items()}

    def shown(conflict: Conflict, beside: str = "") -> ShownConflict:
        others = [key for key in conflict.sessions if key != beside] if beside else list(conflict.sessions[1:])
        other = by_key.get(others[0]) if others else None
        of = None if beside else by_key.get(conflict.sessions[0])
        return ShownConflict(conflict, called.get(conflict.person, ""), other, language_name(conflict.language), of)

    lines: dict[date | None, list[Line]] = defaultdict(list)
    zone = ZoneInfo(meeting.zone)
    for row in rows:
        day = row.starts.astimezone(zone).date() if row.starts else None
        people = tuple(names[one.pk] for one in row.appearances.all())
        here = tuple(shown(one, row.public_id) for one in by_session.get(row.public_id, ()))
        lines[day].append(Line(row, people, here))
    days = sorted(lines.items(), key=lambda one: (one[0] is None, one[0] or date.max))
    latest = published(meeting)
    return Work(
        tuple((day, tuple(of_day)) for day, of_day in days),
        tuple(shown(one) for one in conflicts),
        latest,
        len(changes_since(meeting, latest, rows)),
    )


def names_for(user: User, meeting: models.Meeting, rows: Iterable[models.Session]) -> dict[int, Person]:
    """The people of these sessions by appearance, for whoever runs the meeting: one look at the door."""
    appearances = [one for row in rows for one in row.appearances.all()]
    people = {one.person.pk: one.person for one in appearances if one.person is not None}
    told = participants_for(
        user, people.values(), subject=f"meeting {meeting.public_id}", fields=(Field.NAME, Field.COUNTRY)
    )
    public = names_in_public(people.values())
    asked = {one.person_id: one for one in meeting.speaker_links.filter(person__in=people)} if people else {}
    found = {}
    for one in appearances:
        if one.person is not None:
            view = told.get(one.person.pk)
            name = (view.name if view else "") or one.person.pseudonym
            country = view.country if view else ""
            found[one.pk] = Person(one, name, country, public.get(one.person.public_id), asked.get(one.person.pk))
        else:
            found[one.pk] = Person(one, one.named, one.state_id or "", one.named or None)
    return found


def conflicts_in(meeting: models.Meeting, rows: Sequence[models.Session]) -> tuple[Conflict, ...]:
    """What does not fit in the programme in work, with the meetings that it holds and how many signed up."""
    programme = as_programme(meeting, rows)
    keys = keys_of(meeting, rows)
    by_person = {
        one.person_id: keys[one.pk] for row in rows for one in row.appearances.all() if one.person_id is not None
    }
    available: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for time in meeting.availabilities.all():
        if time.person_id in by_person:
            available[by_person[time.person_id]].append((time.starts, time.ends))
    inside = {}
    for row in rows:
        if row.holds is not None:
            nested = [one for one in sessions_of(row.holds) if one.state != State.DRAFT]
            theirs = {one.person_id: one for row in nested for one in row.appearances.all() if one.person_id}
            own = keys_of(row.holds, nested)
            same = {own[one.pk]: by_person[pk] for pk, one in theirs.items() if pk in by_person}
            inside[row.public_id] = _with_keys(as_programme(row.holds, nested), same)
    return find_conflicts(programme, available=available, expected=_expected(meeting), inside=inside)


def _with_keys(programme: Programme, same: Mapping[str, str]) -> Programme:
    """The programme of a meeting inside, its people by the keys that they have in ours."""
    sessions = (
        replace(one, people=tuple(replace(each, person=same.get(each.person, each.person)) for each in one.people))
        for one in programme.sessions
    )
    return replace(programme, sessions=tuple(sessions))


def _expected(meeting: models.Meeting) -> dict[str, int]:
    """How many have a session in their schedule."""
    counted = (
        models.MySession.objects.filter(session__meeting=meeting).values("session__public_id").annotate(n=Count("pk"))
    )
    return {one["session__public_id"]: one["n"] for one in counted}


def to_publish(rows: Iterable[models.Session]) -> list[models.Session]:
    """What a new version would hold: all but drafts."""
    return [row for row in rows if row.state != State.DRAFT]


def changes_since(
    meeting: models.Meeting, latest: models.Version | None, rows: Iterable[models.Session]
) -> tuple[Change, ...]:
    """What a new version would change."""
    new = as_programme(meeting, to_publish(rows))
    old = programme_of(latest) if latest else replace(new, sessions=())
    return differences(old, new)


def sessions_in_places(meeting: models.Meeting) -> dict[str, dict[str, int]]:
    """How many sessions in work are in each room and each track, by their keys."""
    found: dict[str, dict[str, int]] = {}
    for place in ("room", "track"):
        rows = meeting.sessions.exclude(**{place: None}).order_by().values_list(f"{place}__key")
        found[place] = dict(rows.annotate(count=Count("pk")))
    return found


def people_concerned(meeting: models.Meeting, changes: Iterable[Change]) -> tuple[set[int], set[int]]:
    """(people, accounts) whom these changes concern: who appears or appeared, and who has the session in a schedule."""
    changed = {change.session for change in changes if change.kind is not ChangeKind.TRACK}  # nobody goes elsewhere
    latest = published(meeting)
    rows = [row for row in sessions_of(meeting) if row.public_id in changed]
    people = {one.person_id for row in rows for one in row.appearances.all() if one.person_id is not None}
    if latest:
        before = {
            one.person for session in programme_of(latest).sessions if session.key in changed for one in session.people
        }
        asked = [public_id for key, public_id in latest.people.items() if key in before]
        people |= set(_persons().filter(public_id__in=asked).values_list("pk", flat=True))
    starred = models.MySession.objects.filter(session__meeting=meeting, session__public_id__in=changed)
    people |= set(starred.filter(registration__person__isnull=False).values_list("registration__person_id", flat=True))
    accounts = set(starred.filter(account__isnull=False).values_list("account_id", flat=True))
    return people, accounts


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of the grid: a session that begins in this row and goes on over so many."""

    line: Line | None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A day as a table: each row begins where a session begins or ends; a cell that is covered is left out."""

    day: date
    rooms: tuple[str, ...]
    rows: tuple[tuple[datetime, tuple[Slot | None, ...]], ...]


def grids(page: Work) -> list[Grid]:
    """Rooms × times of each day; two sessions in one room at a time, which is a conflict, get a column each."""
    found = []
    for day, lines in page.days:
        timed = [(line, line.row.starts, line.row.ends) for line in lines if line.row.starts and line.row.ends]
        if day is None or not timed:
            continue
        moments = sorted({at for _line, *times in timed for at in times})
        columns: list[tuple[str, list[tuple[Line, datetime, datetime]]]] = []
        for line, starts, ends in timed:
            name = line.row.room.name if line.row.room else ""
            for room, theirs in columns:
                if room == name and theirs[-1][2] <= starts:
                    theirs.append((line, starts, ends))
                    break
            else:
                columns.append((name, [(line, starts, ends)]))
        columns.sort(key=lambda one: (one[1][0][0].row.room.order if one[1][0][0].row.room else 999, one[0]))
        rows: list[tuple[datetime, tuple[Slot | None, ...]]] = []
        for number, moment in enumerate(moments[:-1]):
            cells: list[Slot | None] = []
            for _room, theirs in columns:
                here = next(((line, ends) for line, starts, ends in theirs if starts == moment), None)
                if here is not None:
                    cells.append(Slot(here[0], moments.index(here[1]) - number))
                elif not any(starts < moment < ends for _line, starts, ends in theirs):
                    cells.append(Slot(None))
            rows.append((moment, tuple(cells)))
        found.append(Grid(day, tuple(room for room, _theirs in columns), tuple(rows)))
    return found


def find_people(user: User, meeting: models.Meeting, words: str) -> list[Person]:
    """Participants of the meeting and people whom this user finds by name; for an appearance to be entered."""
    asked = words.strip().casefold()
    if len(asked) < 2:
        return []
    coming = [
        one.person
        for one in meeting.registrations.filter(
            person__isnull=False, standing__in=[one.value for one in Standing if one.holds_a_place]
        ).select_related("person")
        if one.person
    ]
    told = participants_for(user, coming, subject=f"meeting {meeting.public_id}", fields=(Field.NAME, Field.COUNTRY))
    found = {
        one.pk: (one, told[one.pk].name, told[one.pk].country)
        for one in coming
        if one.pk in told and asked in told[one.pk].name.casefold()
    }
    details = seen_by(user).filter(field=Field.NAME, value__icontains=words.strip()).select_related("person")
    known = [one.person for one in details.order_by("value", "pk")[:FOUND_AT_MOST] if one.person_id not in found]
    subject = f"meeting {meeting.public_id}"
    for person, view in zip(
        known, details_for(user, known, subject=subject, fields=(Field.NAME, Field.COUNTRY)), strict=True
    ):
        found[person.pk] = (person, view.name, view.country)
    shown = sorted(found.values(), key=lambda one: (one[1].casefold(), one[0].pk))[:FOUND_AT_MOST]
    return [Person(models.Appearance(person=person), name, country) for person, name, country in shown]


def person_found(user: User, meeting: models.Meeting, public_id: str) -> tuple[Any, str] | None:
    """(person, name) of a participant, or of somebody whom this user may see; None for everybody else."""
    people = _persons().filter(erased_at__isnull=True)
    person = people.filter(public_id=public_id).first()
    if person is None:
        return None
    if meeting.registrations.filter(person=person).exists():
        view = participants_for(user, [person], subject=f"meeting {meeting.public_id}").get(person.pk)
        return (person, view.name) if view and view.name else None
    named = seen_by(user).filter(person=person, field=Field.NAME).values_list("value", flat=True).first()
    return (person, named) if named else None


def findings_to_choose(
    meeting: models.Meeting, articles: Iterable[str], chosen: Iterable[str], *, language: str
) -> list[tuple[str, str]]:
    """Findings that a session can be about: those chosen, then what the countries are asked under these articles."""
    countries = set(meeting.states.values_list("state_id", flat=True)) | ({meeting.state_id} - {None})
    numbers = [int(one) for one in articles if one.isdecimal()]
    asked = Finding.objects.filter(state_id__in=countries, articles__article__in=numbers)
    asked = asked.exclude(review=Finding.Review.REJECTED).exclude(strength=Strength.WELCOMES.value).distinct()
    rows = [
        *Finding.objects.filter(public_id__in=list(chosen)).order_by("pk"),
        *asked.exclude(public_id__in=list(chosen)).order_by("state_id", "pk")[:FINDINGS_OFFERED],
    ]
    return [
        (one.public_id, f"{name_of(one.state_id, language) if one.state_id else one.body}{COLON} {_begins(one.text)}")
        for one in rows
    ]


def _begins(text: str, letters: int = 160) -> str:
    return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0] + " …"


def session_in_work(meeting: models.Meeting, public_id: str) -> models.Session | None:
    return sessions_of(meeting).filter(public_id=public_id).prefetch_related("links").first()


def _persons() -> Manager[Any]:
    return models.Appearance._meta.get_field("person").related_model._default_manager


def unheld(meeting: models.Meeting) -> QuerySet[models.Meeting]:
    """The meetings inside this one, of which a session can say that it holds them."""
    return models.Meeting.objects.filter(inside=meeting).order_by("begins", "public_id")


def persons(keys: Iterable[int]) -> list[Any]:
    """These people, with their accounts; none who was erased."""
    return list(_persons().filter(pk__in=set(keys), erased_at__isnull=True).select_related("account").order_by("pk"))


def accounts(keys: Iterable[int]) -> list[Any]:
    """These accounts."""
    return list(get_user_model().objects.filter(pk__in=set(keys)).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next version would be."""

    number: int
    changes: tuple[Change, ...]
    conflicts: tuple[ShownConflict, ...]
    concerned: int  # people and accounts who would get a letter
    drafts: int
    is_first: bool
    same: bool  # nothing at all differs from the version that holds


def preview(user: User, meeting: models.Meeting) -> Preview:
    """What would be published now, and what it would change."""
    rows = list(sessions_of(meeting))
    ready = to_publish(rows)
    latest = published(meeting)
    changes = changes_since(meeting, latest, ready)
    people, seen_by_accounts = people_concerned(meeting, changes) if latest else (set(), set())
    own = {one.account_id for one in persons(people)}
    in_it = {row.public_id for row in ready}
    conflicts = tuple(one for one in work(user, meeting).conflicts if in_it.issuperset(one.conflict.sessions[:1]))
    concerned = len(people) + len(seen_by_accounts - own)
    same = latest is not None and not changes and to_json(as_programme(meeting, ready)) == to_json(programme_of(latest))
    return Preview(meeting.version + 1, changes, conflicts, concerned, len(rows) - len(ready), latest is None, same)
