"""The programme is made: sessions, rooms, people in them; then published as a version, and those concerned are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from samsvar.dates import shown_span
from samsvar.ids import random_id, slug
from samsvar.languages import best
from samsvar.meetings.meeting import Access, MeetingsError, Part
from samsvar.meetings.programme import SessionKind, is_around
from samsvar.meetings.registration import Standing
from samsvar.meetings.versions import change_to_json, to_json
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.registration import link_of, own_link
from samsvar.site.meetings.permissions import User, must_manage
from samsvar.site.meetings.queries import programme as queries
from samsvar.site.network.actions.participants import enter_participant
from samsvar.site.network.actions.post import post_letter, tell
from samsvar.site.network.queries.participants import participants_for
from samsvar.site.trail.actions import record

State = models.Session.State


class ProgrammeError(MeetingsError):
    """Something in the programme cannot be so; said in the language of whoever is at the page."""

    code = "programme_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class SessionIsFarAway(ProgrammeError):
    """A session would be held at another time than its meeting: a slip of the pen, which no calendar could carry."""

    code = "session_is_far_away"

    def __init__(self, title: str, days: str) -> None:
        super().__init__(
            _("“%(title)s” would be held far from the days of the meeting (%(days)s).")
            % {"title": title, "days": days},
            _("A session is held at most a month before or after its meeting: change the day of one or the other."),
        )


class ConflictsAreLeft(ProgrammeError):
    """The programme would be published although something does not fit."""

    code = "conflicts_are_left"

    def __init__(self, conflicts: int) -> None:
        super().__init__(
            _("Something in the programme does not fit yet."),
            _("Resolve what is listed, or tick that it is to be published as it is."),
        )
        self.conflicts = conflicts


class NothingHasChanged(ProgrammeError):
    """There is nothing to publish that was not published before."""

    code = "nothing_has_changed"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing has changed since the last version."), _("Drafts are not published: mark a session as ready.")
        )


class WasPublished(ProgrammeError):
    """What stood in a published version is cancelled, in the open; it does not vanish."""

    code = "was_published"

    def __init__(self) -> None:
        super().__init__(_("This session was published."), _("Cancel it: readers then see that it is not held."))


class IsThereAlready(ProgrammeError):
    """Somebody stands in the session with this part, or a room or track has this name."""

    code = "is_there_already"

    def __init__(self) -> None:
        super().__init__(_("That is there already."))


class SessionsAreThere(ProgrammeError):
    """A room or a track is not removed under its sessions; who removes it says what becomes of them."""

    code = "sessions_are_there"

    def __init__(self, held: int) -> None:
        super().__init__(
            ngettext("%(count)s session is in it.", "%(count)s sessions are in it.", held) % {"count": held},
            _("Say where they go, and remove it then."),
        )
        self.held = held


def save_session(
    *,
    by: User,
    meeting: models.Meeting,
    session: models.Session | None = None,
    title: Mapping[str, str],
    abstract: Mapping[str, str] | None = None,
    kind: str = SessionKind.TALK,
    state: str = State.DRAFT,
    starts: datetime | None = None,
    ends: datetime | None = None,
    room: models.Room | None = None,
    track: models.Track | None = None,
    languages: Iterable[str] = (),
    interpreted: Iterable[Mapping[str, str]] = (),
    access: str = Access.PUBLIC,
    places: int | None = None,
    holds: models.Meeting | None = None,
    articles: Iterable[str] = (),
    findings: Iterable[str] = (),
    source: str = "",
) -> models.Session:
    """Write down a new session, or one as it shall be from now on in the programme in work."""
    must_manage(by, meeting)
    _must_be_around(meeting, title, starts, ends)
    with transaction.atomic():
        verb = "added a session" if session is None else "changed a session"
        session = session or models.Session(meeting=meeting)
        session.title, session.abstract = dict(title), dict(abstract or {})
        session.kind, session.state, session.access = kind, state, access
        session.starts, session.ends, session.room, session.track = starts, ends, room, track
        session.languages, session.interpreted = list(languages), [dict(one) for one in interpreted]
        session.places, session.holds, session.source = places, holds, source
        session.save()
        _link(session, articles, findings)
        record(by=by, verb=verb, subject=_of(meeting), details={"session": session.public_id})
    return session


def move_session(
    *,
    by: User,
    session: models.Session,
    starts: datetime | None,
    room: models.Room | None,
    minutes: int | None = None,
) -> models.Session:
    """Hold a session at another time or in another room; it lasts as long as before unless `minutes` says otherwise."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        lasts = session.ends - session.starts if session.starts and session.ends else timedelta(minutes=30)
        _must_be_around(session.meeting, session.title, starts)
        session.starts = starts
        session.ends = starts + (timedelta(minutes=minutes) if minutes else lasts) if starts else None
        session.room = room
        session.save(update_fields=["starts", "ends", "room"])
        record(by=by, verb="moved a session", subject=_of(session.meeting), details={"session": session.public_id})
    return session


def copy_session(*, by: User, session: models.Session) -> models.Session:
    """The same session once more, as a draft without a time: what it is about and who is in it."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        people = list(session.appearances.all())
        links = list(session.links.all())
        copied = models.Session.objects.create(
            meeting=session.meeting,
            title=session.title,
            abstract=session.abstract,
            kind=session.kind,
            track=session.track,
            room=session.room,
            languages=session.languages,
            interpreted=session.interpreted,
            access=session.access,
            places=session.places,
        )
        for one in people:
            one.pk, one.session, one.told_at = None, copied, None
        models.Appearance.objects.bulk_create(people)
        for link in links:
            link.pk, link.session = None, copied
        models.Link.objects.bulk_create(links)
        record(
            by=by,
            verb="copied a session",
            subject=_of(session.meeting),
            details={"session": session.public_id, "copy": copied.public_id},
        )
    return copied


def cancel_session(*, by: User, session: models.Session, held: bool = False) -> models.Session:
    """Say that a session is not held, or with `held` that it is held after all. It stays in the programme."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        session.state = State.READY if held else State.CANCELLED
        session.save(update_fields=["state"])
        verb = "put a session back" if held else "cancelled a session"
        record(by=by, verb=verb, subject=_of(session.meeting), details={"session": session.public_id})
    return session


def remove_session(*, by: User, session: models.Session) -> None:
    """Take away a session that was never published; raises `WasPublished` for one that was."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        for version in session.meeting.versions.all():
            if any(one["key"] == session.public_id for one in version.programme["sessions"]):
                raise WasPublished
        record(by=by, verb="removed a session", subject=_of(session.meeting), details={"session": session.public_id})
        session.delete()


# --- People -----------------------------------------------------------------------------------------------------------


def add_person(
    *, by: User, session: models.Session, person: Any, name: str, part: str = Part.SPEAKER, language: str = ""
) -> models.Appearance:
    """Somebody appears in a session: a participant, or somebody of a network who becomes one by it.

    Their name stands in the public programme when they agree to it, and not before.
    """
    meeting = session.meeting
    must_manage(by, meeting)
    with transaction.atomic():
        if session.appearances.filter(person=person, part=part).exists():
            raise IsThereAlready
        if not meeting.registrations.filter(person=person).exists():
            enter_participant(
                by=by,
                meeting=meeting.public_id,
                note="appears in the programme of a meeting",
                person=person,
                name=name,
            )
        known = models.Appearance.objects.filter(session__meeting=meeting, person=person).order_by("pk").first()
        added = models.Appearance.objects.create(
            session=session,
            person=person,
            key=known.key if known else random_id(),
            part=part,
            language=language,
            order=_next_order(session),
        )
        _record_person(by, session, "added somebody to a session", person.public_id)
    return added


def add_office_holder(
    *,
    by: User,
    session: models.Session,
    named: str,
    office: str,
    state: str = "",
    source: str,
    part: str = Part.SPEAKER,
) -> models.Appearance:
    """A holder of public office appears, whom a public source names in that office."""
    must_manage(by, session.meeting)
    if not source.strip() or not office.strip():
        raise ProgrammeError(
            _("Only a holder of public office is named here, and only from a public source."),
            _("Write the office and the source; whoever holds none is a participant, or stays without a name."),
        )
    with transaction.atomic():
        added = models.Appearance.objects.create(
            session=session,
            named=named.strip(),
            office=office.strip(),
            state_id=state or None,
            source=source.strip(),
            part=part,
            order=_next_order(session),
        )
        _record_person(by, session, "added an office-holder to a session")
    return added


def add_unnamed(*, by: User, session: models.Session, state: str, part: str = Part.SPEAKER) -> models.Appearance:
    """Somebody from a country appears whom nobody names yet."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        added = models.Appearance.objects.create(session=session, state_id=state, part=part, order=_next_order(session))
        _record_person(by, session, "added somebody without a name to a session")
    return added


def remove_appearance(*, by: User, appearance: models.Appearance) -> None:
    """Somebody does not appear in a session after all."""
    must_manage(by, appearance.session.meeting)
    with transaction.atomic():
        person = appearance.person.public_id if appearance.person else ""
        _record_person(by, appearance.session, "took somebody out of a session", person)
        appearance.delete()


def say_available(
    *, by: User, meeting: models.Meeting, person: Any, starts: datetime, ends: datetime
) -> models.Availability:
    """Write down a time at which somebody can appear; who has none can always."""
    must_manage(by, meeting)
    if ends <= starts:
        raise ProgrammeError(_("The end does not lie after the beginning."))
    with transaction.atomic():
        said = models.Availability.objects.create(meeting=meeting, person=person, starts=starts, ends=ends)
        record(by=by, verb="said when somebody can appear", subject=_of(meeting), person=person.public_id)
    return said


def forget_available(*, by: User, availability: models.Availability) -> None:
    """Take back a time at which somebody can appear."""
    must_manage(by, availability.meeting)
    with transaction.atomic():
        record(
            by=by,
            verb="took back when somebody can appear",
            subject=_of(availability.meeting),
            person=availability.person.public_id,
        )
        availability.delete()


# --- Rooms and tracks -------------------------------------------------------------------------------------------------


def save_room(
    *,
    by: User,
    meeting: models.Meeting,
    room: models.Room | None = None,
    name: str,
    capacity: int | None = None,
    order: int | None = None,
) -> models.Room:
    """A new room, or one under another name or of another size; its key, which exports name, stays."""
    must_manage(by, meeting)
    with transaction.atomic():
        if meeting.rooms.filter(name=name).exclude(pk__in=[room.pk] if room else []).exists():
            raise IsThereAlready
        room = room or models.Room(meeting=meeting, key=_key(name, meeting.rooms.values_list("key", flat=True)))
        room.name, room.capacity = name, capacity
        room.order = order if order is not None else room.order or meeting.rooms.count() + 1
        room.save()
        record(by=by, verb="wrote down a room", subject=_of(meeting), details={"room": room.key})
    return room


def save_track(
    *, by: User, meeting: models.Meeting, track: models.Track | None = None, name: Mapping[str, str], colour: str = ""
) -> models.Track:
    """A new track, or one under another name or in another colour; its key, which exports name, stays."""
    must_manage(by, meeting)
    with transaction.atomic():
        others = meeting.tracks.exclude(pk__in=[track.pk] if track else [])
        if any(set(name.items()) & set(other.name.items()) for other in others):
            raise IsThereAlready
        first = next(iter(name.values()))
        track = track or models.Track(
            meeting=meeting,
            key=_key(first, meeting.tracks.values_list("key", flat=True)),
            order=meeting.tracks.count() + 1,
        )
        track.name, track.colour = dict(name), colour
        track.save()
        record(by=by, verb="wrote down a track", subject=_of(meeting), details={"track": track.key})
    return track


def move_place(*, by: User, place: models.Room | models.Track, up: bool) -> None:
    """Let a room or a track change places with the one before it, or after it; the first and the last stay."""
    must_manage(by, place.meeting)
    with transaction.atomic():
        rows: list[Any] = list(_neighbours(place).select_for_update())
        here = next(number for number, row in enumerate(rows) if row.pk == place.pk)
        there = here - 1 if up else here + 1
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
        for number, row in enumerate(rows, start=1):
            if row.order != number:
                row.order = number
                row.save(update_fields=["order"])
        verb = "moved a room" if isinstance(place, models.Room) else "moved a track"
        record(by=by, verb=verb, subject=_of(place.meeting), details={"key": place.key})


def remove_place(*, by: User, place: models.Room | models.Track, sessions_to: str | None = None) -> None:
    """Take away a room or a track. `sessions_to` says where sessions in it go: the key of another, or "" for none.

    Raises `SessionsAreThere` where there are sessions and nothing is said of them.
    """
    must_manage(by, place.meeting)
    column = "room" if isinstance(place, models.Room) else "track"
    with transaction.atomic():
        held = place.sessions.count()
        if held and sessions_to is None:
            raise SessionsAreThere(held)
        instead: Any = _neighbours(place).exclude(pk=place.pk).filter(key=sessions_to or "").first()
        if sessions_to and instead is None:
            raise SessionsAreThere(held)
        place.sessions.update(**{column: instead})
        if isinstance(place, models.Track):
            models.Contribution.objects.filter(track=place).update(track=instead)
        details = {"key": place.key, "sessions": held, "to": instead.key if instead is not None else ""}
        record(by=by, verb=f"removed a {column}", subject=_of(place.meeting), details=details)
        place.delete()


def _neighbours(place: models.Room | models.Track) -> Any:
    return place.meeting.rooms.all() if isinstance(place, models.Room) else place.meeting.tracks.all()


# --- Versions ---------------------------------------------------------------------------------------------------------


def publish(
    *,
    by: User,
    meeting: models.Meeting,
    site: str,
    note: str = "",
    with_conflicts: bool = False,
    tell_them: bool = True,
) -> models.Version:
    """Publish the programme in work without its drafts as the next version, and tell those whom it concerns.

    Raises `ConflictsAreLeft` where something does not fit, unless `with_conflicts`; `NothingHasChanged`.
    `site` is the address of this site ("https://host/"), to which letters lead.
    """
    must_manage(by, meeting)
    with transaction.atomic():
        meeting = models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # two at once would both be number two
        rows = queries.to_publish(queries.sessions_of(meeting))
        conflicts = queries.conflicts_in(meeting, rows)
        if conflicts and not with_conflicts:
            raise ConflictsAreLeft(len(conflicts))
        latest = queries.published(meeting)
        changes = queries.changes_since(meeting, latest, rows)
        if latest and not changes and to_json(queries.as_programme(meeting, rows)) == latest.programme:
            raise NothingHasChanged
        people, accounts = queries.people_concerned(meeting, changes)
        keys = queries.keys_of(meeting, rows)
        version = models.Version.objects.create(
            meeting=meeting,
            number=meeting.version + 1,
            note=note.strip(),
            programme=to_json(queries.as_programme(meeting, rows)),
            people={keys[one.pk]: one.person.public_id for row in rows for one in row.appearances.all() if one.person},
            changes=[change_to_json(change) for change in changes],
            released_by=by,
            released_at=timezone.now(),
        )
        meeting.version = version.number
        meeting.save(update_fields=["version"])
        told = _tell(meeting, version, people, accounts, site) if tell_them and latest else 0
        record(
            by=by,
            verb="published a programme",
            subject=_of(meeting),
            details={"version": version.number, "changes": len(changes), "conflicts": len(conflicts), "letters": told},
        )
    return version


def _tell(meeting: models.Meeting, version: models.Version, people: set[int], accounts: set[int], site: str) -> int:
    """A letter to each that something changed which concerns them, and where to read it; nothing of others in it."""
    found = queries.persons(people)
    addresses = participants_for(None, found, subject=_of(meeting), fields=(Field.EMAIL,))
    reached: set[str] = set()
    rows = meeting.registrations.filter(person__in=found).select_related("meeting", "person").order_by("pk")
    links = {one.person_id: one for one in meeting.speaker_links.filter(person__in=found).select_related("meeting")}
    spoken = {key: one.language for key, one in links.items()}
    spoken |= {one.person_id: one.language for one in rows if one.person_id}
    # a meeting that not everybody may know of opens to whoever has no account by the link of their registration alone
    closed = meeting.access != Access.PUBLIC
    own = {one.person_id: one for one in rows if closed and not Standing(one.standing).is_over}

    def words(language: str) -> dict[str, str]:
        title = best(meeting.title, language, (meeting.languages or [""])[0])[1]
        return {"meeting": title, "version": str(version.number)}

    for person in found:
        account = person.account
        if account is not None and account.is_active:
            accounts.add(account.pk)
            continue
        address = addresses[person.pk].email if person.pk in addresses else ""
        if address and address not in reached:
            reached.add(address)
            language = spoken.get(person.pk) or "en"
            with override(language):
                page = urljoin(site, reverse("meetings:versions", args=[meeting.public_id]))
            if person.pk in own:
                page = own_link(own[person.pk], site=site)
            elif closed and person.pk in links:
                page = link_of(links[person.pk], site=site, language=language)
            post_letter(
                to=address,
                kind="meetings/programme_changed",
                context={**words(language), "page_url": page},
                host=urlsplit(site).netloc,
                language=language,
            )
    for account in queries.accounts(accounts):
        if account.email not in reached and tell(
            account=account,
            kind="meetings/programme_changed",
            site=site,
            page="meetings:versions",
            args=[meeting.public_id],
            **words(account.language or "en"),
        ):
            reached.add(account.email)
    models.Appearance.objects.filter(session__meeting=meeting, person__in=found).update(told_at=timezone.now())
    return len(reached)


# --- Smaller ----------------------------------------------------------------------------------------------------------


def _must_be_around(meeting: models.Meeting, title: Mapping[str, str], *moments: datetime | None) -> None:
    zone = ZoneInfo(meeting.zone)
    if not all(is_around(at, meeting.begins, meeting.ends, zone) for at in moments if at):
        language = get_language() or "en"
        said = best(title, language, (meeting.languages or [""])[0])[1]
        raise SessionIsFarAway(said, shown_span(meeting.begins, meeting.ends, language, meeting.precision))


def _of(meeting: models.Meeting) -> str:
    return f"meeting {meeting.public_id}"


def _record_person(by: User, session: models.Session, verb: str, person: str = "") -> None:
    record(by=by, verb=verb, subject=_of(session.meeting), details={"session": session.public_id}, person=person)


def _next_order(session: models.Session) -> int:
    return session.appearances.count() + 1


def _key(name: str, taken: Iterable[str]) -> str:
    """A short name for addresses and exports that no other has: "main-hall", "main-hall-2"."""
    known, base = set(taken), slug(name)[:36] or "room"
    return next(key for key in (base, *(f"{base}-{number}" for number in range(2, 999))) if key not in known)


def _link(session: models.Session, articles: Iterable[str], findings: Iterable[str]) -> None:
    """What a session is about, as it shall be from now on."""
    wanted = {(models.Link.Kind.ARTICLE, key) for key in articles} | {
        (models.Link.Kind.FINDING, key) for key in findings
    }
    have = {(link.kind, link.key): link for link in session.links.filter(kind__in=["article", "finding"])}
    models.Link.objects.filter(pk__in=[link.pk for key, link in have.items() if key not in wanted]).delete()
    models.Link.objects.bulk_create(
        models.Link(meeting=session.meeting, session=session, kind=kind, key=key)
        for kind, key in sorted(wanted - have.keys())
    )
