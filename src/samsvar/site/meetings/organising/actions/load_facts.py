"""Loading of real meetings from the library's researched facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.loading import MeetingFact, SessionFact
from samsvar.meetings.loading import load_meetings as facts
from samsvar.meetings.meeting import AccessLevel, RegistrationPolicy
from samsvar.meetings.versions import change_to_json, programme_to_json
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.meetings import RelatedRow
from samsvar.site.meetings.programme.queries import draft as programme
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.membership import queries as directory

# columns of a meeting with the name and the value that they have in the facts
SAME_COLUMNS = ("begins", "ends", "precision", "zone", "city", "participants", "source", "second_source", "note")


def load_meetings() -> dict[str, int]:
    """Load the meetings known from public sources; return how many were written. Loading again changes nothing.

    Only values from the facts are overwritten; documents, links and invitations added by users are kept.
    """
    networks = {one.slug: one.pk for one in directory.networks_with_organisation_counts()}
    organisations = {one.public_id: one.pk for one in queries_organisations.organisations()}
    existing = {one.public_id: one for one in models.Meeting.objects.filter(public_id__in=facts())}
    related_rows = _list_existing_rows()
    written: set[str] = set()
    with transaction.atomic():
        for fact in facts().values():
            meeting = existing.get(fact.key)
            columns = _get_meeting_values(fact, networks, existing)
            changed = meeting is None or any(getattr(meeting, name) != value for name, value in columns.items())
            if meeting is None:
                meeting = models.Meeting(
                    public_id=fact.key, access=AccessLevel.PUBLIC, entry=RegistrationPolicy.INVITED, **columns
                )
            if changed:
                for name, value in columns.items():
                    setattr(meeting, name, value)
                meeting.save()
            existing[fact.key] = meeting
            expected = _build_expected_rows(fact, organisations)
            if expected != related_rows.get(fact.key, frozenset()):
                _replace_related_rows(meeting, fact, organisations)
                changed = True
            if changed:
                written.add(fact.key)
        written |= _link_inner_meetings(existing)
        with_sessions = {key: meeting for key, meeting in existing.items() if facts()[key].sessions}
        written |= {key for key, meeting in with_sessions.items() if _publish_programme(meeting, key in written)}
        if written:
            record(by=None, verb="loaded", subject="meetings", details={"meetings": len(written)})
    return {"meetings": len(written)}


def _get_meeting_values(
    fact: MeetingFact, networks: Mapping[str, int], existing: Mapping[str, models.Meeting]
) -> dict[str, Any]:
    return {
        **{name: getattr(fact, name) for name in SAME_COLUMNS},
        "kind": fact.kind.value,
        "inside_id": existing[fact.part_of].pk if fact.part_of else None,
        "network_id": networks.get(fact.network),
        "languages": list(fact.languages),
        "title": dict(fact.title),
        "purpose": dict(fact.purpose),
        "attendance": fact.attendance.value,
        "state_id": fact.state or None,
        "reckoning": fact.count_precision.value if fact.count_precision else "",
        "confidence": fact.confidence.value,
    }


def _build_expected_rows(fact: MeetingFact, organisations: Mapping[str, int]) -> frozenset[RelatedRow]:
    """Return a meeting's expected related rows as tuples that can be compared with the existing ones."""
    rows: set[RelatedRow] = {("state", one.state, one.role.value, one.printed_name) for one in fact.states}
    rows |= {("body", slug) for slug in fact.organisations if slug in organisations}
    for session in fact.sessions:
        texts = _join_texts(session.title), _join_texts(session.abstract)
        rows.add(("session", _build_session_id(fact, session), session.kind.value, *texts))
        rows |= {
            ("person", _build_session_id(fact, session), str(number), one.state, one.name, one.office)
            for number, one in enumerate(session.people)
        }
    return frozenset(rows)


def _list_existing_rows() -> dict[str, frozenset[RelatedRow]]:
    """Return the existing related rows of each meeting from a public source, by public ID. Runs four queries."""
    rows_by_meeting: dict[str, set[RelatedRow]] = defaultdict(set)
    from_facts = {"meeting__public_id__in": list(facts())}
    meeting_key = "meeting__public_id"
    states = models.InvitedState.objects.filter(**from_facts)
    for key, *rest in states.values_list(meeting_key, "state", "place", "note"):
        rows_by_meeting[key].add(("state", *rest))
    bodies = models.MeetingOrganisation.objects.filter(**from_facts)
    for key, slug in bodies.values_list(meeting_key, "organisation__public_id"):
        rows_by_meeting[key].add(("body", slug))
    sessions = models.Session.objects.filter(**from_facts).exclude(source="")
    for key, public_id, kind, *texts in sessions.values_list(meeting_key, "public_id", "kind", "title", "abstract"):
        rows_by_meeting[key].add(("session", public_id, kind, *map(_join_texts, texts)))
    people = models.Appearance.objects.filter(session__in=sessions, person=None)
    for key, session, order, *rest in people.values_list(
        "session__meeting__public_id", "session__public_id", "order", "state", "named", "office"
    ):
        rows_by_meeting[key].add(("person", session, str(order), *(one or "" for one in rest)))
    return {key: frozenset(rows) for key, rows in rows_by_meeting.items()}


def _replace_related_rows(meeting: models.Meeting, fact: MeetingFact, organisations: Mapping[str, int]) -> None:
    meeting.states.all().delete()
    models.InvitedState.objects.bulk_create(
        models.InvitedState(meeting=meeting, state_id=item.state, place=item.role, note=item.printed_name)
        for item in fact.states
    )
    organiser = models.MeetingOrganisation.Role.ORGANISER
    meeting.organisations.all().delete()
    models.MeetingOrganisation.objects.bulk_create(
        models.MeetingOrganisation(meeting=meeting, organisation_id=organisations[slug], role=organiser)
        for slug in fact.organisations
        if slug in organisations
    )
    session_facts = {_build_session_id(fact, item): item for item in fact.sessions}
    meeting.sessions.exclude(source="").exclude(public_id__in=session_facts).delete()
    for public_id, item in session_facts.items():
        values = {
            "kind": item.kind.value,
            "title": dict(item.title),
            "abstract": dict(item.abstract),
            "source": item.source or fact.source,
        }
        defaults = {"meeting": meeting, "state": models.Session.State.READY, **values}
        session, _made = models.Session.objects.update_or_create(public_id=public_id, defaults=defaults)
        session.appearances.filter(person=None).delete()
        models.Appearance.objects.bulk_create(_build_appearances(session, item))


def _link_inner_meetings(existing: Mapping[str, models.Meeting]) -> set[str]:
    """Link sessions to the meetings held as part of them; return the keys of the outer meetings that changed."""
    changed: set[str] = set()
    for fact in facts().values():
        for session_fact in fact.sessions:
            inner = existing[session_fact.nested_meeting].pk if session_fact.nested_meeting else None
            sessions = models.Session.objects.filter(public_id=_build_session_id(fact, session_fact))
            if sessions.exclude(holds=inner).exists() if inner else sessions.filter(holds__isnull=False).exists():
                sessions.update(holds=inner)
                changed.add(fact.key)
    return changed


def _publish_programme(meeting: models.Meeting, changed: bool) -> bool:
    """Publish the programme from the facts if it differs from the published one, without notifying anyone."""
    if meeting.version and not changed:
        return False
    rows = programme.publishable_sessions(programme.draft_sessions(meeting))
    latest = queries_published.published_version(meeting)
    programme_json = programme_to_json(programme.build_programme(meeting, rows))
    if latest is not None and latest.programme == programme_json:
        return False
    models.Version.objects.create(
        meeting=meeting,
        number=meeting.version + 1,
        programme=programme_json,
        changes=[change_to_json(one) for one in programme.unpublished_changes(meeting, latest, rows)],
        released_at=timezone.now(),
    )
    meeting.version += 1
    meeting.save(update_fields=["version"])
    return True


def _join_texts(texts: Mapping[str, str]) -> str:
    return str(sorted(texts.items()))


def _build_appearances(session: models.Session, session_fact: SessionFact) -> Iterable[models.Appearance]:
    for order, person in enumerate(session_fact.people):
        key = stable_id("appearance", session.public_id, str(order))
        yield models.Appearance(
            session=session, key=key, order=order, named=person.name, office=person.office, state_id=person.state,
            source=session.source,
        )  # fmt: skip


def _build_session_id(fact: MeetingFact, session: SessionFact) -> str:
    return stable_id("session", fact.key, session.key)
