"""What organisers set up and take out: quotas, a group by table, the list of registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Access, Category
from samsvar.meetings.registration import Standing
from samsvar.network.people import LONGEST_ORGANISATION, Field, Group, words_of_organisation
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.registration import table_headings as words_table
from samsvar.site.meetings.registration.actions.delegations import FewerThanTaken
from samsvar.site.meetings.registration.actions.emails import LETTER_OF, title_of, token_of, write_to
from samsvar.site.meetings.registration.actions.invitations import (
    addresses_with_a_place,
    make_invitation,
    people_before,
)
from samsvar.site.meetings.registration.actions.places import (
    HOLDING,
    _record,
    _take_or_wait,
    lock_line,
    must_be_held,
    promote,
    quotas_of,
    quotas_of_delegation,
)
from samsvar.site.meetings.registration.errors import RegistrationError
from samsvar.site.meetings.registration.queries.registrations import photographs_of
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.participants import enter_participant
from samsvar.site.network.directory.queries.organisations import values_of_organisations
from samsvar.site.network.directory.queries.participants import networks_of, participants_for
from samsvar.site.network.membership.actions.exports import tell_before_it_leaves

COLUMNS = ("name", "email", "country", "group", "category", "title", "organisation", "language")
NEEDED = ("name", "email")
MOST_ROWS = 500
LIST_COLUMNS = (
    "id", "standing", "name", "title", "organisation", "country", "group", "category", "email", "delegation",
    "waiting_number", "photographs", "registered",
)  # fmt: skip


# --- Quotas -----------------------------------------------------------------------------------------------------------


def set_quota(*, meeting: models.Meeting, by: Account, kind: str, key: str, places: int, site: str) -> models.Quota:
    """So many places of one kind, never below what is taken; more of them go to those who wait."""
    must_manage(by, meeting)
    with transaction.atomic():
        lock_line(meeting)
        quota = models.Quota.objects.select_for_update().filter(meeting=meeting, kind=kind, key=key).first()
        if quota is None:
            quota = models.Quota(meeting=meeting, kind=kind, key=key, places=places)
            held = meeting.registrations.filter(standing__in=HOLDING)
            quota.taken = sum(bool(quotas_of(row, [quota])) for row in held)
            kept = meeting.delegations.filter(reserved__gt=0).select_related("organisation")
            quota.taken += sum(one.reserved for one in kept if quotas_of_delegation(one, [quota]))
        if places < quota.taken:
            raise FewerThanTaken(quota.taken)
        quota.places = places
        quota.save()
        record(
            by=by, verb="set a quota", subject=f"meeting {meeting.public_id}",
            details={"kind": kind, "key": key, "places": places},
        )  # fmt: skip
        promote(meeting, site=site)
    return quota


def remove_quota(*, quota: models.Quota, by: Account, site: str) -> None:
    """Count this no more; those who waited for it alone get a place."""
    must_manage(by, quota.meeting)
    with transaction.atomic():
        lock_line(quota.meeting)
        models.Quota.objects.filter(pk=quota.pk).delete()
        record(
            by=by, verb="removed a quota", subject=f"meeting {quota.meeting.public_id}",
            details={"kind": quota.kind, "key": quota.key},
        )  # fmt: skip
        promote(quota.meeting, site=site)


# --- A group by table -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in one cell of a table; `row` as a spreadsheet counts, 1 for the headings."""

    row: int
    column: str
    says: str


class WrongTable(RegistrationError):
    """A table with mistakes; nobody of it was registered."""

    code = "wrong_table"

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(_("The table has mistakes."), _("Mend them, and bring the whole table again."))
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True)
class Grouped:
    """What became of a table: how many got a place or a held one, wait, and were there already."""

    placed: int
    waiting: int
    known: int


def read_group(meeting: models.Meeting, cells: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """The rows of a table with headings, looked through cell by cell; raises `WrongTable` with all that is wrong."""
    if not cells:
        raise WrongTable([Wrong(1, "", _("The table is empty."))])
    head = [words_table.heading_of(one) or one.strip() for one in cells[0]]
    wrong = [Wrong(1, one, _("This column is missing.")) for one in NEEDED if one not in head]
    wrong += [Wrong(1, one, _("There is no such column.")) for one in head if one and one not in COLUMNS]
    twice = {one for one in head if one in COLUMNS and head.count(one) > 1}
    wrong += [Wrong(1, one, _("This column stands there twice.")) for one in sorted(twice)]
    if len(cells) - 1 > MOST_ROWS:
        wrong.append(Wrong(1, "", _("At most %(most)s rows are taken at once.") % {"most": MOST_ROWS}))
    if wrong:
        raise WrongTable(wrong)
    groups, categories = {one.value for one in Group}, {one.value for one in Category}
    rows: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(cells[1:], start=2):
        row = {name: (line[at].strip() if at < len(line) else "") for at, name in enumerate(head) if name}
        if not any(row.values()):
            continue
        row["email"] = row["email"].lower()
        row["country"] = words_table.country_of(row.get("country", "")) or row.get("country", "")
        row["group"] = words_table.group_of(row.get("group", "")) or row.get("group", "")
        row["category"] = words_table.category_of(row.get("category", "")) or row.get("category", "")
        row["language"] = words_table.language_of(row.get("language", "")) or row.get("language", "")
        if not row["name"] or len(row["name"]) > 120:
            wrong.append(Wrong(number, "name", _("A name of at most 120 characters is needed.")))
        if len(body := row.get("organisation", "")) > LONGEST_ORGANISATION and _unlisted(body, row["country"]):
            wrong.append(Wrong(number, "organisation", _("A name of at most 120 characters is needed.")))
        try:
            validate_email(row["email"])
        except ValidationError:
            wrong.append(Wrong(number, "email", _("This is no e-mail address.")))
        if row["email"] in seen:
            wrong.append(
                Wrong(number, "email", _("The same address stands in row %(row)s.") % {"row": seen[row["email"]]})
            )
        seen.setdefault(row["email"], number)
        if row["country"] and words_table.country_of(row["country"]) is None:
            wrong.append(Wrong(number, "country", _("This is no country that is known here.")))
        if row.get("group") and row["group"] not in groups:
            wrong.append(Wrong(number, "group", _("It is one of: %(words)s.") % {"words": ", ".join(sorted(groups))}))
        if row.get("category") and row["category"] not in categories:
            said = ", ".join(sorted(categories))
            wrong.append(Wrong(number, "category", _("It is one of: %(words)s.") % {"words": said}))
        rows.append(row)
    if wrong:
        raise WrongTable(wrong)
    return rows


def _unlisted(organisation: str, country: str) -> bool:
    return bool(words_of_organisation(values_of_organisations([(organisation, country)])[0]))


def register_group(
    *, meeting: models.Meeting, by: Account, rows: Sequence[Mapping[str, str]], site: str, now: datetime | None = None
) -> Grouped:
    """Register everybody of a table that `read_group` has looked through, in its order, or nobody.

    An organisation is one of ours where the table writes its name as the list does, else the words of the table.
    Who is registered already stays as they are, so that the same table brought twice changes nothing.
    """
    must_manage(by, meeting)
    must_be_held(meeting)
    now = now or timezone.now()
    placed = waiting = known = 0
    with transaction.atomic():
        lock_line(meeting)
        addresses = [row["email"] for row in rows]
        there = addresses_with_a_place(meeting, addresses)
        bodies = values_of_organisations([(row.get("organisation", ""), row.get("country", "")) for row in rows])
        for row, body in zip(rows, bodies, strict=True):
            if row["email"] in there:
                known += 1
                continue
            language = row.get("language", "")
            made = register_somebody(
                meeting=meeting, by=by, now=now, note="registered by the organiser, with a table", name=row["name"],
                email=row["email"], title=row.get("title", "")[:120], organisation=body,
                country=row.get("country", ""), group=row.get("group", ""), category=row.get("category", ""),
                language=language if language in meeting.languages else "en",
            )  # fmt: skip
            write_to(made, LETTER_OF[Standing(made.standing)], site=site)
            if made.standing == Standing.WAITING:
                waiting += 1
            else:
                placed += 1
        record(
            by=by, verb="registered a group", subject=f"meeting {meeting.public_id}",
            details={"placed": placed, "waiting": waiting, "known": known},
        )  # fmt: skip
    return Grouped(placed, waiting, known)


def register_somebody(
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
    listed: str = Access.ORGANISERS.value,
    photographs: bool | None = None,
) -> models.Registration:
    """Somebody in whose name another asks: a place, or a number in the line. No letter yet; who calls this writes it.

    An invitation to the same address that waits for an answer has its answer with it.
    """
    category = category or Category.PARTICIPANT.value
    open_one = None
    if email:
        unanswered = meeting.invitations.filter(email=email, registration__isnull=True, withdrawn_at__isnull=True)
        open_one = unanswered.filter(declined_at__isnull=True).order_by("pk").first()
    person = enter_participant(
        by=by, meeting=meeting.public_id, note=note, name=name, email=email, title=title, organisation=organisation,
        country=country, group=group, invented=meeting.invented,
        person=open_one.person if open_one is not None else people_before(meeting, [email]).get(email),
    )  # fmt: skip
    invitation = open_one
    if email and invitation is None:
        invitation = make_invitation(
            meeting, email, by=by, expires_at=meeting.closes_at or now, language=language, category=category,
            group=group, state=country, person=person,
        )  # fmt: skip
    if invitation is not None:
        invitation.answered_at, invitation.person = now, person
        invitation.save(update_fields=["answered_at", "person"])
    made = models.Registration(
        meeting=meeting, person=person, invitation=invitation, category=category, group=group,
        state_id=country or None, language=language, listed=listed, photographs=photographs,
    )  # fmt: skip
    made.token_hash = secret_hash(token_of(made))
    _take_or_wait(made, now)
    made.save()
    _record(made, by, "registered somebody")
    return made


# --- The list taken out -----------------------------------------------------------------------------------------------


def export_registrations(
    *, meeting: models.Meeting, by: Account, site: str, with_people_at_risk: bool = False, why: str = ""
) -> list[dict[str, object]]:
    """Every registration as a row of `LIST_COLUMNS`; it stands in the trail.

    People at risk are left out unless somebody says for what they are needed; then every secretariat concerned gets a
    letter before the list is handed over. Their country, organisation and delegation are told to nobody even so.
    """
    must_manage(by, meeting)
    wanted = meeting.registrations.select_related("person", "person__account", "delegation", "invitation")
    if not with_people_at_risk:
        wanted = wanted.exclude(person__at_risk=True)
    fields = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.EMAIL)
    with transaction.atomic():
        rows = list(wanted.order_by("pk"))
        people = {row.person.pk: row.person for row in rows if row.person is not None}
        at_risk = [person for person in people.values() if person.at_risk]
        if at_risk:
            tell_before_it_leaves(
                count=len(at_risk), why=why, networks=networks_of(at_risk, meeting.network), site=site,
                kind="meetings/list_with_people_at_risk", page="meetings:meeting",
                args=[meeting.public_id], meeting=title_of(meeting, meeting.languages[0] if meeting.languages else ""),
            )  # fmt: skip
        views = participants_for(by, people.values(), subject=f"meeting {meeting.public_id}", fields=fields)
        record(
            by=by, verb="exported registrations", subject=f"meeting {meeting.public_id}",
            details={"people": len(rows), "at_risk": len(at_risk)}, why=why.strip()[:300],
        )  # fmt: skip
    told: list[dict[str, object]] = []
    for row in rows:
        view = views.get(row.person_id) if row.person_id is not None else None
        hidden = row.person is not None and row.person.at_risk
        told.append(
            {
                "id": row.public_id,
                "standing": row.standing,
                "name": view.name if view is not None else "",
                "title": view.title if view is not None else "",
                "organisation": view.organisation.shown if view is not None and view.organisation else "",
                "country": "" if hidden else row.state_id or "",
                "group": row.group,
                "category": row.category,
                "email": view.email if view is not None else "",
                "delegation": "" if hidden or row.delegation is None else row.delegation.public_id,
                "waiting_number": row.waiting_number or "",
                "photographs": photographs_of(row),
                "registered": row.at.isoformat(timespec="minutes"),
            }
        )
    return told
