"""Action that moves programme entries from a profile created by someone else to the person's own profile."""

from __future__ import annotations

from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import Person


def transfer_programme_entries(*, source: Person, target: Person) -> None:
    """Move sessions, availability and speaker links to another person. The caller provides the transaction.

    Published versions are changed too. If the target already has the same role in a session, only that one is kept.
    """
    appearances = list(models.Appearance.objects.filter(person=source).select_related("session").order_by("pk"))
    for appearance in appearances:
        target_appearances = models.Appearance.objects.filter(
            session__meeting=appearance.session.meeting_id, person=target
        ).order_by("pk")
        if target_appearances.filter(session=appearance.session, part=appearance.part).exists():
            appearance.delete()
            continue
        existing = target_appearances.first()
        appearance.person, appearance.key = target, existing.key if existing is not None else appearance.key
        appearance.save(update_fields=["person", "key"])
    meetings = {appearance.session.meeting_id for appearance in appearances}
    for version in models.Version.objects.filter(meeting__in=meetings).defer("programme", "changes"):
        if source.public_id in version.people.values():
            version.people = {
                key: target.public_id if public_id == source.public_id else public_id
                for key, public_id in version.people.items()
            }
            version.save(update_fields=["people"])
    models.Availability.objects.filter(person=source).update(person=target)
    models.SpeakerLink.objects.filter(person=source).update(person=target)
