"""Load meetings from the researched facts of the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.loading import MeetingFact, SessionFact
from samsvar.meetings.loading import meetings as facts
from samsvar.meetings.meeting import Access, Entry
from samsvar.meetings.versions import change_to_json, to_json
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.meetings import Part
from samsvar.site.meetings.programme.queries import draft as programme
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.membership import queries as directory

# --- Meetings that sources tell of ------------------------------------------------------------------------------------


def load_meetings(*, by: Account | None = None) -> dict[str, int]:
    """The meetings that public sources tell of; says how many were written. Twice is as good as once.

    Only what the facts say is written again: a document that somebody added, a link, an invitation stay.
    """
    networks = {one.slug: one.pk for one in directory.networks()}
    bodies = {one.public_id: one.pk for one in queries_organisations.organisations()}
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
    latest = queries_published.published(meeting)
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
