"""Invitations: each bound to one address, sent once to each, sent again, taken back, declined, remembered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Access, Category, Entry
from samsvar.meetings.registration import OPEN, Standing
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.meeting.queries.facts import when_and_where
from samsvar.site.meetings.meeting.queries.opening import registration_is_open
from samsvar.site.meetings.registration.actions.emails import token_of, write_head, write_link, write_to
from samsvar.site.meetings.registration.actions.places import must_be_held, promote
from samsvar.site.meetings.registration.errors import InvitationGone, NotOpen, RegistrationError
from samsvar.site.meetings.registration.queries.own import open_invitations
from samsvar.site.network.access.permissions import Account, Person, on_day
from samsvar.site.network.directory.queries.participants import participants_for

OWN_ADDRESS_DAYS = 2  # how long the link lives that somebody asked for themselves
MOST_AT_ONCE = 500
REMIND_AFTER = timedelta(days=7)
MOST_SENT_AGAIN = 5  # links in answer to one wish
STILL_ASKED_FOR = timedelta(days=365)  # after a meeting, for a certificate
DAYS_BEFORE = timedelta(days=5)  # a train can still be booked, and the programme is out


class NotAddresses(RegistrationError):
    """Lines of a list are no addresses; nobody was written to."""

    code = "not_addresses"

    def __init__(self, lines: Iterable[int]) -> None:
        self.lines = tuple(lines)
        said = ", ".join(str(one) for one in self.lines[:20])
        super().__init__(_("These lines hold no e-mail address: %(lines)s.") % {"lines": said})


class TooManyAtOnce(RegistrationError):
    """More addresses than are taken at once."""

    code = "too_many_at_once"

    def __init__(self) -> None:
        super().__init__(_("At most %(most)s addresses are taken at once.") % {"most": MOST_AT_ONCE})


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a list: how many letters left, and how many addresses had an invitation already."""

    sent: int
    known: int


def addresses_in(text: str) -> list[str]:
    """The addresses of a pasted list, one a line or parted by commas and semicolons, each once and in small letters.

    "Name <address>" is read too; the name is left aside. Raises `NotAddresses` with the lines that hold none.
    """
    found: dict[str, None] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), start=1):
        for part in re.split(r"[,;]", line):
            part = part.strip()
            if not part:
                continue
            inside = re.search(r"<([^<>]+)>\s*$", part)
            address = (inside[1] if inside else part).strip().lower()
            try:
                validate_email(address)
            except ValidationError:
                wrong.append(number)
            else:
                found[address] = None
    if wrong:
        raise NotAddresses(sorted(set(wrong)))
    return list(found)


def invite(
    *,
    meeting: models.Meeting,
    addresses: Iterable[str],
    by: Account,
    site: str,
    expires_at: datetime,
    language: str = "en",
    category: str = Category.PARTICIPANT,
    group: str = "",
    state: str = "",
    people: Mapping[str, Person] | None = None,
) -> Sent:
    """Invite each of these addresses; who has an open invitation, a place or a turn in the line gets no second letter.

    Whoever declined, was refused or withdrawn is invited anew, and is the person they were.
    """
    must_manage(by, meeting)
    asked = list(dict.fromkeys(one.strip().lower() for one in addresses))
    if len(asked) > MOST_AT_ONCE:
        raise TooManyAtOnce
    with transaction.atomic():
        meeting = models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        must_be_held(meeting)
        known = set(
            meeting.invitations.filter(open_invitations(timezone.now()), email__in=asked).values_list(
                "email", flat=True
            )
        )
        known |= addresses_with_a_place(meeting, asked)
        before = people_before(meeting, asked)
        sent = 0
        for address in asked:
            if address in known:
                continue
            person = (people or {}).get(address) or before.get(address)
            row = make_invitation(
                meeting, address, by=by, expires_at=expires_at, language=language, category=category, group=group,
                state=state, person=person,
            )  # fmt: skip
            write_invitation(row, site=site)
            sent += 1
        if sent:
            record(by=by, verb="invited to a meeting", subject=f"meeting {meeting.public_id}", details={"sent": sent})
    return Sent(sent, len(asked) - sent)


def invite_members(
    *, meeting: models.Meeting, by: Account, site: str, expires_at: datetime, language: str = "en"
) -> Sent:
    """Invite everybody who is a member of the meeting's network today, at the address of their account or entry."""
    must_manage(by, meeting)
    if meeting.network is None:
        raise PermissionDenied
    today = timezone.now().date()
    members = list(
        Person.objects.filter(
            pk__in=meeting.network.memberships.filter(on_day(today)).values("person"), erased_at__isnull=True
        ).select_related("account")
    )
    views = participants_for(None, members, subject=f"meeting {meeting.public_id}", fields=(Field.EMAIL,))
    people: dict[str, Person] = {}
    for person in members:
        view = views.get(person.pk)
        address = person.account.email if person.account is not None else view.email if view is not None else ""
        if address:
            people.setdefault(address.strip().lower(), person)
    return invite(
        meeting=meeting, addresses=people, by=by, site=site, expires_at=expires_at, language=language, people=people
    )


def ask_for_link(*, meeting: models.Meeting, address: str, site: str, language: str) -> None:
    """Open registration: a link to the address, whoever it is of; what it says tells nobody who is known here."""
    address = address.strip().lower()
    now = timezone.now()
    with transaction.atomic():
        if meeting.entry != Entry.OPEN or not registration_is_open(meeting, now):
            raise NotOpen
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        has_a_place = Q(registration__standing__in=OPEN)
        rows = meeting.invitations.filter(open_invitations(now) | has_a_place, email=address)
        row = rows.order_by("pk").first()
        if row is None:
            until = now + timedelta(days=OWN_ADDRESS_DAYS)
            row = make_invitation(
                meeting, address, by=None, expires_at=until, language=language,
                person=people_before(meeting, [address]).get(address),
            )  # fmt: skip
        write_invitation(row, site=site, kind="confirm_address")


def send_again(*, invitation: models.MeetingInvitation, by: Account, site: str, days: int = 14) -> None:
    """Write once more, and let the link live at least some days longer."""
    must_manage(by, invitation.meeting)
    must_be_held(invitation.meeting)
    with transaction.atomic():
        row = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
        if row.withdrawn_at or row.answered_at or row.declined_at:
            raise InvitationGone
        row.expires_at = max(row.expires_at, timezone.now() + timedelta(days=days))
        row.save(update_fields=["expires_at"])
        write_invitation(row, site=site)
        record(by=by, verb="invited to a meeting again", subject=f"meeting invitation {row.public_id}")


def withdraw_invitation(*, invitation: models.MeetingInvitation, by: Account) -> None:
    """Take an invitation back; its link opens nothing from now on. Who has registered keeps the registration."""
    must_manage(by, invitation.meeting)
    with transaction.atomic():
        taken = models.MeetingInvitation.objects.filter(
            pk=invitation.pk, answered_at__isnull=True, withdrawn_at__isnull=True
        ).update(withdrawn_at=timezone.now())
        if not taken:
            raise InvitationGone
        record(by=by, verb="withdrew a meeting invitation", subject=f"meeting invitation {invitation.public_id}")


def decline_invitation(*, invitation: models.MeetingInvitation, by: Account | None) -> None:
    """Say no without registering; twice does no harm."""
    with transaction.atomic():
        now = timezone.now()
        row = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
        if row.declined_at:
            return
        if row.withdrawn_at or row.answered_at or row.expires_at <= now:
            raise InvitationGone
        row.answered_at = row.declined_at = now
        row.save(update_fields=["answered_at", "declined_at"])
        record(by=by, verb="declined a meeting invitation", subject=f"meeting invitation {row.public_id}")


def remind(*, meeting: models.Meeting, site: str, now: datetime | None = None) -> int:
    """Remind once whoever was invited or named a week ago and has not answered, and heads with places to name for.

    Whoever is invited is reminded while registration is open; whoever is named answers before and after it, too.
    """
    now = now or timezone.now()
    if meeting.cancelled_at:
        return 0
    count, asked = 0, Q(delegation__isnull=False)
    if registration_is_open(meeting, now):
        asked |= Q(invited_by__isnull=False)
    with transaction.atomic():
        waiting = meeting.invitations.filter(
            open_invitations(now), asked, reminded_at__isnull=True, at__lte=now - REMIND_AFTER
        ).select_for_update()
        for row in waiting:
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            kind = "invitation_reminder" if row.delegation_id is None else "nominated_reminder"
            write_invitation(row, site=site, kind=kind)
            count += 1
        heads = meeting.delegations.filter(nominate_until__gt=now).exclude(head_email="")
        for one in heads.filter(
            Q(reminded_at__isnull=True) | Q(reminded_at__lte=now - REMIND_AFTER), at__lte=now - REMIND_AFTER
        ):
            held = one.registrations.filter(standing__in=[s.value for s in Standing if s.holds_a_place]).count()
            if held >= one.places:
                continue
            one.reminded_at = now
            one.save(update_fields=["reminded_at"])
            write_head(one, "delegation_reminder", site=site)
            count += 1
    return count


def remind_of_days(*, meeting: models.Meeting, site: str, now: datetime) -> int:
    """Once, some days before the first: when and where it is, and where the programme and one's own ticket are."""
    if meeting.begins > now.date() + DAYS_BEFORE:
        return 0
    count = 0
    with transaction.atomic():
        coming = meeting.registrations.filter(standing=Standing.CONFIRMED, told_of_days_at__isnull=True)
        for row in coming.select_for_update(of=("self",)).select_related("person__account", "invitation", "meeting"):
            row.told_of_days_at = now
            row.save(update_fields=["told_of_days_at"])
            with override(row.language):
                programme = ""
                if meeting.version and meeting.access == Access.PUBLIC:
                    page = urljoin(site, reverse("meetings:programme", args=[meeting.public_id]))
                    programme = "\n\n" + _("The programme: %(page)s") % {"page": page}
            when = when_and_where(meeting, row.language)
            write_to(row, "coming", site=site, when=when, programme=programme)
            count += 1
    return count


def remind_all(*, now: datetime, site: str) -> int:
    """Every day, for each meeting to come: reminders, and places that an erasure has freed to those who wait."""
    count = 0
    for meeting in models.Meeting.objects.filter(begins__gt=now.date(), cancelled_at__isnull=True):
        count += remind(meeting=meeting, site=site, now=now) + remind_of_days(meeting=meeting, site=site, now=now)
        with transaction.atomic():
            promote(meeting, site=site)
    return count


# --- Steps ------------------------------------------------------------------------------------------------------------


def addresses_with_a_place(meeting: models.Meeting, addresses: Sequence[str]) -> set[str]:
    """Which of these have an open registration, by the invitation's address or by that of the account."""
    rows = meeting.registrations.filter(standing__in=OPEN)
    by_letter = rows.filter(invitation__email__in=addresses).values_list("invitation__email", flat=True)
    by_account = rows.filter(person__account__email__in=addresses).values_list("person__account__email", flat=True)
    return set(by_letter) | set(by_account)


def people_before(meeting: models.Meeting, addresses: Sequence[str]) -> dict[str, Person]:
    """Who was registered under these addresses before, and is not any more: they come back as the person they were."""
    rows = meeting.registrations.filter(invitation__email__in=addresses, person__isnull=False)
    return {
        row.invitation.email: row.person
        for row in rows.select_related("invitation", "person").order_by("pk")
        if row.invitation is not None and row.person is not None
    }


def make_invitation(
    meeting: models.Meeting,
    address: str,
    *,
    by: Account | None,
    expires_at: datetime,
    language: str,
    category: str = Category.PARTICIPANT,
    group: str = "",
    state: str = "",
    person: Person | None = None,
    delegation: models.Delegation | None = None,
) -> models.MeetingInvitation:
    row = models.MeetingInvitation(
        meeting=meeting, email=address, language=language, category=category, group=group, state_id=state or None,
        person=person, delegation=delegation, invited_by=by, expires_at=expires_at,
    )  # fmt: skip
    row.token_hash = secret_hash(token_of(row))
    row.save()
    return row


def write_invitation(row: models.MeetingInvitation, *, site: str, kind: str = "invitation") -> None:
    write_link(row, row.email, kind, row.language, row.expires_at, site=site)


def send_links_again(*, address: str, site: str, now: datetime | None = None) -> int:
    """Write to this address what it was written before: the link of each registration of theirs that is not over.

    Whoever has an account is led to that. What was sent is no answer to whoever asked; how many is for tests.
    """
    now = now or timezone.now()
    address = address.strip().lower()
    theirs = models.Registration.objects.filter(
        Q(person__account__isnull=True, invitation__email=address) | Q(person__account__email=address),
        standing__in=OPEN,
        person__isnull=False,
        meeting__ends__gte=(now - STILL_ASKED_FOR).date(),
    ).exclude(standing=Standing.NOMINATED)
    rows = list(theirs.select_related("meeting", "person__account", "invitation").order_by("-at")[:MOST_SENT_AGAIN])
    with transaction.atomic():
        for row in rows:
            write_to(row, "link_again", site=site)
    return len(rows)
