"""What stands in programmes under a person whom others wrote down, handed over to who they turned out to be."""

from __future__ import annotations

from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import Person


def hand_programme_over(*, named: Person, own: Person) -> None:
    """Sessions, times and the link of a speaker, in published versions too; within the caller's transaction.

    In a session where the person themselves stands as the same, they stand once.
    """
    rows = list(models.Appearance.objects.filter(person=named).select_related("session").order_by("pk"))
    for one in rows:
        there = models.Appearance.objects.filter(session__meeting=one.session.meeting_id, person=own).order_by("pk")
        if there.filter(session=one.session, part=one.part).exists():
            one.delete()
            continue
        known = there.first()
        one.person, one.key = own, known.key if known is not None else one.key
        one.save(update_fields=["person", "key"])
    meetings = {one.session.meeting_id for one in rows}
    for version in models.Version.objects.filter(meeting__in=meetings).defer("programme", "changes"):
        if named.public_id in version.people.values():
            version.people = {
                key: own.public_id if public_id == named.public_id else public_id
                for key, public_id in version.people.items()
            }
            version.save(update_fields=["people"])
    models.Availability.objects.filter(person=named).update(person=own)
    models.SpeakerLink.objects.filter(person=named).update(person=own)
