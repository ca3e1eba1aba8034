"""Action that publishes a version of the programme and emails the people affected."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.versions import change_to_json, programme_to_json
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.permissions import User, check_can_manage
from samsvar.site.meetings.programme.errors import NoChanges, UnresolvedConflicts
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.meetings.registration.actions.emails import link_url, own_registration_url
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url


def publish_version(
    *, by: User, meeting: models.Meeting, note: str = "", with_conflicts: bool = False, notify: bool = True
) -> models.Version:
    """Publish the draft programme, without draft sessions, as the next version, and email the people affected.

    Raises `UnresolvedConflicts` if there are conflicts, unless `with_conflicts` is set, and `NoChanges` if nothing has
    changed.
    """
    check_can_manage(by, meeting)
    with transaction.atomic():
        # prevents two versions with the same number
        meeting = models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        sessions = queries.publishable_sessions(queries.draft_sessions(meeting))
        conflicts = queries.draft_conflicts(meeting, sessions)
        if conflicts and not with_conflicts:
            raise UnresolvedConflicts(len(conflicts))
        latest = queries_published.published_version(meeting)
        changes = queries.unpublished_changes(meeting, latest, sessions)
        programme = programme_to_json(queries.build_programme(meeting, sessions))
        if latest and not changes and programme == latest.programme:
            raise NoChanges
        people, accounts = queries.find_affected_people(meeting, changes)
        keys = queries.appearance_keys(meeting, sessions)
        appearances = [one for session in sessions for one in session.appearances.all()]
        version = models.Version.objects.create(
            meeting=meeting,
            number=meeting.version + 1,
            note=note.strip(),
            programme=programme,
            people={keys[one.pk]: one.person.public_id for one in appearances if one.person},
            changes=[change_to_json(change) for change in changes],
            released_by=by,
            released_at=timezone.now(),
        )
        meeting.version = version.number
        meeting.save(update_fields=["version"])
        emails_sent = _notify_affected_people(meeting, version, people, accounts) if notify and latest else 0
        details = {"version": version.number, "changes": len(changes), "conflicts": len(conflicts)}
        record_change(by, meeting, "published a programme", details | {"letters": emails_sent})
    return version


def _notify_affected_people(
    meeting: models.Meeting, version: models.Version, people: set[int], accounts: set[int]
) -> int:
    """Email the people affected by a change and return the number of emails. No email mentions other people."""
    persons = queries.get_people_by_pk(people)
    addresses = get_visible_participants(None, persons, subject=f"meeting {meeting.public_id}", fields=(Field.EMAIL,))
    emailed: set[str] = set()
    template, page, args = "meetings/programme_changed", "meetings:versions", [meeting.public_id]
    registrations = meeting.registrations.filter(person__in=persons).select_related("meeting", "person").order_by("pk")
    links = {one.person_id: one for one in meeting.speaker_links.filter(person__in=persons).select_related("meeting")}
    languages = {key: one.language for key, one in links.items()}
    languages |= {one.person_id: one.language for one in registrations if one.person_id}
    # Without an account, a participant can open a non-public meeting only through the link of their registration.
    closed = meeting.access != AccessLevel.PUBLIC
    own_registrations = {
        one.person_id: one for one in registrations if closed and not RegistrationStatus(one.status).is_over
    }

    def email_context(language: str) -> dict[str, str]:
        return {"meeting": meeting.get_title(language), "version": str(version.number)}

    for person in persons:
        account = person.account
        if account is not None and account.is_active:
            accounts.add(account.pk)
            continue
        address = addresses[person.pk].email if person.pk in addresses else ""
        if address and address not in emailed:
            emailed.add(address)
            language = languages.get(person.pk) or "en"
            with override(language):
                page_url = absolute_url(reverse(page, args=args))
            if person.pk in own_registrations:
                page_url = own_registration_url(own_registrations[person.pk])
            elif closed and person.pk in links:
                page_url = link_url(links[person.pk], language=language)
            recipient = EmailRecipient(address, language)
            notify(recipient, template, page_url=page_url, **email_context(language))
    for account in queries.get_accounts_by_pk(accounts):
        context = email_context(account.language or "en")
        if account.email not in emailed and notify(account, template, page=page, args=args, **context):
            emailed.add(account.email)
    models.Appearance.objects.filter(session__meeting=meeting, person__in=persons).update(told_at=timezone.now())
    return len(emailed)
