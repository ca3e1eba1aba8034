"""Personal data in programmes: appearances, availability, speaker links and published versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.personal_data import ORGANISERS, participant_category
from samsvar.site.meetings.programme.queries.speakers import has_other_data
from samsvar.site.network.access.permissions import Person, in_force_filter
from samsvar.site.network.data_inventory import (
    HASH_OF_LINK,
    INTERNAL_ID,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    anonymised,
    deleted,
    keep,
    staff_category,
)

ORGANISERS_AND_READERS = _("the organisers; the public programme shows the name only if the person has agreed")
WITH_THE_PROGRAMME = _("for as long as the meeting’s programme is kept")
PUBLIC = _("the programme itself, which anyone can read")
PROGRAMME = (Purpose.MEETINGS, Purpose.PROGRAMME)
TASK_OR_CONSENT = (LegalBasis.PUBLIC_TASK, LegalBasis.CONSENT)


def _versions_with_person(subject: SubjectOfRequest) -> QuerySet[models.Version]:
    """Return the published versions in which the person appears."""
    if subject.person is None:
        return models.Version.objects.none()
    wanted = subject.person.public_id
    people_by_version = models.Version.objects.values_list("pk", "people")
    return models.Version.objects.filter(pk__in=[pk for pk, people in people_by_version if wanted in people.values()])


def _remove_person_from_versions(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    """Remove the person from published versions. Their key stays there but no longer identifies anyone."""
    del now
    wanted = subject.person.public_id if subject.person else ""
    versions = list(rows)
    for version in versions:
        version.people = {key: public_id for key, public_id in version.people.items() if public_id != wanted}
        version.save(update_fields=["people"])
    return len(versions)


def _old_speaker_links(limit: datetime) -> QuerySet[Any]:
    """Return links of meetings that ended before `limit`, except those a named person may need to withdraw consent."""
    consenting = Person.objects.filter(
        in_force_filter(timezone.now(), "bases__"), pk=OuterRef("person"), bases__purpose=Purpose.PROGRAMME
    )
    appearances = models.Appearance.objects.filter(session__meeting=OuterRef("meeting"), person=OuterRef("person"))
    return models.SpeakerLink.objects.filter(meeting__ends__lt=limit.date(), person__fictional=False).exclude(
        Exists(consenting) & Exists(appearances)
    )


def _delete_speaker_links(rows: QuerySet[Any]) -> int:
    """Delete links, and people without other data. The programme still shows that someone spoke, but not who."""
    links = list(rows.select_related("person"))
    models.SpeakerLink.objects.filter(pk__in=[one.pk for one in links]).delete()
    for link in links:
        if not has_other_data(link.person, except_meeting=link.meeting_id):
            subject = SubjectOfRequest(person=link.person)
            _remove_person_from_versions(subject, _versions_with_person(subject), timezone.now())
            link.person.delete()
    return len(links)


DATA_CATEGORIES = (
    participant_category(
        models.Appearance, "appearances", _("Meeting sessions in which the person appears"),
        exported="session part language told_at",
        withheld={
            "key": _("a number used only in public programmes"), "order": _("only the person’s position in a list"),
        },
        not_personal="named office state source",
        purposes=PROGRAMME, legal_bases=TASK_OR_CONSENT, recipients=ORGANISERS_AND_READERS,
        retention=WITH_THE_PROGRAMME,
        erasure=deleted(_("deleted; the published programme shows that someone spoke, but not who")),
        computed={
            "meeting": lambda appearance, _subject: appearance.session.meeting.public_id,
            "title": lambda appearance, _subject: appearance.session.title,
        },
    ),
    participant_category(
        models.Version, "programmes", _("Published programmes that list the person"),
        exported="meeting number released_at",
        withheld={
            "programme": PUBLIC, "changes": PUBLIC, "note": PUBLIC,
            "people": _("other people are also listed in the programme"),
            "released_by": _("this would identify someone else"),
        },
        purposes=PROGRAMME, legal_bases=TASK_OR_CONSENT, recipients=ORGANISERS_AND_READERS,
        retention=WITH_THE_PROGRAMME,
        erasure=anonymised(
            _("the reference to the person is removed; the programme is kept"), function=_remove_person_from_versions
        ),
        find_rows=_versions_with_person,
    ),
    staff_category(
        models.Version, "programmes_published", _("Programmes published by the person"),
        exported="meeting number released_at note", through="released_by",
        withheld={"programme": PUBLIC, "changes": PUBLIC, "people": _("other people are listed in the programme")},
        recipients=ORGANISERS, retention=WITH_THE_PROGRAMME,
        erasure=keep(_("kept: once the person’s data is deleted, the account recorded as the publisher no "
"longer identifies anyone")),
    ),
    participant_category(
        models.SpeakerLink, "speaker_links",
        _("Links sent to people added to a programme, asking whether it may name them"),
        exported="meeting email language asked_at answered_at declined_at",
        withheld={"token_hash": HASH_OF_LINK, "public_id": INTERNAL_ID},
        purposes=PROGRAMME, by_address="email",
    ),
    participant_category(
        models.Availability, "availabilities", _("Times when the person said they were available"),
        exported="meeting starts ends",
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_meetings.Room": NoPersonalData("rooms of a meeting", {"name": "the name of a room"}),
    "samsvar_meetings.Track": NoPersonalData("tracks of a programme", {"name": "the name of a track"}),
    "samsvar_meetings.Session": NoPersonalData(
        "sessions of a programme; people are in appearances",
        {
            "title": "a session's title", "abstract": "a session's abstract",
            "languages": "spoken in the session", "interpreted": "languages that the session is interpreted into",
            "source": "the source of a fact about a real meeting",
        },
    ),
}  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.SpeakerLink, "meeting__ends", "speaker_links",
        _("Links sent to speakers who have not agreed to be named in the programme, and their details if we "
"hold no other data about them"),
        days=180, after=_("after the meeting"),
        why=_(
            "while the meeting’s report is being written, it may be necessary to check who spoke; anyone named "
"can still withdraw their agreement after that"
        ),
        find_rows=_old_speaker_links, remove=_delete_speaker_links,
    ),
    RetentionRule(
        models.Availability, "ends", "availabilities", _("Availability of people in programmes"),
        days=30, after=_("after the times have passed"),
        why=_("the times are needed only until the sessions have taken place"),
    ),
)  # fmt: skip
