"""Emails to everyone concerned when a meeting is cancelled, reinstated or moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_see
from samsvar.site.meetings.meeting.queries.facts import format_when_and_where
from samsvar.site.meetings.programme.queries import draft as programme
from samsvar.site.meetings.registration.actions.emails import (
    delegation_head_language,
    link_url,
    own_registration_url,
    registration_email_address,
)
from samsvar.site.meetings.registration.queries.own import open_invitations_filter
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of an announcement; `page_url` is the address of their page about the meeting, or "" if none."""

    email: str
    language: str
    page_url: str
    account: Account | None = None


def email_everyone_concerned(
    meeting: models.Meeting, kind: str, *, reason: str, before: models.Meeting | None = None
) -> int:
    """Email everyone with a place, a pending request, an invitation, a delegation or a role in the programme.

    `before` is the meeting before the change, if its dates or place change. Return how many emails were queued.
    """
    reached: set[str] = set()
    for recipient in iter_recipients(meeting):
        if recipient.email.lower() in reached:
            continue
        reached.add(recipient.email.lower())
        with override(recipient.language):
            reason_text = " " + _("Reason given by the organisers: %(why)s") % {"why": reason} if reason else ""
            when = format_when_and_where(meeting, recipient.language)
            previously = format_when_and_where(before, recipient.language) if before is not None else ""
        notify(
            EmailRecipient(recipient.email, recipient.language, recipient.account),
            f"meetings/{kind}",
            meeting=meeting.get_title(recipient.language),
            when=when,
            before=previously,
            because=reason_text,
            page_url=recipient.page_url,
        )
    return len(reached)


def iter_recipients(meeting: models.Meeting) -> Iterator[Recipient]:
    """Yield the recipients of an announcement; someone may appear twice, first with their more personal page."""
    yield from _registered_recipients(meeting)
    yield from _invited_recipients(meeting)
    for head in meeting.delegations.exclude(head_email="").select_related("head__account", "meeting"):
        language = delegation_head_language(head)
        yield Recipient(head.head_email, language, link_url(head, language=language))
    yield from _programme_recipients(meeting)


def _registered_recipients(meeting: models.Meeting) -> Iterator[Recipient]:
    over = [one.value for one in RegistrationStatus if one.is_over]
    registrations = meeting.registrations.exclude(status__in=over).order_by("pk")
    for registration in registrations.select_related("person__account", "invitation", "meeting"):
        if address := registration_email_address(registration):
            account = registration.person.account if registration.person is not None else None
            yield Recipient(address, registration.language, own_registration_url(registration), account)


def _invited_recipients(meeting: models.Meeting) -> Iterator[Recipient]:
    invitations = meeting.invitations.filter(open_invitations_filter(timezone.now()), registration__isnull=True)
    for invitation in invitations.select_related("meeting"):
        yield Recipient(invitation.email, invitation.language, link_url(invitation, language=invitation.language))


def _programme_recipients(meeting: models.Meeting) -> Iterator[Recipient]:
    """Yield people in the programme, and authors of contributions that are pending or accepted."""
    is_held = Q(session__state=models.Session.State.READY) | Q(session__contribution__isnull=False)
    appearances = models.Appearance.objects.filter(is_held, session__meeting=meeting, person__isnull=False)
    contributions = models.Contribution.objects.filter(
        call__meeting=meeting, state__in=(models.Contribution.State.OFFERED, models.Contribution.State.ACCEPTED)
    ).select_related("account", "link", "person")
    person_ids = {*appearances.values_list("person", flat=True), *(item.person_id for item in contributions)}
    people = programme.get_people_by_pk(item for item in person_ids if item is not None)
    views = get_visible_participants(None, people, subject=f"meeting {meeting.public_id}", fields=(Field.EMAIL,))
    links = meeting.speaker_links.filter(person__in=people).select_related("meeting")
    speaker_links = {item.person_id: item for item in links}
    languages = dict(meeting.registrations.filter(person__in=people).values_list("person", "language"))
    accounts = {item.account.pk: item.account for item in [*people, *contributions] if item.account is not None}
    for account in [item for _pk, item in sorted(accounts.items()) if item.is_active]:
        language = account.language or "en"
        page = _page_url(meeting, language) if can_see(account, meeting) else ""
        yield Recipient(account.email, language, page, account)
    for item in contributions:
        if item.link is not None:
            yield Recipient(item.link.email, item.link.language, _public_page_url(meeting, item.link.language))
    for person in people:
        if person.account is None and person.pk in views and views[person.pk].email:
            link, language = speaker_links.get(person.pk), languages.get(person.pk) or "en"
            if link is not None and person.pk not in languages:
                yield Recipient(link.email, link.language, link_url(link, language=link.language))
            else:
                yield Recipient(views[person.pk].email, language, _public_page_url(meeting, language))


def _public_page_url(meeting: models.Meeting, language: str) -> str:
    return _page_url(meeting, language) if meeting.access == AccessLevel.PUBLIC else ""


def _page_url(meeting: models.Meeting, language: str) -> str:
    with override(language):
        return absolute_url(reverse("meetings:meeting", args=[meeting.public_id]))
