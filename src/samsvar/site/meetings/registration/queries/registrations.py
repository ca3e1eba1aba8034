"""Registrations, delegations and invitations as organisers see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from samsvar.languages import best
from samsvar.meetings.registration import Opening, QuotaKind, Standing
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.facts import told_to_the_invited
from samsvar.site.meetings.meeting.queries.opening import opening_of
from samsvar.site.meetings.registration.queries.own import _delegations, _registrations, place_in_line
from samsvar.site.meetings.registration.queries.questions import still_to_answer
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.directory.queries.people import PersonView
from samsvar.site.network.emails.email_templates import Written, write

A_PAGE = 50
FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.EMAIL)

PHOTOGRAPHS = ("yes", "no", "unsaid")


def photographs_of(row: models.Registration) -> str:
    """Whether somebody may be photographed, as one of `PHOTOGRAPHS`; of people at risk it is no, whatever they said."""
    if row.person is not None and row.person.at_risk:
        return "no"
    return {True: "yes", False: "no", None: "unsaid"}[row.photographs]


def photographs_among(rows: QuerySet[models.Registration]) -> dict[str, int]:
    """How many of these said yes, no or nothing to being photographed; people at risk count as no."""
    return {said: rows.filter(_photographed(said)).count() for said in PHOTOGRAPHS}


def _photographed(said: str) -> Q:
    """The same as a question to the database."""
    at_risk = Q(person__isnull=False, person__at_risk=True)
    match said:
        case "yes":
            return Q(photographs=True) & ~at_risk
        case "no":
            return Q(photographs=False) | at_risk
        case _:
            return Q(photographs__isnull=True) & ~at_risk


@dataclass(frozen=True, slots=True)
class Line:
    """One registration with the person as those who run the meeting may see them."""

    row: models.Registration
    view: PersonView | None
    state: str  # "" for people at risk
    in_line: int = 0  # 1 for the next
    instead_of: str = ""  # the name of whoever was named before

    @property
    def photographs(self) -> str:
        return photographs_of(self.row)

    @property
    def holds(self) -> bool:
        return Standing(self.row.standing).holds_a_place


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """A quota, and how many wait who would fall under it."""

    quota: models.Quota
    free: int
    waiting: int


def organisations() -> QuerySet[Any]:
    """The bodies that somebody can say they come from."""
    table: Any = models.Delegation._meta.get_field("organisation").related_model
    found: QuerySet[Any] = table.objects.only("public_id", "name").order_by("name")
    return found


# --- Delegations ------------------------------------------------------------------------------------------------------


def delegation_by(meeting: models.Meeting, public_id: str) -> models.Delegation | None:
    return _delegations().filter(meeting=meeting, public_id=public_id).first()


def delegation_lines(delegation: models.Delegation) -> list[Line]:
    """Whom the head has named, and how each stands: the head wrote the names down and sees them again."""
    lines = _lines(None, delegation.registrations.order_by("pk"), subject=f"delegation {delegation.public_id}")
    names = {line.row.pk: line.view.name if line.view is not None else "" for line in lines}
    return [replace(line, instead_of=names.get(line.row.replaces_id or 0, "")) for line in lines]


def delegations_of(meeting: models.Meeting) -> list[models.Delegation]:
    held = Q(registrations__standing__in=[one.value for one in Standing if one.holds_a_place])
    confirmed = Q(registrations__standing=Standing.CONFIRMED)
    return list(
        _delegations()
        .filter(meeting=meeting)
        .annotate(
            held=Count("registrations", filter=held, distinct=True),
            confirmed=Count("registrations", filter=confirmed, distinct=True),
        )
    )


# --- For the organiser ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPage:
    """The organiser's list: a page of it, what it can be narrowed to, and how each quota stands."""

    lines: tuple[Line, ...]
    pages: Page
    counts: Mapping[str, int]  # by standing, of all
    quotas: tuple[QuotaLine, ...]
    opening: Opening
    photographs: Mapping[str, int]  # of those with a place: how many may, may not, have not said


def registrations_page(user: User, meeting: models.Meeting, wanted: Mapping[str, str], page: str | None) -> ListPage:
    """A page of the registrations narrowed as asked, in the order of the line where they wait, else the last first."""
    rows = narrowed(meeting, wanted)
    order = ("waiting_number",) if wanted.get("standing") == Standing.WAITING else ("-at", "-pk")
    pages = Paginator(rows.order_by(*order), A_PAGE).get_page(page)
    lines = _lines(user, pages.object_list, subject=f"meeting {meeting.public_id}")
    counted = dict(meeting.registrations.values_list("standing").annotate(n=Count("pk")).order_by())
    confirmed = meeting.registrations.filter(standing=Standing.CONFIRMED)
    photographs = photographs_among(confirmed)
    return ListPage(tuple(lines), pages, counted, tuple(quota_lines(meeting)), opening_of(meeting), photographs)


def narrowed(meeting: models.Meeting, wanted: Mapping[str, str]) -> QuerySet[models.Registration]:
    """By standing, country, group, category, delegation and open answers; people at risk by no country."""
    rows = meeting.registrations.all()
    for name in ("standing", "group", "category"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("photographs") in PHOTOGRAPHS:
        rows = rows.filter(_photographed(wanted["photographs"]))
    if wanted.get("country"):
        rows = rows.filter(state=wanted["country"]).exclude(person__at_risk=True)
    if wanted.get("delegation"):
        rows = rows.filter(delegation__public_id=wanted["delegation"]).exclude(person__at_risk=True)
    if wanted.get("answers"):
        rows = rows.filter(pk__in=still_to_answer(meeting))
    return rows


def at_risk_in(meeting: models.Meeting) -> int:
    """How many people at risk are registered; who they are is no question of a list."""
    return meeting.registrations.filter(person__at_risk=True).values("person").distinct().count()


def quota_lines(meeting: models.Meeting) -> list[QuotaLine]:
    waiting = list(meeting.registrations.filter(standing=Standing.WAITING).values_list("state", "group", "category"))
    by = {
        QuotaKind.WHOLE: Counter({"": len(waiting)}),
        QuotaKind.COUNTRY: Counter(one[0] or "" for one in waiting),
        QuotaKind.GROUP: Counter(one[1] for one in waiting),
        QuotaKind.CATEGORY: Counter(one[2] for one in waiting),
    }
    return [
        QuotaLine(quota, quota.places - quota.taken, by[QuotaKind(quota.kind)][quota.key])
        for quota in meeting.quotas.order_by("-kind", "key")
    ]


def registration_by(meeting: models.Meeting, public_id: str) -> models.Registration | None:
    return _registrations().filter(meeting=meeting, public_id=public_id).first()


def registration_line(user: User, row: models.Registration) -> Line:
    (line,) = _lines(user, models.Registration.objects.filter(pk=row.pk), subject=f"registration {row.public_id}")
    return line


def letters_before(
    meeting: models.Meeting, kind: str, languages: Iterable[str], host: str
) -> list[tuple[str, Written]]:
    """What a letter says in each language, before anybody gets it; its link and its day are left open."""
    original = (meeting.languages or ["en"])[0]
    return [
        (
            code,
            write(
                kind,
                language=code,
                host=host,
                context={
                    "meeting": best(meeting.title, code, original)[1],
                    "until": "…",
                    "page_url": f"https://{host}/…",
                    **told_to_the_invited(meeting, code),
                },
            ),
        )
        for code in languages
    ]


def invitations_page(meeting: models.Meeting, page: str | None) -> Page:
    rows = meeting.invitations.filter(invited_by__isnull=False).select_related("registration", "person")
    rows = rows.order_by("-at", "-pk")
    return Paginator(rows, A_PAGE).get_page(page)


def _lines(user: User | None, rows: Any, *, subject: str) -> list[Line]:
    found = list(rows.select_related("person", "delegation", "delegation__organisation"))
    views = participants_for(user, [row.person for row in found if row.person], subject=subject, fields=FIELDS)
    lines = []
    for row in found:
        view = views.get(row.person_id) if row.person_id is not None else None
        hidden = row.person is not None and row.person.at_risk
        lines.append(Line(row, view, "" if hidden else row.state_id or "", place_in_line(row) if user else 0))
    return lines
