"""An organiser puts an expert into a session by name and address; whoever has the address answers by a link.

What the organiser wrote makes a person of its own: who types addresses learns of none whether it has an account. Only
a participant whom the organiser sees anyway is taken at once. Whoever signs in with the address is the person they are
from then on, unless they are hidden for their safety: then what was written stays apart, and leads nobody to them.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Part
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.programme.actions.people import add_person, remove_appearance
from samsvar.site.meetings.programme.errors import ProgrammeError
from samsvar.site.meetings.programme.queries import speakers as queries
from samsvar.site.meetings.registration.actions import naming_consent as naming
from samsvar.site.meetings.registration.actions.emails import link_of, title_of, token_of
from samsvar.site.meetings.registration.actions.merge_person import hand_programme_over
from samsvar.site.meetings.registration.actions.places import must_be_held
from samsvar.site.meetings.registration.actions.registering import name_written
from samsvar.site.meetings.registration.queries.naming_consent import naming_of
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.actions.consent import NothingToWithdraw
from samsvar.site.network.directory.actions.participants import correct_participant, enter_participant
from samsvar.site.network.emails.actions import post_letter

NOTE = "asked to appear in the programme of a meeting"
MOST_ASKED = 200  # by one meeting in an hour: more is no programme but a flood of letters


class DoesNotAppear(ProgrammeError):
    """Somebody has said that they do not appear at this meeting."""

    code = "does_not_appear"

    def __init__(self) -> None:
        super().__init__(
            _("Whoever has this address has said that they do not appear at this meeting."),
            _("If they have thought again, they say so on the page of their letter."),
        )


class AskedLately(ProgrammeError):
    """A letter went to this address less than a day ago."""

    code = "asked_lately"

    def __init__(self) -> None:
        super().__init__(_("A letter went to this address less than a day ago."), _("Ask again tomorrow."))


class TooManyAsked(ProgrammeError):
    """More letters than one meeting sends in an hour."""

    code = "too_many_asked"

    def __init__(self) -> None:
        super().__init__(_("More people were asked within an hour than is allowed here."), _("Go on in an hour."))


# --- By whoever runs the meeting --------------------------------------------------------------------------------------


def put_in(
    *,
    by: Account,
    session: models.Session,
    site: str,
    name: str,
    email: str,
    letters: str,
    title: str = "",
    organisation: str = "",
    country: str = "",
    part: str = Part.SPEAKER,
    language: str = "",
    now: datetime | None = None,
) -> models.Appearance:
    """Somebody appears in a session, and is asked by a letter, once a meeting, whether the programme may name them.

    `letters` is the language of the letter, `language` that into which an interpreter speaks.
    """
    now, meeting, email = now or timezone.now(), session.meeting, email.strip().lower()
    must_manage(by, meeting)
    must_be_held(meeting)
    with transaction.atomic():
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # two at once would ask one address twice
        link = meeting.speaker_links.select_related("person").filter(email=email).first()
        if link is not None and link.declined_at is not None:
            raise DoesNotAppear
        if link is None:
            if meeting.speaker_links.filter(asked_at__gt=now - timedelta(hours=1)).count() >= MOST_ASKED:
                raise TooManyAsked
            person = queries.participant_with(meeting, email) or enter_participant(
                by=by, meeting=meeting.public_id, note=NOTE, name=name, email=email, title=title,
                organisation=organisation, country=country, invented=meeting.invented,
            )  # fmt: skip
            link = models.SpeakerLink(meeting=meeting, person=person, email=email, language=letters, asked_at=now)
            link.token_hash = secret_hash(token_of(link))
            link.save()
            _write(link, site=site)
            _record(link, by, "asked somebody to appear")
        return add_person(
            by=by, session=session, person=link.person, name=name_written(link.person) or name, part=part,
            language=language,
        )  # fmt: skip


def ask_again(*, by: Account, link: models.SpeakerLink, site: str, now: datetime | None = None) -> models.SpeakerLink:
    """Write to somebody once more who has not answered; not within a day."""
    now = now or timezone.now()
    must_manage(by, link.meeting)
    with transaction.atomic():
        row = _locked(link)
        if row.declined_at is not None:
            raise DoesNotAppear
        if row.asked_at > now - queries.QUIET:
            raise AskedLately
        row.asked_at = now
        row.save(update_fields=["asked_at"])
        _write(row, site=site)
        _record(row, by, "asked somebody again")
    return row


def take_out(*, by: Account, appearance: models.Appearance) -> None:
    """Somebody does not appear in a session after all; whom no session or version has any more, nobody keeps."""
    meeting, person = appearance.session.meeting, appearance.person
    with transaction.atomic():
        remove_appearance(by=by, appearance=appearance)
        if person is None or models.Appearance.objects.filter(session__meeting=meeting, person=person).exists():
            return
        if any(person.public_id in one.people.values() for one in meeting.versions.only("people")):
            return  # who is named there can still take it back by the link
        meeting.speaker_links.filter(person=person, declined_at__isnull=True).delete()
        _forget(person)


# --- By whoever has the address ---------------------------------------------------------------------------------------
# `by` is None where they have no account, and where what was written of them is kept apart from it.


def take_over(*, link: models.SpeakerLink, account: Account) -> models.SpeakerLink:
    """What was written under an account's address belongs to that account's person from now on.

    The caller has made sure that the address is the account's. Whoever is hidden for their safety stays apart.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)  # two at once would both make a person of the account
        row = _locked(link)
        named = row.person
        if named.account_id is not None or queries.hides(account):
            return row
        own = Person.objects.filter(account=account, erased_at__isnull=True).first()
        if own is None:  # the entry that others made is the first that they have
            named.account = account
            named.save(update_fields=["account"])
        else:
            _hand_over(row, named, own, account)
        _record(row, account, "took over that they appear")
    return row


def name_or_not(*, link: models.SpeakerLink, named: bool, version: str, by: Account | None) -> bool:
    """Say whether the programme may name one; "no" takes back what was agreed before."""
    with transaction.atomic():
        row = _locked(link)
        if named:
            naming.agree_to_be_named(person=row.person, version=version, by=by)
        else:
            _name_no_more(row, by)
        row.answered_at = timezone.now()
        row.save(update_fields=["answered_at"])
        if not named:
            _record(row, by, "said not to name them")
    return True


def correct(*, link: models.SpeakerLink, name: str, title: str, organisation: str | None = None) -> bool:
    """Write name, position and organisation (None: it stays) otherwise, as long as one has no entry of one's own."""
    meeting = link.meeting.public_id
    return correct_participant(
        by=None, person=link.person, meeting=meeting, name=name, title=title, organisation=organisation
    )


def appear_or_not(*, link: models.SpeakerLink, appears: bool, by: Account | None) -> bool:
    """Say that one does not appear at this meeting, which ends being named at once; or that one does after all."""
    with transaction.atomic():
        row = _locked(link)
        if not appears:
            _name_no_more(row, by)
        row.declined_at = None if appears else timezone.now()
        row.save(update_fields=["declined_at"])
        _record(row, by, "said that they appear after all" if appears else "said that they do not appear")
    return True


# --- Steps ------------------------------------------------------------------------------------------------------------


def _name_no_more(row: models.SpeakerLink, by: Account | None) -> None:
    with suppress(NothingToWithdraw):
        naming.be_named_no_more(person=row.person, by=by)


def _hand_over(row: models.SpeakerLink, named: Person, own: Person, account: Account) -> None:
    """Their sessions to the person themselves, with what they agreed to; what others made of them goes."""
    enter_participant(
        by=account, meeting=row.meeting.public_id, note=NOTE, account=account, name=name_written(named) or own.public_id
    )
    agreed = naming_of(named)
    if agreed is not None and agreed.up_to_date:
        naming.agree_to_be_named(person=own, version=agreed.version, by=account)
    hand_programme_over(named=named, own=own)
    row.person = own
    _forget(named)


def _forget(named: Person) -> None:
    """The person that an organiser wrote down, where nothing else is left of them."""
    if not queries.is_known_otherwise(named):
        named.delete()


def _write(link: models.SpeakerLink, *, site: str) -> None:
    """The letter with the link: at which meeting, and nothing of what is written of them."""
    post_letter(
        to=link.email,
        kind="meetings/asked_to_appear",
        context={
            "meeting": title_of(link.meeting, link.language),
            "page_url": link_of(link, site=site, language=link.language),
        },
        host=urlsplit(site).netloc,
        language=link.language,
    )


def _locked(link: models.SpeakerLink) -> models.SpeakerLink:
    models.SpeakerLink.objects.select_for_update().get(pk=link.pk)
    return models.SpeakerLink.objects.select_related("meeting", "person__account").get(pk=link.pk)


def _record(row: models.SpeakerLink, by: Account | None, verb: str) -> None:
    record(by=by, verb=verb, subject=f"meeting {row.meeting.public_id}", person=row.person.public_id)
