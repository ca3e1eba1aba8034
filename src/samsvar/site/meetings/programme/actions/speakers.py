"""Actions for experts added to sessions by name and email address, who answer through an emailed link.

A new person is created from what the organiser enters, so that entering an address never reveals whether someone with
that address has an account. Only a participant whom the organiser can already see is reused. When a user signs in with
the address, the sessions are moved to their own profile. If that user's identity is hidden for their safety, the new
person stays separate, so that no one can find the user through it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.programme.actions.people import add_person, remove_appearance
from samsvar.site.meetings.programme.errors import ProgrammeError
from samsvar.site.meetings.programme.queries import speakers as queries
from samsvar.site.meetings.registration.actions import naming_consent as naming
from samsvar.site.meetings.registration.actions.emails import link_token, link_url
from samsvar.site.meetings.registration.actions.merge_person import transfer_programme_entries
from samsvar.site.meetings.registration.actions.places import check_not_cancelled
from samsvar.site.meetings.registration.actions.registering import recorded_name
from samsvar.site.meetings.registration.queries.naming_consent import get_naming_consent
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.actions.consent import NothingToWithdraw
from samsvar.site.network.directory.actions.participants import correct_participant_details, get_or_create_participant
from samsvar.site.network.emails.actions import EmailRecipient, notify

PARTICIPANT_NOTE = "asked to appear in the programme of a meeting"
MAX_REQUESTS_PER_HOUR = 200  # per meeting; a programme does not need more, and more would be mass mailing


class SpeakerDeclined(ProgrammeError):
    """Raised when the person has answered that they will not appear at this meeting."""

    message = _("The person with this address has said that they will not take part in this meeting’s programme.")
    advice = _("If they have changed their mind, they can say so on the page linked in their email.")


class SpeakerAskedRecently(ProgrammeError):
    """Raised when this address was emailed less than a day ago."""

    message = _("An email was sent to this address less than a day ago.")
    advice = _("Try again tomorrow.")


class TooManySpeakersAsked(ProgrammeError):
    """Raised when the meeting has reached its limit of emails per hour."""

    message = _("The limit on the number of people who can be contacted in an hour has been reached.")
    advice = _("Try again in an hour.")


# --- For organisers ---------------------------------------------------------------------------------------------------


def invite_speaker(
    *,
    by: Account,
    session: models.Session,
    name: str,
    email: str,
    letters: str,
    title: str = "",
    organisation: str = "",
    country: str = "",
    part: str = ProgrammeRole.SPEAKER,
    language: str = "",
    now: datetime | None = None,
) -> models.Appearance:
    """Add a person to a session and ask them by email, once per meeting, whether the programme may name them.

    `letters` is the language of the email. `language` is the language that an interpreter interprets into.
    """
    now, meeting, email = now or timezone.now(), session.meeting, email.strip().lower()
    check_can_manage(by, meeting)
    check_not_cancelled(meeting)
    with transaction.atomic():
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # prevents emailing the same address twice
        link = meeting.speaker_links.select_related("person").filter(email=email).first()
        if link is not None and link.declined_at is not None:
            raise SpeakerDeclined
        if link is None:
            if meeting.speaker_links.filter(asked_at__gt=now - timedelta(hours=1)).count() >= MAX_REQUESTS_PER_HOUR:
                raise TooManySpeakersAsked
            person = queries.find_participant(meeting, email) or get_or_create_participant(
                by=by, meeting=meeting.public_id, note=PARTICIPANT_NOTE, name=name, email=email, title=title,
                organisation=organisation, country=country, fictional=meeting.fictional,
            )  # fmt: skip
            link = models.SpeakerLink(meeting=meeting, person=person, email=email, language=letters, asked_at=now)
            link.token_hash = hash_secret(link_token(link))
            link.save()
            _email_speaker(link)
            _record_speaker_change(link, by, "invited a speaker")
        return add_person(
            by=by, session=session, person=link.person, name=recorded_name(link.person) or name, part=part,
            language=language,
        )  # fmt: skip


def resend_speaker_request(*, by: Account, link: models.SpeakerLink) -> models.SpeakerLink:
    """Email a person the link again, at most once a day. Raises `SpeakerDeclined` or `SpeakerAskedRecently`."""
    now = timezone.now()
    check_can_manage(by, link.meeting)
    with transaction.atomic():
        speaker_link = _lock_speaker_link(link)
        if speaker_link.declined_at is not None:
            raise SpeakerDeclined
        if speaker_link.asked_at > now - queries.MIN_TIME_BETWEEN_REQUESTS:
            raise SpeakerAskedRecently
        speaker_link.asked_at = now
        speaker_link.save(update_fields=["asked_at"])
        _email_speaker(speaker_link)
        _record_speaker_change(speaker_link, by, "reminded a speaker")
    return speaker_link


def remove_speaker(*, by: Account, appearance: models.Appearance) -> None:
    """Remove an appearance, and delete the person if no session, version or other data still refers to them."""
    meeting, person = appearance.session.meeting, appearance.person
    with transaction.atomic():
        remove_appearance(by=by, appearance=appearance)
        if person is None or models.Appearance.objects.filter(session__meeting=meeting, person=person).exists():
            return
        if any(person.public_id in one.people.values() for one in meeting.versions.only("people")):
            return  # people in a published version can still withdraw their consent through their link
        meeting.speaker_links.filter(person=person, declined_at__isnull=True).delete()
        _delete_person_if_unreferenced(person)


# --- For the owner of the address -------------------------------------------------------------------------------------
# `by` is None if they have no account, or if what the organiser wrote is kept separate from their account.


def claim_speaker_link(*, link: models.SpeakerLink, account: Account) -> models.SpeakerLink:
    """Move programme entries made under an email address to the person of the account that owns the address.

    The caller has verified that the address belongs to the account. Nothing is moved to a person whose identity is
    hidden for their safety.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)  # prevents creating two persons for one account
        speaker_link = _lock_speaker_link(link)
        recorded_person = speaker_link.person
        if recorded_person.account_id is not None or queries.is_account_holder_at_risk(account):
            return speaker_link
        own_person = Person.objects.filter(account=account, erased_at__isnull=True).first()
        if own_person is None:  # the account has no profile yet, so it adopts the person created here
            recorded_person.account = account
            recorded_person.save(update_fields=["account"])
        else:
            _merge_into_own_person(speaker_link, recorded_person, own_person, account)
        _record_speaker_change(speaker_link, account, "claimed an appearance")
    return speaker_link


def set_naming_consent(*, link: models.SpeakerLink, consents: bool, version: str, by: Account | None) -> bool:
    """Set whether the programme may name the person. If it may not, any earlier consent is withdrawn."""
    with transaction.atomic():
        speaker_link = _lock_speaker_link(link)
        if consents:
            naming.give_naming_consent(person=speaker_link.person, version=version, by=by)
        else:
            _withdraw_naming_consent(speaker_link, by)
        speaker_link.answered_at = timezone.now()
        speaker_link.save(update_fields=["answered_at"])
        if not consents:
            _record_speaker_change(speaker_link, by, "withdrew consent to be named")
    return True


def correct_speaker_details(
    *, link: models.SpeakerLink, name: str, title: str, organisation: str | None = None
) -> bool:
    """Correct name, position and organisation (None: unchanged) of a person who has no profile of their own."""
    meeting = link.meeting.public_id
    return correct_participant_details(
        by=None, person=link.person, meeting=meeting, name=name, title=title, organisation=organisation
    )


def set_participation(*, link: models.SpeakerLink, appears: bool, by: Account | None) -> bool:
    """Save whether a person will appear at this meeting. If not, their naming consent is withdrawn."""
    with transaction.atomic():
        speaker_link = _lock_speaker_link(link)
        if not appears:
            _withdraw_naming_consent(speaker_link, by)
        speaker_link.declined_at = None if appears else timezone.now()
        speaker_link.save(update_fields=["declined_at"])
        verb = "confirmed an appearance" if appears else "declined an appearance"
        _record_speaker_change(speaker_link, by, verb)
    return True


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _withdraw_naming_consent(link: models.SpeakerLink, by: Account | None) -> None:
    with suppress(NothingToWithdraw):
        naming.withdraw_naming_consent(person=link.person, by=by)


def _merge_into_own_person(
    link: models.SpeakerLink, recorded_person: Person, own_person: Person, account: Account
) -> None:
    """Move sessions and naming consent to the account's own person, and delete the person created by the organiser."""
    name, meeting = recorded_name(recorded_person) or own_person.public_id, link.meeting.public_id
    get_or_create_participant(by=account, meeting=meeting, note=PARTICIPANT_NOTE, account=account, name=name)
    naming_consent = get_naming_consent(recorded_person)
    if naming_consent is not None and naming_consent.is_current:
        naming.give_naming_consent(person=own_person, version=naming_consent.version, by=account)
    transfer_programme_entries(source=recorded_person, target=own_person)
    link.person = own_person
    _delete_person_if_unreferenced(recorded_person)


def _delete_person_if_unreferenced(person: Person) -> None:
    """Delete a person created by an organiser if no other data refers to them."""
    if not queries.has_other_data(person):
        person.delete()


def _email_speaker(link: models.SpeakerLink) -> None:
    """Email the link. The email names the meeting but does not repeat what was written about the person."""
    notify(
        EmailRecipient(link.email, link.language),
        "meetings/asked_to_appear",
        meeting=link.meeting.get_title(link.language),
        page_url=link_url(link, language=link.language),
    )


def _lock_speaker_link(link: models.SpeakerLink) -> models.SpeakerLink:
    models.SpeakerLink.objects.select_for_update().get(pk=link.pk)
    return models.SpeakerLink.objects.select_related("meeting", "person__account").get(pk=link.pk)


def _record_speaker_change(link: models.SpeakerLink, by: Account | None, verb: str) -> None:
    record_change(by, link.meeting, verb, person=link.person.public_id)
