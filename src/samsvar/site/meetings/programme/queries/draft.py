"""Queries for the draft programme as organisers see it: sessions, conflicts and the effects of publishing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import Count, Manager, QuerySet
from django.utils import timezone

from samsvar.meetings.conflicts import Conflict, conflicts_by_session, find_conflicts
from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import Appearance, InterpretationChannel, Programme, Room, Session, SessionKind, Track
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.versions import ChangeKind, ProgrammeChange, compare_programmes, programme_to_json
from samsvar.monitoring.report import Strength
from samsvar.network.people import Field
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonyms
from samsvar.site.meetings.programme.queries.published import published_version, version_programme
from samsvar.site.meetings.programme.queries.speakers import MIN_TIME_BETWEEN_REQUESTS
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.directory.queries.people import get_visible_people, public_names, visible_details
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import COLON
from samsvar.territories import territory_name

MAX_SEARCH_RESULTS = 20
MAX_FINDINGS_OFFERED = 60  # findings offered for a session; a longer list would be hard to use

State = models.Session.State


# --- Converting rows to values ----------------------------------------------------------------------------------------


def draft_sessions(meeting: models.Meeting) -> QuerySet[models.Session]:
    """Return the draft sessions in order of time, with the related objects that a programme shows."""
    return (
        meeting.sessions.select_related("room", "track", "holds")
        .prefetch_related("appearances__person")
        .order_by("starts", "room__order", "pk")
    )


def appearance_keys(meeting: models.Meeting, sessions: Iterable[models.Session]) -> dict[int, str]:
    """Return the key of each appearance, by primary key of the appearance.

    A person has the same key in all versions. Office holders named by a source are recognised by name and country.
    """
    latest = published_version(meeting)
    by_person: dict[str, str] = {public_id: key for key, public_id in latest.people.items()} if latest else {}
    by_name: dict[tuple[str, str], str] = {}
    if latest:
        for session in version_programme(latest).sessions:
            by_name |= {(one.name, one.country): one.person for one in session.people if one.name}
    appearances = sorted((one for session in sessions for one in session.appearances.all()), key=lambda one: one.pk)
    keys: dict[int, str] = {}
    for appearance in appearances:
        key = appearance.key
        if appearance.person is not None:
            key = by_person.setdefault(appearance.person.public_id, key)
        elif appearance.named:
            key = by_name.setdefault((appearance.named, appearance.state_id or ""), key)
        keys[appearance.pk] = key
    return keys


def build_programme(
    meeting: models.Meeting, sessions: Iterable[models.Session], *, address: str = "", version: str = ""
) -> Programme:
    """Return these sessions as a `Programme`, in which people known here have a key but no name."""
    rows = list(sessions)
    keys = appearance_keys(meeting, rows)
    return Programme(
        meeting=meeting.public_id,
        title=order_by_language(meeting.title, meeting.languages),
        zone=meeting.zone,
        begins=meeting.begins,
        ends=meeting.ends,
        precision=meeting.precision,
        version=version,
        place=", ".join(filter(None, (meeting.place, meeting.city))),
        address=address,
        rooms=tuple(Room(one.key, one.name, one.capacity) for one in meeting.rooms.all()),
        tracks=tuple(
            Track(one.key, order_by_language(one.name, meeting.languages), one.colour) for one in meeting.tracks.all()
        ),
        sessions=tuple(_build_session(one, meeting.languages, keys) for one in rows),
    )


def _build_session(session: models.Session, languages: Sequence[str], keys: Mapping[int, str]) -> Session:
    return Session(
        key=session.public_id,
        guid=str(session.guid),
        title=order_by_language(session.title, languages),
        abstract=order_by_language(session.abstract, languages),
        kind=SessionKind(session.kind),
        starts=session.starts,
        ends=session.ends,
        room=session.room.key if session.room else "",
        track=session.track.key if session.track else "",
        languages=tuple(session.languages),
        interpreted=tuple(
            InterpretationChannel(one["language"], one.get("channel", "")) for one in session.interpreted
        ),
        access=AccessLevel(session.access),
        cancelled=session.state == State.CANCELLED,
        people=tuple(
            Appearance(
                person=keys[one.pk],
                part=ProgrammeRole(one.part),
                name=one.named,
                office=one.office,
                country=(one.state_id or "") if one.person_id is None else "",
                language=one.language,
            )
            for one in session.appearances.all()
        ),
    )


def order_by_language(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Return the non-empty texts, with those in the meeting's own languages first."""
    order = [*languages, *sorted(texts)]
    return {code: texts[code] for code in dict.fromkeys(order) if texts.get(code)}


# --- The draft programme ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftSessionRow:
    """A draft session with its people and conflicts."""

    session: models.Session
    people: tuple[DraftPerson, ...]
    conflicts: tuple[ConflictDetails, ...]


@dataclass(frozen=True, slots=True)
class DraftPerson:
    """A person in a draft session, as shown to the organiser."""

    appearance: models.Appearance
    name: str
    country: str = ""
    public_name: str | None = None  # the name in the public programme; None if they are not named
    speaker_link: models.SpeakerLink | None = None  # the emailed request for naming consent, if any

    @property
    def can_request_consent_again(self) -> bool:
        """Return whether the person is unnamed, has not declined, and was last emailed at least a day ago."""
        if self.speaker_link is None or self.public_name is not None or self.speaker_link.declined_at is not None:
            return False
        return self.speaker_link.asked_at <= timezone.now() - MIN_TIME_BETWEEN_REQUESTS


@dataclass(frozen=True, slots=True)
class ConflictDetails:
    """A conflict as shown to the organiser, with the name of the person and the other session."""

    conflict: Conflict
    person: str
    other_session: models.Session | None
    language: str = ""
    first_session: models.Session | None = None  # the first session; None if the conflict is shown next to it


@dataclass(frozen=True, slots=True)
class DraftProgramme:
    """The draft programme of a meeting, by day, with its conflicts and unpublished changes."""

    days: tuple[tuple[date | None, tuple[DraftSessionRow, ...]], ...]
    conflicts: tuple[ConflictDetails, ...]
    latest: models.Version | None
    unpublished_count: int  # number of changes since `latest`

    @property
    def session_count(self) -> int:
        return sum(len(rows) for _day, rows in self.days)


def draft_programme(user: User, meeting: models.Meeting) -> DraftProgramme:
    """Return the draft sessions by day, with conflicts and names. Access to participants' names is logged."""
    sessions = list(draft_sessions(meeting))
    conflicts = draft_conflicts(meeting, sessions)
    names = people_in_sessions(user, meeting, sessions)
    by_session = conflicts_by_session(conflicts)
    inner_sessions = models.Session.objects.filter(meeting__inside=meeting)
    by_key = {session.public_id: session for session in (*sessions, *inner_sessions)}
    keys = appearance_keys(meeting, sessions)
    names_by_key = {keys[pk]: person.name for pk, person in names.items()}

    def describe_conflict(conflict: Conflict, shown_with: str = "") -> ConflictDetails:
        others = [key for key in conflict.sessions if key != shown_with] if shown_with else list(conflict.sessions[1:])
        other = by_key.get(others[0]) if others else None
        of = None if shown_with else by_key.get(conflict.sessions[0])
        person, language = names_by_key.get(conflict.person, ""), language_name(conflict.language)
        return ConflictDetails(conflict, person, other, language, of)

    rows_by_day: dict[date | None, list[DraftSessionRow]] = defaultdict(list)
    zone = ZoneInfo(meeting.zone)
    for session in sessions:
        day = session.starts.astimezone(zone).date() if session.starts else None
        people, key = tuple(names[one.pk] for one in session.appearances.all()), session.public_id
        session_conflicts = tuple(describe_conflict(one, key) for one in by_session.get(key, ()))
        rows_by_day[day].append(DraftSessionRow(session, people, session_conflicts))
    days = sorted(rows_by_day.items(), key=lambda one: (one[0] is None, one[0] or date.max))
    latest = published_version(meeting)
    return DraftProgramme(
        tuple((day, tuple(of_day)) for day, of_day in days),
        tuple(describe_conflict(one) for one in conflicts),
        latest,
        len(unpublished_changes(meeting, latest, sessions)),
    )


def people_in_sessions(
    user: User, meeting: models.Meeting, sessions: Iterable[models.Session]
) -> dict[int, DraftPerson]:
    """Return the people of these sessions, by primary key of their appearance. Access to their names is logged."""
    appearances = [appearance for row in sessions for appearance in row.appearances.all()]
    people = {appearance.person.pk: appearance.person for appearance in appearances if appearance.person is not None}
    subject, fields = f"meeting {meeting.public_id}", (Field.NAME, Field.COUNTRY)
    views = get_visible_participants(user, people.values(), subject=subject, fields=fields)
    names_in_public, pseudonyms = public_names(people.values()), get_pseudonyms(meeting, people.values())
    links = {one.person_id: one for one in meeting.speaker_links.filter(person__in=people)} if people else {}
    people_by_appearance = {}
    for appearance in appearances:
        person = appearance.person
        if person is not None:
            view, public_name = views.get(person.pk), names_in_public.get(person.public_id)
            name, country = (view.name, view.country) if view else ("", "")
            pseudonym = pseudonyms.get(person.pk, "")
            public_name = public_name and (pseudonym or public_name)
            draft_person = DraftPerson(appearance, name or pseudonym, country, public_name, links.get(person.pk))
        else:
            named = appearance.named
            draft_person = DraftPerson(appearance, named, appearance.state_id or "", named or None)
        people_by_appearance[appearance.pk] = draft_person
    return people_by_appearance


def draft_conflicts(meeting: models.Meeting, sessions: Sequence[models.Session]) -> tuple[Conflict, ...]:
    """Return the conflicts in the draft programme, considering inner meetings, availability and expected attendance."""
    programme = build_programme(meeting, sessions)
    keys = appearance_keys(meeting, sessions)
    appearances = [one for session in sessions for one in session.appearances.all()]
    by_person = {one.person_id: keys[one.pk] for one in appearances if one.person_id is not None}
    available: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for time in meeting.availabilities.all():
        if time.person_id in by_person:
            available[by_person[time.person_id]].append((time.starts, time.ends))
    inner_programmes = {}
    for session in sessions:
        if session.holds is not None:
            nested = publishable_sessions(draft_sessions(session.holds))
            inner_keys = appearance_keys(session.holds, nested)
            inner_people = {one.person_id: one for row in nested for one in row.appearances.all() if one.person_id}
            shared_keys = {inner_keys[one.pk]: by_person[pk] for pk, one in inner_people.items() if pk in by_person}
            inner = build_programme(session.holds, nested)
            inner_programmes[session.public_id] = _replace_person_keys(inner, shared_keys)
    return find_conflicts(
        programme, available=available, expected=_expected_attendance(meeting), nested_programmes=inner_programmes
    )


def _replace_person_keys(programme: Programme, outer_keys: Mapping[str, str]) -> Programme:
    """Return the programme of an inner meeting with people's keys replaced by their keys in the outer programme."""

    def replace_keys(session: Session) -> Session:
        people = (replace(one, person=outer_keys.get(one.person, one.person)) for one in session.people)
        return replace(session, people=tuple(people))

    return replace(programme, sessions=tuple(map(replace_keys, programme.sessions)))


def _expected_attendance(meeting: models.Meeting) -> dict[str, int]:
    """Return the number of people who have each session in their schedule, by public ID of the session."""
    entries = models.ScheduleEntry.objects.filter(session__meeting=meeting).values_list("session__public_id")
    return dict(entries.annotate(count=Count("pk")))


def publishable_sessions(sessions: Iterable[models.Session]) -> list[models.Session]:
    """Return the sessions that a new version would contain: all except drafts."""
    return [row for row in sessions if row.state != State.DRAFT]


def unpublished_changes(
    meeting: models.Meeting, latest: models.Version | None, sessions: Iterable[models.Session]
) -> tuple[ProgrammeChange, ...]:
    """Return the changes between the latest version, or an empty programme if it is None, and these sessions."""
    new = build_programme(meeting, publishable_sessions(sessions))
    old = version_programme(latest) if latest else replace(new, sessions=())
    return compare_programmes(old, new)


def session_counts(meeting: models.Meeting) -> dict[str, dict[str, int]]:
    """Return the number of draft sessions in each room and each track, by key."""
    counts: dict[str, dict[str, int]] = {}
    for place in ("room", "track"):
        rows = meeting.sessions.exclude(**{place: None}).order_by().values_list(f"{place}__key")
        counts[place] = dict(rows.annotate(count=Count("pk")))
    return counts


def find_affected_people(meeting: models.Meeting, changes: Iterable[ProgrammeChange]) -> tuple[set[int], set[int]]:
    """Return the primary keys of the (people, accounts) that appear or appeared in a changed session, or starred it."""
    # a change of track affects no one
    changed = {change.session for change in changes if change.kind is not ChangeKind.TRACK}
    latest = published_version(meeting)
    sessions = [row for row in draft_sessions(meeting) if row.public_id in changed]
    people = {one.person_id for row in sessions for one in row.appearances.all() if one.person_id is not None}
    if latest:
        previous = [session for session in version_programme(latest).sessions if session.key in changed]
        previous_keys = {one.person for session in previous for one in session.people}
        previous_ids = [public_id for key, public_id in latest.people.items() if key in previous_keys]
        people |= set(_person_manager().filter(public_id__in=previous_ids).values_list("pk", flat=True))
    starred = models.ScheduleEntry.objects.filter(session__meeting=meeting, session__public_id__in=changed)
    people |= set(starred.filter(registration__person__isnull=False).values_list("registration__person_id", flat=True))
    accounts = set(starred.filter(account__isnull=False).values_list("account_id", flat=True))
    return people, accounts


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of the grid: a session that begins in this row, if any, and the number of rows that it spans."""

    session_row: DraftSessionRow | None
    row_span: int = 1


@dataclass(frozen=True, slots=True)
class DayGrid:
    """A day as a table. A row begins whenever a session begins or ends; cells covered by a session are left out."""

    day: date
    rooms: tuple[str, ...]
    rows: tuple[tuple[datetime, tuple[GridCell | None, ...]], ...]


def day_grids(page: DraftProgramme) -> list[DayGrid]:
    """Return a table of rooms and times for each day. Overlapping sessions in one room get a column each."""
    day_tables = []
    for day, lines in page.days:
        sessions = ((line, line.session.starts, line.session.ends) for line in lines)
        timed = [(line, starts, ends) for line, starts, ends in sessions if starts and ends]
        if day is None or not timed:
            continue
        moments = sorted({at for _line, *times in timed for at in times})
        columns: list[tuple[str, list[tuple[DraftSessionRow, datetime, datetime]]]] = []
        for line, starts, ends in timed:
            name = line.session.room.name if line.session.room else ""
            for room, column_sessions in columns:
                if room == name and column_sessions[-1][2] <= starts:
                    column_sessions.append((line, starts, ends))
                    break
            else:
                columns.append((name, [(line, starts, ends)]))
        columns.sort(key=lambda one: (one[1][0][0].session.room.order if one[1][0][0].session.room else 999, one[0]))
        rows: list[tuple[datetime, tuple[GridCell | None, ...]]] = []
        for number, moment in enumerate(moments[:-1]):
            cells: list[GridCell | None] = []
            for _room, column_sessions in columns:
                starting = next(((line, ends) for line, starts, ends in column_sessions if starts == moment), None)
                if starting is not None:
                    cells.append(GridCell(starting[0], moments.index(starting[1]) - number))
                elif not any(starts < moment < ends for _line, starts, ends in column_sessions):
                    cells.append(GridCell(None))
            rows.append((moment, tuple(cells)))
        day_tables.append(DayGrid(day, tuple(room for room, _theirs in columns), tuple(rows)))
    return day_tables


def find_people(user: User, meeting: models.Meeting, query: str) -> list[DraftPerson]:
    """Search by name for participants and other people visible to this user, to be added to a session."""
    needle = query.strip().casefold()
    if len(needle) < 2:
        return []
    subject, fields = f"meeting {meeting.public_id}", (Field.NAME, Field.COUNTRY)
    with_place = [one.value for one in RegistrationStatus if one.has_place]
    registrations = meeting.registrations.filter(status__in=with_place).select_related("person")
    participants = [one.person for one in registrations if one.person]
    views = get_visible_participants(user, participants, subject=subject, fields=fields)
    matches = {
        one.pk: (one, views[one.pk].name, views[one.pk].country)
        for one in participants
        if one.pk in views and needle in views[one.pk].name.casefold()
    }
    details = visible_details(user).filter(field=Field.NAME, value__icontains=query.strip()).select_related("person")
    visible_people = [
        one.person for one in details.order_by("value", "pk")[:MAX_SEARCH_RESULTS] if one.person_id not in matches
    ]
    people_views = get_visible_people(user, visible_people, subject=subject, fields=fields)
    for person, view in zip(visible_people, people_views, strict=True):
        matches[person.pk] = (person, view.name, view.country)
    results = sorted(matches.values(), key=lambda one: (one[1].casefold(), one[0].pk))[:MAX_SEARCH_RESULTS]
    return [DraftPerson(models.Appearance(person=person), name, country) for person, name, country in results]


def find_person(user: User, meeting: models.Meeting, public_id: str) -> tuple[Any, str] | None:
    """Return (person, name) of a participant or a person visible to this user; None for anyone else."""
    person = _person_manager().filter(erased_at__isnull=True, public_id=public_id).first()
    if person is None:
        return None
    if meeting.registrations.filter(person=person).exists():
        view = get_visible_participants(user, [person], subject=f"meeting {meeting.public_id}").get(person.pk)
        return (person, view.name) if view and view.name else None
    name = visible_details(user).filter(person=person, field=Field.NAME).values_list("value", flat=True).first()
    return (person, name) if name else None


def finding_choices(
    meeting: models.Meeting, articles: Iterable[str], chosen: Iterable[str], *, language: str
) -> list[tuple[str, str]]:
    """Return (public ID, label) of the findings to choose from.

    Those already chosen come first, followed by those about the meeting's countries under these articles.
    """
    countries = set(meeting.states.values_list("state_id", flat=True)) | ({meeting.state_id} - {None})
    numbers = [int(one) for one in articles if one.isdecimal()]
    candidates = Finding.objects.filter(state_id__in=countries, articles__article__in=numbers)
    candidates = candidates.exclude(review=Finding.Review.REJECTED).exclude(strength=Strength.WELCOMES.value).distinct()
    findings = [
        *Finding.objects.filter(public_id__in=list(chosen)).order_by("pk"),
        *candidates.exclude(public_id__in=list(chosen)).order_by("state_id", "pk")[:MAX_FINDINGS_OFFERED],
    ]
    choices = []
    for finding in findings:
        state = f"{territory_name(finding.state_id, language)}, " if finding.state_id else ""
        label = f"{state}{short_citation(finding)}{COLON} {_truncate_at_word(finding.text)}"
        choices.append((finding.public_id, label))
    return choices


def practice_choices(chosen: Collection[str], *, language: str) -> list[tuple[str, str]]:
    """Return (public ID, title) of those of these practices that are published, to choose which links to keep."""
    versions = current_versions().filter(practice__public_id__in=chosen).order_by("practice_id") if chosen else ()
    return [(one.practice.public_id, choose_shown_text(one.content, language).fields["title"]) for one in versions]


def _truncate_at_word(text: str, letters: int = 160) -> str:
    return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0] + " …"


def find_draft_session(meeting: models.Meeting, public_id: str) -> models.Session | None:
    return draft_sessions(meeting).filter(public_id=public_id).prefetch_related("links").first()


def _person_manager() -> Manager[Any]:
    return models.Appearance._meta.get_field("person").related_model._default_manager


def inner_meetings(meeting: models.Meeting) -> QuerySet[models.Meeting]:
    """Return the meetings within a meeting. Each of them can be held in one of the outer meeting's sessions."""
    return models.Meeting.objects.filter(inside=meeting).order_by("begins", "public_id")


def get_people_by_pk(keys: Iterable[int]) -> list[Any]:
    """Return the people with these primary keys, with their accounts, except people whose data was erased."""
    people = _person_manager().filter(pk__in=set(keys), erased_at__isnull=True)
    return list(people.select_related("account").order_by("pk"))


def get_accounts_by_pk(keys: Iterable[int]) -> list[Any]:
    """Return the accounts with these primary keys."""
    return list(get_user_model().objects.filter(pk__in=set(keys)).order_by("pk"))


@dataclass(frozen=True, slots=True)
class VersionPreview:
    """A preview of the next version."""

    number: int
    changes: tuple[ProgrammeChange, ...]
    conflicts: tuple[ConflictDetails, ...]
    affected_count: int  # number of people and accounts that would be emailed
    draft_count: int
    is_first: bool
    is_unchanged: bool  # there is no difference from the published version


def version_preview(user: User, meeting: models.Meeting) -> VersionPreview:
    """Return a preview of the version that would be published now."""
    sessions = list(draft_sessions(meeting))
    ready = publishable_sessions(sessions)
    latest = published_version(meeting)
    changes = unpublished_changes(meeting, latest, ready)
    people, seen_by_accounts = find_affected_people(meeting, changes) if latest else (set(), set())
    own_accounts = {one.account_id for one in get_people_by_pk(people)}
    in_it = {row.public_id for row in ready}
    conflicts = tuple(
        one for one in draft_programme(user, meeting).conflicts if in_it.issuperset(one.conflict.sessions[:1])
    )
    affected = len(people) + len(seen_by_accounts - own_accounts)
    unchanged = False
    if latest is not None and not changes:
        unchanged = programme_to_json(build_programme(meeting, ready)) == programme_to_json(version_programme(latest))
    return VersionPreview(
        meeting.version + 1, changes, conflicts, affected, len(sessions) - len(ready), latest is None, unchanged
    )
