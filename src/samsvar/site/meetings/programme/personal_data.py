"""What the programme holds of anybody: that they appear in it, when they can, and that they published it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.meetings.programme.queries.speakers import is_known_otherwise
from samsvar.site.network.access.permissions import Person, in_force
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Subject, Whose

ORGANISERS = _("whoever runs the meeting; the name stands in the public programme only where the person agreed to it")


def _versions(subject: Subject) -> QuerySet[models.Version]:
    """Published programmes in which the person stands by a key."""
    if subject.person is None:
        return models.Version.objects.none()
    wanted = subject.person.public_id
    named = models.Version.objects.values_list("pk", "people")
    return models.Version.objects.filter(pk__in=[pk for pk, people in named if wanted in people.values()])


def _forget_in_versions(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The key stays in the programme and leads to nobody any more."""
    del now
    wanted = subject.person.public_id if subject.person else ""
    versions = list(rows)
    for version in versions:
        version.people = {key: public_id for key, public_id in version.people.items() if public_id != wanted}
        version.save(update_fields=["people"])
    return len(versions)


def _speaker_links(subject: Subject) -> QuerySet[Any]:
    asked = Q(email__in=subject.addresses)
    if subject.person is not None:
        asked |= Q(person=subject.person)
    return models.SpeakerLink.objects.filter(asked)


def _old_speaker_links(limit: datetime) -> QuerySet[Any]:
    """Links of meetings that are long over, but for those by which somebody whom the programme names takes it back."""
    agreed = Person.objects.filter(
        in_force(timezone.now(), "bases__"), pk=OuterRef("person"), bases__purpose=Purpose.PROGRAMME
    )
    there = models.Appearance.objects.filter(session__meeting=OuterRef("meeting"), person=OuterRef("person"))
    return models.SpeakerLink.objects.filter(meeting__ends__lt=limit.date(), person__invented=False).exclude(
        Exists(agreed) & Exists(there)
    )


def _forget_speakers(rows: QuerySet[Any]) -> int:
    """The links, and whoever nothing else is left of: the programme says that somebody spoke, and not who."""
    found = list(rows.select_related("person"))
    models.SpeakerLink.objects.filter(pk__in=[one.pk for one in found]).delete()
    for link in found:
        if not is_known_otherwise(link.person, than=link.meeting_id):
            subject = Subject(person=link.person)
            _forget_in_versions(subject, _versions(subject), timezone.now())
            link.person.delete()
    return len(found)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="appearances",
        model="samsvar_meetings.Appearance",
        what=_("Sessions of meetings in which the person appears"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("session", "part", "language", "told_at"),
        withheld={
            "id": INSIDE,
            "person": INSIDE,
            "key": _("a number in public programmes that leads nowhere else"),
            "order": _("the place in a list"),
        },
        plain=("named", "office", "state", "source"),
        purposes=(Purpose.MEETINGS, Purpose.PROGRAMME),
        grounds=(Ground.PUBLIC_TASK, Ground.CONSENT),
        recipients=ORGANISERS,
        stays=_("as long as the programme of the meeting"),
        fate=Fate.DELETED,
        erasure=_("deleted; the published programme says that somebody spoke, and not who"),
        extra={
            "meeting": lambda row, _subject: row.session.meeting.public_id,
            "title": lambda row, _subject: row.session.title,
        },
    ),
    Holding(
        key="programmes",
        model="samsvar_meetings.Version",
        what=_("Published programmes in which the person stands"),
        whose=Whose.PEOPLE,
        through=(),
        rows=_versions,
        given=("meeting", "number", "released_at"),
        withheld={
            "id": INSIDE,
            "programme": _("the programme itself, which everybody can read"),
            "changes": _("the programme itself, which everybody can read"),
            "note": _("the programme itself, which everybody can read"),
            "people": _("others stand in it too"),
            "released_by": _("somebody else"),
        },
        plain=(),
        purposes=(Purpose.MEETINGS, Purpose.PROGRAMME),
        grounds=(Ground.PUBLIC_TASK, Ground.CONSENT),
        recipients=ORGANISERS,
        stays=_("as long as the programme of the meeting"),
        fate=Fate.EMPTIED,
        erasure=_("what led to the person is taken out; the programme stays"),
        erase=_forget_in_versions,
    ),
    Holding(
        key="programmes_published",
        model="samsvar_meetings.Version",
        what=_("Programmes that the person published"),
        whose=Whose.STAFF,
        through=("released_by",),
        given=("meeting", "number", "released_at", "note"),
        withheld={
            "id": INSIDE,
            "programme": _("the programme itself, which everybody can read"),
            "changes": _("the programme itself, which everybody can read"),
            "people": _("others stand in it"),
            "released_by": INSIDE,
        },
        plain=(),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=_("whoever runs the meeting"),
        stays=_("as long as the programme of the meeting"),
        fate=Fate.KEPT,
        erasure=_("kept, as the account that it names says nothing of anybody after erasure"),
    ),
    Holding(
        key="speaker_links",
        model="samsvar_meetings.SpeakerLink",
        what=_("Links by which somebody who was put into a programme says whether it may name them"),
        whose=Whose.PEOPLE,
        through=("person",),
        rows=_speaker_links,
        given=("meeting", "email", "language", "asked_at", "answered_at", "declined_at"),
        withheld={
            "id": INSIDE,
            "public_id": INSIDE,
            "person": INSIDE,
            "token_hash": _("only what a link hashes to; it opens nothing"),
        },
        plain=(),
        purposes=(Purpose.MEETINGS, Purpose.PROGRAMME),
        grounds=(Ground.PUBLIC_TASK,),
        recipients=_("whoever runs the meeting"),
        stays="speaker_links",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="availabilities",
        model="samsvar_meetings.Availability",
        what=_("Times at which the person said they can appear"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("meeting", "starts", "ends"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK,),
        recipients=_("whoever runs the meeting"),
        stays="availabilities",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
)
HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.Room": HoldsNone("rooms of a meeting", {"name": "the name of a room"}),
    "samsvar_meetings.Track": HoldsNone("threads of a programme", {"name": "the name of a track"}),
    "samsvar_meetings.Session": HoldsNone(
        "sessions of a programme; who appears in them stands in appearances",
        {
            "title": "what a session is called",
            "abstract": "what a session is about",
            "languages": "spoken in the session",
            "interpreted": "languages that the session is interpreted into",
            "source": "where a fact about a real meeting is from",
        },
    ),
}
KINDS: tuple[Kind, ...] = (
    Kind(
        key="speaker_links",
        what=_("Whom a programme may not name: their link, and what was written of them where nothing else is known"),
        days=180,
        after=_("after the meeting"),
        why=_("who spoke may be asked while the meeting’s report is written; whoever is named can take it back longer"),
        rows=_old_speaker_links,
        age="meeting__ends",
        remove=_forget_speakers,
    ),
    Kind(
        key="availabilities",
        what=_("Times at which people said they can appear"),
        days=30,
        after=_("after they are over"),
        why=_("they are needed until the programme was held"),
        rows=lambda limit: models.Availability.objects.filter(ends__lt=limit),
        age="ends",
    ),
)
