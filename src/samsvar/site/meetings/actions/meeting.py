"""Announcing a meeting and changing it, its countries, bodies, links, documents, duties; loading those of sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.loading import MeetingFact, SessionFact
from samsvar.meetings.loading import meetings as facts
from samsvar.meetings.meeting import Access, Entry, MeetingsError, PlaceOf
from samsvar.meetings.versions import change_to_json, to_json
from samsvar.network.rights import Role
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.duties import LETTER_OF_DUTY, tell_helper
from samsvar.site.meetings.actions.everybody import write_to_everybody
from samsvar.site.meetings.actions.registration import lock_line, promote
from samsvar.site.meetings.permissions import can_manage, can_plan
from samsvar.site.meetings.queries import programme
from samsvar.site.meetings.queries.contributions import asks_for_reviews
from samsvar.site.meetings.queries.meeting import link_leads_somewhere
from samsvar.site.meetings.queries.registration import is_over
from samsvar.site.network.actions.rights import give_role
from samsvar.site.network.permissions import Account, Network, Organisation
from samsvar.site.network.queries import networks as directory
from samsvar.site.shell.antivirus import scan
from samsvar.site.shell.office import refuse_what_runs
from samsvar.site.shell.uploads import (
    OF_OFFICES,
    Readable,
    demand,
    fetch_private,
    read_bounded,
    remove_private,
    safe_name,
    store_private,
)
from samsvar.site.shell.uploads import Kind as FileKind
from samsvar.site.trail.actions import record

# --- Meetings that sources tell of ------------------------------------------------------------------------------------


def load_meetings(*, by: Account | None = None) -> dict[str, int]:
    """The meetings that public sources tell of; says how many were written. Twice is as good as once.

    Only what the facts say is written again: a document that somebody added, a link, an invitation stay.
    """
    networks = {one.slug: one.pk for one in directory.networks()}
    bodies = {one.public_id: one.pk for one in directory.organisations()}
    there = {one.public_id: one for one in models.Meeting.objects.filter(public_id__in=facts())}
    parts = _parts_there()
    written: set[str] = set()
    with transaction.atomic():
        for fact in facts().values():
            meeting = there.get(fact.key)
            columns = _columns(fact, networks, there)
            changed = meeting is None or any(getattr(meeting, name) != value for name, value in columns.items())
            if meeting is None:
                meeting = models.Meeting(
                    public_id=fact.key, access=Access.PUBLIC, entry=Entry.INVITED, invented=False, **columns
                )
            if changed:
                for name, value in columns.items():
                    setattr(meeting, name, value)
                meeting.save()
            there[fact.key] = meeting
            wanted = _parts(fact, bodies)
            if wanted != parts.get(fact.key, frozenset()):
                _bring_parts(meeting, fact, bodies)
                changed = True
            if changed:
                written.add(fact.key)
        written |= _hold_inside(there)
        written |= {
            key for key, meeting in there.items() if facts()[key].sessions and _publish(meeting, key in written)
        }
        if written:
            record(by=by, verb="loaded", subject="meetings", details={"meetings": len(written)})
    return {"meetings": len(written)}


def _columns(fact: MeetingFact, networks: Mapping[str, int], there: Mapping[str, models.Meeting]) -> dict[str, Any]:
    return {
        "kind": fact.kind.value,
        "inside_id": there[fact.inside].pk if fact.inside else None,
        "network_id": networks.get(fact.network),
        "languages": list(fact.languages),
        "title": dict(fact.title),
        "purpose": dict(fact.purpose),
        "begins": fact.begins,
        "ends": fact.ends,
        "precision": fact.precision,
        "zone": fact.zone,
        "attendance": fact.attendance.value,
        "state_id": fact.state or None,
        "city": fact.city,
        "participants": fact.participants,
        "reckoning": fact.reckoning.value if fact.reckoning else "",
        "source": fact.source,
        "second_source": fact.second_source,
        "confidence": fact.confidence.value,
        "note": fact.note,
    }


type Part = tuple[str, ...]


def _parts(fact: MeetingFact, bodies: Mapping[str, int]) -> frozenset[Part]:
    """The rows beside a meeting's own, each as a tuple that can be compared with what is there."""
    found: set[Part] = {("state", one.state, one.place.value, one.written) for one in fact.states}
    found |= {("body", slug) for slug in fact.organisations if slug in bodies}
    for session in fact.sessions:
        found.add(("session", _session_id(fact, session), session.kind.value, str(sorted(session.title.items()))))
        found |= {
            ("person", _session_id(fact, session), str(number), one.state, one.named, one.office)
            for number, one in enumerate(session.people)
        }
    return frozenset(found)


def _parts_there() -> dict[str, frozenset[Part]]:
    """The same, of every meeting that sources tell of, as the database has it; four questions."""
    found: dict[str, set[Part]] = {}
    ours = {"meeting__public_id__in": list(facts())}
    of = "meeting__public_id"
    for key, *rest in models.InvitedState.objects.filter(**ours).values_list(of, "state", "place", "note"):
        found.setdefault(key, set()).add(("state", *rest))
    for key, slug in models.MeetingOrganisation.objects.filter(**ours).values_list(of, "organisation__public_id"):
        found.setdefault(key, set()).add(("body", slug))
    sessions = models.Session.objects.filter(**ours).exclude(source="")
    for key, public_id, kind, title in sessions.values_list(of, "public_id", "kind", "title"):
        found.setdefault(key, set()).add(("session", public_id, kind, str(sorted(title.items()))))
    people = models.Appearance.objects.filter(session__in=sessions, person=None)
    for key, session, order, *rest in people.values_list(
        "session__meeting__public_id", "session__public_id", "order", "state", "named", "office"
    ):
        found.setdefault(key, set()).add(("person", session, str(order), *(one or "" for one in rest)))
    return {key: frozenset(rows) for key, rows in found.items()}


def _bring_parts(meeting: models.Meeting, fact: MeetingFact, bodies: Mapping[str, int]) -> None:
    meeting.states.all().delete()
    models.InvitedState.objects.bulk_create(
        models.InvitedState(meeting=meeting, state_id=one.state, place=one.place, note=one.written)
        for one in fact.states
    )
    meeting.organisations.all().delete()
    models.MeetingOrganisation.objects.bulk_create(
        models.MeetingOrganisation(
            meeting=meeting, organisation_id=bodies[slug], role=models.MeetingOrganisation.Role.ORGANISER
        )
        for slug in fact.organisations
        if slug in bodies
    )
    wanted = {_session_id(fact, one): one for one in fact.sessions}
    meeting.sessions.exclude(source="").exclude(public_id__in=wanted).delete()
    for public_id, one in wanted.items():
        row, _made = models.Session.objects.update_or_create(
            public_id=public_id,
            defaults={
                "meeting": meeting,
                "kind": one.kind.value,
                "title": dict(one.title),
                "state": models.Session.State.READY,
                "source": fact.source,
            },
        )
        row.appearances.filter(person=None).delete()
        models.Appearance.objects.bulk_create(_appearances(row, one, fact.source))


def _hold_inside(there: Mapping[str, models.Meeting]) -> set[str]:
    """Say of the sessions in which an inner meeting was held which that is; the outer meetings that it changed."""
    changed: set[str] = set()
    for fact in facts().values():
        for one in fact.sessions:
            inner = there[one.holds].pk if one.holds else None
            rows = models.Session.objects.filter(public_id=_session_id(fact, one))
            if rows.exclude(holds=inner).exists() if inner else rows.filter(holds__isnull=False).exists():
                rows.update(holds=inner)
                changed.add(fact.key)
    return changed


def _publish(meeting: models.Meeting, changed: bool) -> bool:
    """Publish what the source says of a programme, where it says something else than before; nobody is told of it."""
    if meeting.version and not changed:
        return False
    rows = programme.to_publish(programme.sessions_of(meeting))
    latest = programme.published(meeting)
    now = to_json(programme.as_programme(meeting, rows))
    if latest is not None and latest.programme == now:
        return False
    models.Version.objects.create(
        meeting=meeting,
        number=meeting.version + 1,
        programme=now,
        changes=[change_to_json(one) for one in programme.changes_since(meeting, latest, rows)],
        released_at=timezone.now(),
    )
    meeting.version += 1
    meeting.save(update_fields=["version"])
    return True


def _appearances(row: models.Session, session: SessionFact, source: str) -> Iterable[models.Appearance]:
    for order, one in enumerate(session.people):
        yield models.Appearance(
            session=row,
            key=stable_id("appearance", row.public_id, str(order)),
            order=order,
            named=one.named,
            office=one.office,
            state_id=one.state,
            source=source,
        )


def _session_id(fact: MeetingFact, session: SessionFact) -> str:
    return stable_id("session", fact.key, session.key)


# --- Announcing and changing ------------------------------------------------------------------------------------------


class MayNotRun(MeetingsError):
    """Somebody would change a meeting that they do not run, or announce one of a network that is not theirs."""

    code = "may_not_run"


class PublicIdIsTaken(MeetingsError):
    """Another meeting, or a page of this site, has this address."""

    code = "public_id_is_taken"


class MeetingEndsBeforeItBegins(MeetingsError):
    """The last day lies before the first."""

    code = "meeting_ends_before_it_begins"


class OutsideTheOuterMeeting(MeetingsError):
    """A meeting inside another would be held on days on which the other is not."""

    code = "outside_the_outer_meeting"


class CancelledAlready(MeetingsError):
    """A meeting is cancelled once."""

    code = "cancelled_already"


class NotCancelled(MeetingsError):
    """Only what was cancelled can be held after all."""

    code = "not_cancelled"


class WhyIsMissing(MeetingsError):
    """Those who were to come are told why it is cancelled."""

    code = "why_is_missing"


class LeadsNowhere(MeetingsError):
    """There is no such article, finding, report or concept."""

    code = "leads_nowhere"


class NoReviewsAreAsked(MeetingsError):
    """The call for contributions is decided without reviews."""

    code = "no_reviews_are_asked"


class NobodyWithThisAddress(MeetingsError):
    """A duty is given to somebody who has an account."""

    code = "nobody_with_this_address"


# that no meeting can be called
WORDS_OF_ADDRESSES = frozenset({"new", "commitments", "how-it-goes", "letters", "lost-link", "mine", "manage"})


def announce(*, by: Account, public_id: str, network: Network | None, said: Mapping[str, Any]) -> models.Meeting:
    """Announce a meeting of a network, and become its organiser; `said` are columns of the meeting."""
    if not can_plan(by, network):
        raise MayNotRun("You cannot announce meetings of this network.")
    outer = said.get("inside")
    if outer is not None and not can_manage(by, outer):
        raise MayNotRun("You do not run the meeting that it would lie inside of.")
    _check_days(said["begins"], said["ends"], outer)
    if public_id in WORDS_OF_ADDRESSES:
        raise PublicIdIsTaken("This word is an address of the site itself.")
    try:
        with transaction.atomic():
            meeting = models.Meeting.objects.create(public_id=public_id, network=network, **said)
            record(by=by, verb="announced a meeting", subject=f"meeting {public_id}", details={"kind": meeting.kind})
            # the site gives this role, not the person themselves: nobody decides about their own
            give_role(account=by, role=Role.ORGANISER, by=None, reason="announced this meeting", meeting=public_id)
    except IntegrityError as taken:
        raise PublicIdIsTaken("There is a meeting with this address already.") from taken
    return meeting


# What somebody who comes has planned for: a change of it is told to everybody concerned.
DAYS_AND_PLACE = ("begins", "ends", "attendance", "state_id", "city", "place", "address")
ON_LETTERS = ("begins", "ends", "state_id", "city")  # what a consulate reads: letters that say otherwise hold no more


def change(
    *,
    by: Account,
    meeting: models.Meeting,
    said: Mapping[str, Any],
    tell: bool = False,
    why: str = "",
    site: str = "",
) -> bool:
    """Change columns of a meeting; whether anything was other than before.

    With `tell` everybody concerned gets a letter where the days or the place change, with the reason `why`.
    """
    _check_runs(by, meeting)
    outer = said.get("inside", meeting.inside)
    if outer is not None and outer.pk != meeting.inside_id and not can_manage(by, outer):
        raise MayNotRun("You do not run the meeting that it would lie inside of.")
    _check_days(said.get("begins", meeting.begins), said.get("ends", meeting.ends), outer)
    if any(name in said and said[name] != getattr(meeting, name) for name in ("begins", "ends")):
        said = {**said, "precision": models.Meeting.Precision.DAY}  # whoever runs it knows the days that they give
    changed = sorted(name for name, value in said.items() if getattr(meeting, name) != value)
    if not changed:
        return False
    before, details = copy(meeting), dict[str, Any](changed=changed)
    with transaction.atomic():
        for name in changed:
            setattr(meeting, name, said[name])
        meeting.save(update_fields=changed)
        if not set(DAYS_AND_PLACE).isdisjoint(changed) and meeting.cancelled_at is None and not is_over(meeting):
            if not set(ON_LETTERS).isdisjoint(changed):
                papers = meeting.issued.filter(revoked_at__isnull=True)
                papers.exclude(kind=models.IssuedLetter.Kind.ATTENDANCE).update(revoked_at=timezone.now())
            if tell:
                details["letters"] = write_to_everybody(
                    meeting, "moved", site=site, why=why.strip()[:300], before=before
                )
        record(
            by=by,
            verb="changed a meeting",
            subject=f"meeting {meeting.public_id}",
            details=details,
            why=why.strip()[:300],
        )
    return True


def cancel(*, by: Account, meeting: models.Meeting, why: str, site: str) -> int:
    """Cancel a meeting with a reason, which everybody concerned is told; its page stays. How many letters leave."""
    return _hold(by, meeting, why, site, held=False)


def hold_after_all(*, by: Account, meeting: models.Meeting, why: str, site: str) -> int:
    """Take a cancellation back; everybody concerned is told, and whoever had a place has it still."""
    return _hold(by, meeting, why, site, held=True)


def _hold(by: Account, meeting: models.Meeting, why: str, site: str, *, held: bool) -> int:
    _check_runs(by, meeting)
    why = why.strip()[:300]
    if not why:
        raise WhyIsMissing("No reason was given.")
    with transaction.atomic():
        lock_line(meeting)  # nobody is given a place meanwhile
        found = models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=not held)
        now = None if held else timezone.now()
        if not found.update(cancelled_at=now, cancelled_why="" if held else why):
            raise (
                NotCancelled("This meeting is not cancelled.") if held else CancelledAlready("It was cancelled before.")
            )
        meeting.refresh_from_db()
        letters = 0
        if not is_over(meeting):
            letters = write_to_everybody(meeting, "held_after_all" if held else "cancelled", site=site, why=why)
        record(
            by=by,
            verb="held a meeting after all" if held else "cancelled a meeting",
            subject=f"meeting {meeting.public_id}",
            details={"letters": letters},
            why=why,
        )
        if held:
            promote(meeting, site=site)
    return letters


def invite_states(*, by: Account, meeting: models.Meeting, states: Iterable[str]) -> None:
    """The states that are invited, these and no others; from where speakers came, and who is host, stays."""
    _check_runs(by, meeting)
    wanted = set(states)
    with transaction.atomic():
        invited = meeting.states.filter(place=PlaceOf.INVITED)
        there = set(invited.values_list("state_id", flat=True))
        invited.exclude(state__in=wanted).delete()
        models.InvitedState.objects.bulk_create(
            models.InvitedState(meeting=meeting, state_id=code) for code in sorted(wanted - there)
        )
        if wanted != there:
            details = {"added": sorted(wanted - there), "removed": sorted(there - wanted)}
            _told(by, meeting, "changed the invited states", details)


def add_organisation(*, by: Account, meeting: models.Meeting, organisation: Organisation, role: str) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        _row, made = meeting.organisations.get_or_create(organisation=organisation, role=role)
        if made:
            _told(by, meeting, "added an organisation", {"organisation": organisation.public_id, "role": role})


def remove_organisation(*, by: Account, meeting: models.Meeting, row: models.MeetingOrganisation) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        row.delete()
        _told(by, meeting, "removed an organisation", {"organisation": row.organisation.public_id, "role": row.role})


def add_link(*, by: Account, meeting: models.Meeting, kind: str, key: str) -> None:
    """Say that a meeting is about an article, a finding, a report or a concept."""
    _check_runs(by, meeting)
    if not link_leads_somewhere(kind, key):
        raise LeadsNowhere("There is nothing of this name.")
    with transaction.atomic():
        _row, made = meeting.links.get_or_create(session=None, kind=kind, key=key)
        if made:
            _told(by, meeting, "added a link", {"kind": kind, "key": key})


def remove_link(*, by: Account, meeting: models.Meeting, row: models.Link) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        row.delete()
        _told(by, meeting, "removed a link", {"kind": row.kind, "key": row.key})


# --- Documents --------------------------------------------------------------------------------------------------------

DOCUMENT_BYTES = 20 * 1024 * 1024  # slides with pictures; a report of 300 pages has 4 MB (2026-11)
DOCUMENT_KINDS = (FileKind.PDF, *OF_OFFICES, FileKind.TEXT, FileKind.PNG, FileKind.JPEG, FileKind.WEBP)
# Documents lie as their kind and their hash: no other table's private file has the same bytes at the same place.
MARK_OF_A_DOCUMENT = b"samsvar meeting document\n"


def add_document(
    *,
    by: Account,
    meeting: models.Meeting,
    file: Readable,
    filename: str,
    title: Mapping[str, str],
    language: str = "",
    access: str = Access.PARTICIPANTS,
    embargo_until: datetime | None = None,
    session: models.Session | None = None,
) -> models.Document:
    """Take a file in: bounded, known by what it is, scanned, without macros, and kept where no address leads."""
    _check_runs(by, meeting)
    content = read_bounded(file, limit=DOCUMENT_BYTES)
    kind = demand(content, *DOCUMENT_KINDS)
    scan(content)
    if kind in OF_OFFICES:
        refuse_what_runs(content)
    with transaction.atomic():
        row = models.Document.objects.create(
            meeting=meeting,
            session=session,
            title=dict(title),
            language=language,
            access=access,
            embargo_until=embargo_until,
            content_hash=store_private(MARK_OF_A_DOCUMENT + content),
            filename=safe_name(filename),
            format=kind.value,
            size=len(content),
            uploaded_by=by,
        )
        _told(by, meeting, "added a document", {"document": row.public_id, "access": access})
    return row


def content_of(document: models.Document) -> bytes | None:
    """The bytes of a document as they came in; None where they are missing."""
    kept = fetch_private(document.content_hash)
    return None if kept is None else kept.removeprefix(MARK_OF_A_DOCUMENT)


def withdraw_document(*, by: Account, meeting: models.Meeting, document: models.Document) -> None:
    """Take a document back: its row goes, and its bytes once no other row has them."""
    _check_runs(by, meeting)
    with transaction.atomic():
        document.delete()
        _told(by, meeting, "withdrew a document", {"document": document.public_id})
        transaction.on_commit(partial(forget_document, document.content_hash))


def forget_document(content_hash: str) -> None:
    """Delete a document's bytes, unless another row has the same."""
    if not models.Document.objects.filter(content_hash=content_hash).exists():
        remove_private(content_hash)


# --- Duties -----------------------------------------------------------------------------------------------------------


def give_duty(
    *, by: Account, meeting: models.Meeting, email: str, kind: str, until: datetime, site: str
) -> models.Duty:
    """Let somebody with an account help with one thing at this meeting, until a moment.

    They are told of it, and where their page is; they would hear of it from nobody else.
    """
    _check_runs(by, meeting)
    reviews = kind == models.Duty.Kind.REVIEW
    if reviews and not asks_for_reviews(meeting):
        raise NoReviewsAreAsked("The call for contributions to this meeting asks for no reviews.")
    account = Account.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if account is None:
        raise NobodyWithThisAddress("No account has this address.")
    with transaction.atomic():
        there = meeting.duties.filter(account=account, kind=kind).first()
        is_new = there is None or there.until <= timezone.now()
        duty = there or models.Duty(meeting=meeting, account=account, kind=kind)
        duty.until, duty.given_by = until, by
        if is_new:
            duty.told_at = timezone.now()
        duty.save()
        _told(by, meeting, "gave a duty", {"kind": kind, "until": until.isoformat(), "account": account.public_id})
        if is_new:
            tell_helper(duty, LETTER_OF_DUTY[models.Duty.Kind(kind)], site=site)
    return duty


def end_duty(*, by: Account, meeting: models.Meeting, duty: models.Duty) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        duty.delete()
        _told(by, meeting, "ended a duty", {"kind": duty.kind, "account": duty.account.public_id})


# --- Steps ------------------------------------------------------------------------------------------------------------


def _check_runs(by: Account, meeting: models.Meeting) -> None:
    if not can_manage(by, meeting):
        raise MayNotRun("You do not run this meeting.")


def _check_days(begins: date, ends: date, outer: models.Meeting | None) -> None:
    if ends < begins:
        raise MeetingEndsBeforeItBegins("The last day lies before the first.")
    if outer is not None and not (outer.begins <= begins and ends <= outer.ends):
        raise OutsideTheOuterMeeting(f"The meeting that it lies inside of is held from {outer.begins} to {outer.ends}.")


def _told(by: Account, meeting: models.Meeting, verb: str, details: dict[str, Any]) -> None:
    record(by=by, verb=verb, subject=f"meeting {meeting.public_id}", details=details)
