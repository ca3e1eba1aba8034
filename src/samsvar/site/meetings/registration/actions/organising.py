"""Actions for organisers: set quotas, register a group from a table, and export the registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import MAX_ORGANISATION_LENGTH, Field, Group, parse_unlisted_organisation
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.registration import table_headings as words_table
from samsvar.site.meetings.registration.actions.delegations import FewerPlacesThanTaken
from samsvar.site.meetings.registration.actions.emails import EMAIL_FOR_STATUS, email_participant, link_token
from samsvar.site.meetings.registration.actions.invitations import (
    create_invitation,
    former_registrants,
    registered_addresses,
)
from samsvar.site.meetings.registration.actions.places import (
    check_not_cancelled,
    lock_waiting_list,
    promote_from_waiting_list,
    record_registration_change,
    take_place_or_wait,
)
from samsvar.site.meetings.registration.errors import RegistrationError
from samsvar.site.meetings.registration.queries.quotas import (
    PLACE_HOLDING_STATUSES,
    delegation_quotas,
    registration_quotas,
)
from samsvar.site.meetings.registration.queries.registrations import RegistrationRow, build_registration_row
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.participants import get_or_create_participant
from samsvar.site.network.directory.queries.organisations import organisation_field_values
from samsvar.site.network.directory.queries.participants import get_visible_participants, responsible_networks
from samsvar.site.network.membership.actions.exports import notify_before_export

GROUP_COLUMNS = ("name", "email", "country", "group", "category", "title", "organisation", "language")
REQUIRED_COLUMNS = ("name", "email")
MAX_ROWS = 500
LIST_COLUMNS: Mapping[str, Callable[[RegistrationRow], object]] = {
    "id": lambda line: line.registration.public_id,
    "status": lambda line: line.registration.status,
    "name": lambda line: line.view.name if line.view else "",
    "title": lambda line: line.view.title if line.view else "",
    "organisation": lambda line: line.view.organisation.label if line.view and line.view.organisation else "",
    "country": lambda line: line.state,
    "group": lambda line: line.registration.group,
    "category": lambda line: line.registration.category,
    "email": lambda line: line.view.email if line.view else "",
    "delegation": lambda line: (
        line.registration.delegation.public_id if line.registration.delegation and not line.at_risk else ""
    ),
    "waiting_number": lambda line: line.registration.waiting_number or "",
    "photographs": lambda line: line.photographs,
    "registered": lambda line: line.registration.at.isoformat(timespec="minutes"),
}


# --- Quotas -----------------------------------------------------------------------------------------------------------


def set_quota(*, meeting: models.Meeting, by: Account, kind: str, key: str, places: int) -> models.Quota:
    """Set the number of places in a quota, never below those taken. Added places go to the waiting list."""
    check_can_manage(by, meeting)
    with transaction.atomic():
        lock_waiting_list(meeting)
        quota = models.Quota.objects.select_for_update().filter(meeting=meeting, kind=kind, key=key).first()
        if quota is None:
            quota = models.Quota(meeting=meeting, kind=kind, key=key, places=places)
            holders = meeting.registrations.filter(status__in=PLACE_HOLDING_STATUSES)
            quota.taken = sum(bool(registration_quotas(row, [quota])) for row in holders)
            delegations = meeting.delegations.filter(reserved__gt=0).select_related("organisation")
            quota.taken += sum(one.reserved for one in delegations if delegation_quotas(one, [quota]))
        if places < quota.taken:
            raise FewerPlacesThanTaken(quota.taken)
        quota.places = places
        quota.save()
        record(
            by=by, verb="set a quota", subject=f"meeting {meeting.public_id}",
            details={"kind": kind, "key": key, "places": places},
        )  # fmt: skip
        promote_from_waiting_list(meeting)
    return quota


def remove_quota(*, quota: models.Quota, by: Account) -> None:
    """Remove a quota. People who were waiting only for this quota get a place."""
    check_can_manage(by, quota.meeting)
    with transaction.atomic():
        lock_waiting_list(quota.meeting)
        models.Quota.objects.filter(pk=quota.pk).delete()
        record(
            by=by, verb="removed a quota", subject=f"meeting {quota.meeting.public_id}",
            details={"kind": quota.kind, "key": quota.key},
        )  # fmt: skip
        promote_from_waiting_list(quota.meeting)


# --- A group from a table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellError:
    """An error in one cell of a table. `row` is numbered as in a spreadsheet, where row 1 contains the headings."""

    row: int
    column: str
    message: str


class InvalidGroupTable(RegistrationError):
    """Raised when a table has errors. No one in it is registered."""

    def __init__(self, errors: Sequence[CellError]) -> None:
        super().__init__(_("The file contains errors."), _("Correct the errors, then import the whole file again."))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class GroupRegistrationResult:
    """The numbers of people in a table who got a place, are waiting, or were already registered."""

    placed: int
    waiting: int
    already_registered: int


def parse_group_table(meeting: models.Meeting, cells: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Parse a table with headings and check every cell. Raises `InvalidGroupTable` with all errors."""
    if not cells:
        raise InvalidGroupTable([CellError(1, "", _("The file is empty."))])
    headings = [words_table.parse_heading(one) or one.strip() for one in cells[0]]
    errors = [CellError(1, one, _("This column is missing.")) for one in REQUIRED_COLUMNS if one not in headings]
    errors += [
        CellError(1, one, _("This column is not recognised.")) for one in headings if one and one not in GROUP_COLUMNS
    ]
    twice = {one for one in headings if one in GROUP_COLUMNS and headings.count(one) > 1}
    errors += [CellError(1, one, _("This column appears twice.")) for one in sorted(twice)]
    if len(cells) - 1 > MAX_ROWS:
        errors.append(CellError(1, "", _("You can import up to %(most)s rows at a time.") % {"most": MAX_ROWS}))
    if errors:
        raise InvalidGroupTable(errors)
    groups, categories = {one.value for one in Group}, {one.value for one in ParticipantCategory}
    rows: list[dict[str, str]] = []
    first_rows: dict[str, int] = {}
    for number, row_cells in enumerate(cells[1:], start=2):
        row = {name: (row_cells[at].strip() if at < len(row_cells) else "") for at, name in enumerate(headings) if name}
        if not any(row.values()):
            continue
        row["email"] = row["email"].lower()
        for column, parse in words_table.VALUE_PARSERS.items():
            row[column] = parse(row.get(column, "")) or row.get(column, "")
        if not row["name"] or len(row["name"]) > 120:
            errors.append(CellError(number, "name", _("Enter a name of up to 120 characters.")))
        if len(body := row.get("organisation", "")) > MAX_ORGANISATION_LENGTH and _is_unlisted_organisation(
            body, row["country"]
        ):
            errors.append(CellError(number, "organisation", _("Enter a name of up to 120 characters.")))
        try:
            validate_email(row["email"])
        except ValidationError:
            errors.append(CellError(number, "email", _("This is not a valid email address.")))
        if row["email"] in first_rows:
            message = _("The same address appears in row %(row)s.") % {"row": first_rows[row["email"]]}
            errors.append(CellError(number, "email", message))
        first_rows.setdefault(row["email"], number)
        if row["country"] and words_table.parse_country(row["country"]) is None:
            errors.append(CellError(number, "country", _("This country is not recognised.")))
        if row.get("group") and row["group"] not in groups:
            options = ", ".join(sorted(groups))
            errors.append(CellError(number, "group", _("Use one of: %(words)s.") % {"words": options}))
        if row.get("category") and row["category"] not in categories:
            options = ", ".join(sorted(categories))
            errors.append(CellError(number, "category", _("Use one of: %(words)s.") % {"words": options}))
        rows.append(row)
    if errors:
        raise InvalidGroupTable(errors)
    return rows


def _is_unlisted_organisation(organisation: str, country: str) -> bool:
    return bool(parse_unlisted_organisation(organisation_field_values([(organisation, country)])[0]))


def register_group(
    *, meeting: models.Meeting, by: Account, rows: Sequence[Mapping[str, str]], now: datetime | None = None
) -> GroupRegistrationResult:
    """Register everyone in a table checked by `parse_group_table`, in the order of the table, or no one.

    An organisation is linked to one in our list if it has the same name; otherwise the text of the table is used.
    People already registered are not changed, so importing the same table twice has no further effect.
    """
    check_can_manage(by, meeting)
    check_not_cancelled(meeting)
    now = now or timezone.now()
    placed = waiting = already_registered = 0
    with transaction.atomic():
        lock_waiting_list(meeting)
        addresses = [row["email"] for row in rows]
        known_addresses = registered_addresses(meeting, addresses)
        bodies = organisation_field_values([(row.get("organisation", ""), row.get("country", "")) for row in rows])
        for row, body in zip(rows, bodies, strict=True):
            if row["email"] in known_addresses:
                already_registered += 1
                continue
            language = row.get("language", "")
            registration = register_another_person(
                meeting=meeting, by=by, now=now, note="registered by the organiser, with a table", name=row["name"],
                email=row["email"], title=row.get("title", "")[:120], organisation=body,
                country=row.get("country", ""), group=row.get("group", ""), category=row.get("category", ""),
                language=language if language in meeting.languages else "en",
            )  # fmt: skip
            email_participant(registration, EMAIL_FOR_STATUS[RegistrationStatus(registration.status)])
            if registration.status == RegistrationStatus.WAITING:
                waiting += 1
            else:
                placed += 1
        record(
            by=by, verb="registered a group", subject=f"meeting {meeting.public_id}",
            details={"placed": placed, "waiting": waiting, "known": already_registered},
        )  # fmt: skip
    return GroupRegistrationResult(placed, waiting, already_registered)


def register_another_person(
    *,
    meeting: models.Meeting,
    by: Account,
    now: datetime,
    note: str,
    name: str,
    email: str = "",
    title: str = "",
    organisation: str = "",
    country: str = "",
    group: str = "",
    category: str = "",
    language: str = "en",
    listed: str = AccessLevel.ORGANISERS.value,
    photographs: bool | None = None,
    knows_people_at_risk: bool = True,
) -> models.Registration:
    """Register someone on an organiser's behalf, with a place or on the waiting list. The caller sends the email.

    An unanswered invitation to the same address counts as answered. With `knows_people_at_risk` False, the address of
    a person at risk is that of a stranger: a new person is created for it, and their own invitation stays open.
    """
    category = category or ParticipantCategory.PARTICIPANT.value
    open_invitation, known_person = None, None
    if email:
        unanswered = meeting.invitations.filter(email=email, registration__isnull=True, withdrawn_at__isnull=True)
        unanswered = unanswered.filter(declined_at__isnull=True)
        if not knows_people_at_risk:
            unanswered = unanswered.exclude(person__at_risk=True)
        open_invitation = unanswered.order_by("pk").first()
        known_person = former_registrants(meeting, [email]).get(email)
    if open_invitation is not None:
        known_person = open_invitation.person
    if known_person is not None and known_person.at_risk and not knows_people_at_risk:
        known_person = None
    person = get_or_create_participant(
        by=by, meeting=meeting.public_id, note=note, name=name, email=email, title=title, organisation=organisation,
        country=country, group=group, fictional=meeting.fictional, person=known_person,
    )  # fmt: skip
    invitation = open_invitation
    if email and invitation is None:
        invitation = create_invitation(
            meeting, email, by=by, expires_at=meeting.closes_at or now, language=language, category=category,
            group=group, state=country, person=person,
        )  # fmt: skip
    if invitation is not None:
        invitation.answered_at, invitation.person = now, person
        invitation.save(update_fields=["answered_at", "person"])
    registration = models.Registration(
        meeting=meeting, person=person, invitation=invitation, category=category, group=group,
        state_id=country or None, counts_by_country=not person.at_risk, language=language, listed=listed,
        photographs=photographs,
    )  # fmt: skip
    registration.token_hash = hash_secret(link_token(registration))
    take_place_or_wait(registration, now)
    registration.save()
    keep_pseudonyms(person=person)
    record_registration_change(registration, by, "registered a participant")
    return registration


# --- Exporting the list -----------------------------------------------------------------------------------------------


def export_registrations(
    *, meeting: models.Meeting, by: Account, with_people_at_risk: bool = False, why: str = ""
) -> list[dict[str, object]]:
    """Return every registration as a row of `LIST_COLUMNS`. The export is recorded in the audit log.

    People at risk are left out unless `with_people_at_risk` is set, which requires a reason. If they are included,
    every secretariat concerned is emailed before the list is returned. Their country, organisation and delegation are
    never included.
    """
    check_can_manage(by, meeting)
    wanted = meeting.registrations.select_related("person", "person__account", "delegation", "invitation")
    if not with_people_at_risk:
        wanted = wanted.exclude(person__at_risk=True)
    fields = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.EMAIL)
    with transaction.atomic():
        registrations = list(wanted.order_by("pk"))
        people = {one.person.pk: one.person for one in registrations if one.person is not None}
        at_risk = [person for person in people.values() if person.at_risk]
        if at_risk:
            notify_before_export(
                count=len(at_risk), reason=why, networks=responsible_networks(at_risk, meeting.network),
                kind="meetings/list_with_people_at_risk", page="meetings:meeting",
                args=[meeting.public_id],
                meeting=meeting.get_title(meeting.original_language),
            )  # fmt: skip
        views = get_visible_participants(by, people.values(), subject=f"meeting {meeting.public_id}", fields=fields)
        record(
            by=by, verb="exported registrations", subject=f"meeting {meeting.public_id}",
            details={"people": len(registrations), "at_risk": len(at_risk)}, reason=why.strip()[:300],
        )  # fmt: skip
    lines = [build_registration_row(registration, views) for registration in registrations]
    return [{column: value_of(line) for column, value_of in LIST_COLUMNS.items()} for line in lines]
