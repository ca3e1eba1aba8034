"""Functions that email participants and heads of delegation, and create the links in these emails."""

from __future__ import annotations

from datetime import datetime

from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.queries.facts import invitation_facts
from samsvar.site.meetings.registration.queries.questions import unanswered_questions
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.templatetags.samsvar import day

# --- Links and emails -------------------------------------------------------------------------------------------------

type LinkOwner = models.Registration | models.MeetingInvitation | models.Delegation | models.SpeakerLink

EMAIL_FOR_STATUS = {
    RegistrationStatus.CONFIRMED: "confirmed",
    RegistrationStatus.ASKED: "asked",
    RegistrationStatus.WAITING: "waiting",
}


def link_token(owner: LinkOwner | models.ContributionLink) -> str:
    """Return the token of an object's link: a signature of its public ID, so that every email has the same link.

    The database stores only a hash of the token, and no page shows a public ID where the token would grant access.
    """
    return Signer(salt=f"samsvar.meetings.{type(owner).__name__}").signature(owner.public_id).replace("=", "")


def link_url(owner: LinkOwner, *, language: str) -> str:
    """Return the URL of an object's emailed link, for the page in the given language."""
    names = {
        models.Registration: "meetings:registration-link",
        models.MeetingInvitation: "meetings:invitation",
        models.Delegation: "meetings:delegation",
        models.SpeakerLink: "meetings:speaker-page",
    }
    with override(language):
        path = reverse(names[type(owner)], kwargs={"slug": owner.meeting.public_id, "token": link_token(owner)})
    return absolute_url(path)


def email_participant(registration: models.Registration, kind: str, **extra_context: str) -> None:
    """Email a participant the link to their registration, without personal details, unless there is no address."""
    address, language = registration_email_address(registration), registration.language
    if not address:
        return
    if kind == "confirmed" and unanswered_questions(registration.meeting, [registration.pk]):
        kind = "confirmed_and_asked"
    notify(
        EmailRecipient(address, language, registration.person.account if registration.person is not None else None),
        f"meetings/{kind}",
        meeting=registration.meeting.get_title(language),
        page_url=own_registration_url(registration),
        **(invitation_facts(registration.meeting, language) | extra_context),
    )


def own_registration_url(registration: models.Registration) -> str:
    """Return the URL of a participant's own registration, or of their link if they have no account."""
    if registration.person is None or registration.person.account_id is None:
        return link_url(registration, language=registration.language)
    with override(registration.language):
        return absolute_url(reverse("meetings:my-registration", kwargs={"slug": registration.meeting.public_id}))


def email_link(
    owner: models.MeetingInvitation | models.Delegation, to: str, kind: str, language: str, until: datetime
) -> None:
    """Email the link of an invitation or a delegation, with the last day on which it can be answered."""
    with override(language):
        until_text = day(until.date())
        count = getattr(owner, "places", 0)
        places = ngettext("%(places)s place", "%(places)s places", count) % {"places": count}
    notify(
        EmailRecipient(to, language),
        f"meetings/{kind}",
        meeting=owner.meeting.get_title(language),
        until=until_text,
        places=places,
        page_url=link_url(owner, language=language),
        **invitation_facts(owner.meeting, language),
    )


def email_delegation_head(delegation: models.Delegation, kind: str) -> None:
    """Email the head of a delegation in their language. Do nothing if there is no address."""
    if delegation.head_email:
        language, until = delegation_head_language(delegation), delegation.nominate_until or timezone.now()
        email_link(delegation, delegation.head_email, kind, language, until)


def notify_delegation_head(registration: models.Registration) -> None:
    """Email the head of a nominee's delegation that the nominee is not coming. Only the head's page gives the name."""
    if registration.delegation is not None:
        email_delegation_head(registration.delegation, "delegation_news")


def delegation_head_language(delegation: models.Delegation) -> str:
    """Return the head's language: the one chosen, or that of their account, or the meeting's first supported one."""
    if delegation.language:
        return delegation.language
    account = delegation.head.account if delegation.head is not None else None
    account = account or Account.objects.filter(email=delegation.head_email, is_active=True).first()
    wanted = [account.language if account is not None else "", *delegation.meeting.languages]
    return next((one for one in wanted if one in INTERFACE_LANGUAGES), "en")


def registration_email_address(registration: models.Registration) -> str:
    """Return the email address of an active account or, without an account, of the invitation; "" if none."""
    if registration.person is not None and registration.person.account is not None:
        return registration.person.account.email if registration.person.account.is_active else ""
    return registration.invitation.email if registration.invitation is not None else ""
