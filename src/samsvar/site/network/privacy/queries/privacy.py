"""What somebody is told of their data: all of it, what erasure would do, and the record of processing of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.access.labels import CLAIMS, ROLES
from samsvar.site.network.data_inventory import (
    INSIDE,
    WORDS_OF_FATE,
    Fate,
    Holding,
    Kind,
    Subject,
    Whose,
    days_of,
    holdings,
    kind_called,
    kinds,
    subject_of,
)
from samsvar.site.network.directory.queries.retention_duties import KEPT_BY_DUTY, duties_of
from samsvar.site.network.labels import FIELDS, GROUNDS, OFFICES, PURPOSES, VISIBILITIES
from samsvar.site.network.privacy.field_labels import COLUMNS
from samsvar.site.shell.labels import COLON, Label

FORMAT = "samsvar-my-data/1"  # raised when a key changes its meaning; new keys may come at any time
WHOSE: dict[Whose, Label] = {
    Whose.ACCOUNTS: gettext_lazy("people with an account"),
    Whose.PEOPLE: gettext_lazy("people of a network"),
    Whose.INVITED: gettext_lazy("people who were invited"),
    Whose.STAFF: gettext_lazy("people who act for others"),
}
# Columns that hold one of our fixed words: what they are called for people.
WORDS_IN: dict[str, Mapping[str, Label]] = {
    "field": {str(key): word for key, word in FIELDS.items()},
    "visibility": {str(key): word for key, word in VISIBILITIES.items()},
    "purpose": {str(key): word for key, word in PURPOSES.items()},
    "ground": {str(key): word for key, word in GROUNDS.items()},
    "office": {str(key): word for key, word in OFFICES.items()},
    "role": {str(key): word for key, word in ROLES.items()},
    "claim": {str(key): word for key, word in CLAIMS.items()},
    "by": {str(key): word for key, word in ROLES.items()}
    | {"member": gettext_lazy("somebody who is signed in"), "site": gettext_lazy("the site itself")},
}
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})[:.\d]*\+00:00")  # as `plain` writes one
SIGHTS = 20  # on the page; the file has all


# --- My data ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One holding as it is handed out."""

    key: str
    what: Label
    whose: Label
    purposes: tuple[Label, ...]
    grounds: tuple[Label, ...]
    recipients: Label
    stays: str
    erasure: Label
    withheld: dict[str, str]
    rows: list[dict[str, Any]]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The rows for people: what a column is called, and its value in words; what is empty is left out."""
        return [
            [(called(name), said(name, value)) for name, value in row.items() if said(name, value)] for row in self.rows
        ]

    @property
    def count_words(self) -> str:
        return ngettext("%(count)s entry", "%(count)s entries", len(self.rows)) % {"count": len(self.rows)}


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything the site holds of somebody."""

    made_at: datetime
    controller: str
    contact: str
    told: tuple[Told, ...]

    def as_json(self) -> dict[str, Any]:
        """The machine-readable file; its keys are documented in docs/reference/processing.md."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "controller": self.controller,
            "contact": self.contact,
            "data": {one.key: one.rows for one in self.told},
            "explained": {
                one.key: {
                    "what": str(one.what),
                    "purposes": [str(word) for word in one.purposes],
                    "grounds": [str(word) for word in one.grounds],
                    "recipients": str(one.recipients),
                    "kept": one.stays,
                    "erasure": str(one.erasure),
                    "withheld": one.withheld,
                }
                for one in self.told
            },
        }

    def counts(self) -> dict[str, int]:
        return {one.key: len(one.rows) for one in self.told if one.rows}


def my_data(subject: Subject, *, now: datetime) -> MyData:
    """All holdings with the rows that are about somebody."""
    return MyData(
        made_at=now,
        controller=settings.SAMSVAR_CONTROLLER,
        contact=settings.SAMSVAR_PRIVACY_CONTACT,
        told=tuple(
            Told(
                key=one.key,
                what=one.what,
                whose=WHOSE[one.whose],
                purposes=purpose_words(one),
                grounds=ground_words(one),
                recipients=one.recipients,
                stays=how_long(one),
                erasure=one.erasure,
                withheld={name: str(reason) for name, reason in one.withheld.items()},
                rows=one.hand_out(subject),
            )
            for one in holdings()
        ),
    )


def my_counts(subject: Subject) -> list[tuple[Holding, int]]:
    """How many rows of each holding are about somebody; those without any are left out."""
    counted = [(one, one.handed_to(subject).count()) for one in holdings()]
    return [(one, count) for one, count in counted if count]


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody saw details of a person: when, as what, which fields, and why."""

    day: str
    by: Label
    fields: tuple[Label, ...]
    why: str


def seen_lately(subject: Subject) -> list[Sight]:
    """Who saw somebody's details that are not public, the latest first."""
    seen = next(one for one in holdings() if one.key == "seen")
    rows = seen.handed_to(subject).filter(saw=True).order_by("-at", "-pk")[:SIGHTS]
    words = {str(field): word for field, word in FIELDS.items()}
    return [
        Sight(
            day=row.at.date().isoformat(),
            by=WORDS_IN["by"].get(as_what := seen.extra["by"](row, subject), as_what),
            fields=tuple(words.get(field, field) for field in row.details.get("fields", [])),
            why=row.why,
        )
        for row in rows
    ]


def called(column: str) -> str:
    """What a column is called for people."""
    return str(COLUMNS.get(column, column.replace("_", " ")))


def said(column: str, value: Any) -> str:
    """A value in words; "" for what is empty."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case dict():
            return ", ".join(f"{key}: {said('', one)}" for key, one in value.items())
        case list():
            return ", ".join(said("", one) for one in value)
        case str() if moment := MOMENT.fullmatch(value):
            return f"{moment[1]} {moment[2]} UTC"
        case _:
            word: str | Promise = WORDS_IN.get(column, {}).get(str(value), str(value))
            return str(word)


# --- Erasure ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consequence:
    """What erasure would do with one holding of somebody."""

    holding: Holding
    count: int
    fate: Label

    @property
    def is_kept(self) -> bool:
        return self.holding.fate is Fate.KEPT


@dataclass(frozen=True, slots=True)
class Duty:
    """A ground other than consent under which something stays, as it was recorded."""

    purpose: Label
    ground: Label
    note: str
    fields: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """What is said before somebody is erased."""

    consequences: tuple[Consequence, ...]
    duties: tuple[Duty, ...]


def erasure_page(subject: Subject, *, now: datetime) -> ErasurePage:
    duties = duties_of(subject.person, now) if subject.person else []
    # what is handed out only in part is counted so too: a question that was turned down is not even a number to them
    counted = [(one, (one.handed_to if one.handed else one.erased_with)(subject).count()) for one in holdings()]
    return ErasurePage(
        consequences=tuple(Consequence(one, count, WORDS_OF_FATE[one.fate]) for one, count in counted if count),
        duties=tuple(
            Duty(
                purpose=PURPOSES[Purpose(one.purpose)],
                ground=GROUNDS[Ground(one.ground)],
                note=one.note,
                fields=tuple(FIELDS[field] for field in KEPT_BY_DUTY[Purpose(one.purpose)]),
            )
            for one in duties
        ),
    )


def somebody_called(public_id: str) -> Subject | None:
    """The account or person with this public id who has not been erased."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    if person is not None:
        return subject_of(person=person)
    account = models.Account.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    return subject_of(account=account) if account else None


def somebody_at(address: str) -> Subject | None:
    """Whoever has this address: as the one that signs in, as a further one, or in their entry."""
    address = address.strip().lower()
    if not address:
        return None
    further = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user")
    accounts = models.Account.objects.filter(erased_at__isnull=True)
    account = accounts.filter(email=address).first() or accounts.filter(pk__in=further).first()
    if account is not None:
        return subject_of(account=account)
    entries = models.Detail.objects.filter(field=Field.EMAIL, value__iexact=address, person__erased_at__isnull=True)
    found = {one.person_id: one.person for one in entries.select_related("person")[:2]}
    return subject_of(person=found.popitem()[1]) if len(found) == 1 else None  # two people share it: which is not said


def erased_public_ids() -> QuerySet[Any]:
    """The public ids of everybody who was erased, oldest first: what a restored backup has to forget again."""
    people = models.Person.objects.filter(erased_at__isnull=False).values_list("public_id", "erased_at")
    accounts = models.Account.objects.filter(erased_at__isnull=False).values_list("public_id", "erased_at")
    return people.union(accounts).order_by("erased_at")


# --- Retention --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """What would go of one kind, now."""

    kind: Kind
    days: int
    count: int
    oldest: date | None


def what_is_due(now: datetime) -> list[Due]:
    """Every kind, with how many rows are past their time and how old the oldest is."""
    due = []
    for kind in kinds():
        rows = kind.due(now)
        oldest = rows.order_by(kind.age).values_list(kind.age, flat=True).first()
        due.append(Due(kind, days_of(kind), rows.count(), oldest.date() if isinstance(oldest, datetime) else oldest))
    return due


# --- The record of processing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record of processing: Article 30(1) of the GDPR, points (b) to (f)."""

    holding: Holding
    whose: Label
    columns: tuple[str, ...]  # what is handed out, and what is kept besides
    withheld: tuple[str, ...]
    purposes: tuple[Label, ...]
    grounds: tuple[Label, ...]
    stays: str
    fate: Label

    @property
    def at_erasure(self) -> str:
        """ "deleted", or "emptied: …" with what that means."""
        fate, erasure = str(self.fate), str(self.holding.erasure)
        return erasure if erasure.startswith(fate) else f"{fate}{COLON} {erasure}"


@dataclass(frozen=True, slots=True)
class RecordOfProcessing:
    controller: str
    contact: str
    lines: tuple[Line, ...]
    periods: tuple[tuple[Kind, int], ...]


def record_of_processing() -> RecordOfProcessing:
    """What is processed, of whom, what for, on which ground, for whom, how long: all from the registry."""
    return RecordOfProcessing(
        controller=settings.SAMSVAR_CONTROLLER,
        contact=settings.SAMSVAR_PRIVACY_CONTACT,
        lines=tuple(
            Line(
                holding=one,
                whose=WHOSE[one.whose],
                columns=tuple(called(name) for name in (*one.given, *one.extra)),
                withheld=tuple(called(name) for name, reason in one.withheld.items() if reason is not INSIDE),
                purposes=purpose_words(one),
                grounds=ground_words(one),
                stays=how_long(one),
                fate=WORDS_OF_FATE[one.fate],
            )
            for one in holdings()
        ),
        periods=tuple((kind, days_of(kind)) for kind in kinds()),
    )


@dataclass(frozen=True, slots=True)
class Use:
    """One purpose, with all that is held for it: a paragraph of the privacy notice."""

    purpose: Label
    grounds: tuple[Label, ...]
    lines: tuple[Line, ...]


def uses() -> list[Use]:
    """The privacy notice by purpose; each holding stands under the first purpose that it serves."""
    record = record_of_processing()
    return [
        Use(PURPOSES[purpose], tuple(dict.fromkeys(ground for line in lines for ground in line.grounds)), lines)
        for purpose, lines in _by_purpose(record)
    ]


def _by_purpose(record: RecordOfProcessing) -> Iterator[tuple[Purpose, tuple[Line, ...]]]:
    for purpose in Purpose:
        lines = tuple(line for line in record.lines if line.holding.purposes[0] is purpose)
        if lines:
            yield purpose, lines


def purpose_words(holding: Holding) -> tuple[Label, ...]:
    return tuple(PURPOSES[one] for one in holding.purposes)


def ground_words(holding: Holding) -> tuple[Label, ...]:
    return tuple(GROUNDS[one] for one in holding.grounds)


def how_long(holding: Holding) -> str:
    """How long a holding stays: the period that holds on this site, or a sentence."""
    kind = kind_called(str(holding.stays))
    return period_words(kind) if kind else str(holding.stays)


def period_words(kind: Kind) -> str:
    """ "30 days after they were written"; whole years as years."""
    days = days_of(kind)
    if days % 365 == 0:
        span = ngettext("%(count)s year", "%(count)s years", days // 365) % {"count": days // 365}
    else:
        span = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return f"{span} {kind.after}"
