"""What the site holds of people: how a row is found, what of it is handed out, how long it stays, what erasure does.

Each app that keeps something of people has a `personal.py` with `HOLDINGS`, `HOLDS_NONE` and, where something goes by
itself, `KINDS`. My data, erasure, retention, the record of processing and the privacy notice are all read from these;
`tests/site/test_personal.py` fails while a table or a column is in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.site.network.models import Account, Person
from samsvar.site.shell.labels import Label

# The reason of columns that only hold rows together; the record of processing leaves them out.
INSIDE = _("a number inside the database; it leads nowhere outside")


class UnknownKind(NetworkError):
    """The settings give a period to a kind that does not exist, or no days at all."""

    code = "unknown_kind"
    kept = "Nothing was removed."


class Whose(StrEnum):
    """The people that a holding is about."""

    ACCOUNTS = "accounts"  # who signs in
    PEOPLE = "people"  # who belongs to a network
    INVITED = "invited"  # who was offered an account
    STAFF = "staff"  # who did something for others


class Fate(StrEnum):
    """What erasure does with the rows of a holding."""

    DELETED = "deleted"
    EMPTIED = "emptied"  # the row stays, without what says who it was
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whose data are asked for: an account, a person, or both, and the addresses that also lead to them."""

    account: Account | None = None
    person: Person | None = None
    addresses: frozenset[str] = frozenset()  # in small letters

    @property
    def public_ids(self) -> frozenset[str]:
        return frozenset(one.public_id for one in (self.account, self.person) if one)


def subject_of(*, account: Account | None = None, person: Person | None = None, address: str = "") -> Subject:
    """The whole of somebody: the account brings its person, and the person the account.

    An address counts only where it is proved: confirmed by the account, or given by whoever made sure who asks
    (`address`). What somebody writes into their own entry proves nothing: it may be another's. Of a person without an
    account the entry's address counts unless some account has it.
    """
    if account is None and person is not None:
        account = person.account
    if person is None and account is not None:
        person = Person.objects.filter(account=account).first()
    addresses = {address} if address else set()
    if account is not None:
        addresses |= set(EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True))
    elif person is not None:
        written = {one.value.lower() for one in person.details.filter(field=Field.EMAIL)}
        addresses |= written - set(EmailAddress.objects.filter(email__in=written).values_list("email", flat=True))
    return Subject(account, person, frozenset(one.strip().lower() for one in addresses if one.strip()))


def account_alone(account: Account) -> Subject:
    """An account without the person that it belongs to: what goes when only the account is given up."""
    return Subject(account, None, subject_of(account=account).addresses)


type Rows = Callable[[Subject], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of row that is about somebody, in one way: as the one it belongs to, or as the one who did it."""

    key: str  # its name in my-data.json
    model: str  # "samsvar_network.Detail"
    what: Label
    whose: Whose
    through: tuple[str, ...]  # the ways from the row to an account or a person; () where `rows` finds them otherwise
    given: tuple[str, ...]  # columns that are handed out
    withheld: Mapping[str, Label]  # columns that are not, and why
    plain: tuple[str, ...]  # columns that say nothing of anybody
    purposes: tuple[Purpose, ...]
    grounds: tuple[Ground, ...]
    recipients: Label
    stays: Label | str  # how long: a sentence, or the key of the `Kind` that removes it
    fate: Fate
    erasure: Label  # what erasure does with it and why, said before it is done
    empty: Mapping[str, Any] = field(default_factory=dict)  # column → value, or what makes one from the row
    rows: Rows | None = None
    handed: Rows | None = None  # where not all rows are handed out
    erases: Rows | None = None  # where erasure takes more rows
    extra: Mapping[str, Callable[[Any, Subject], Any]] = field(default_factory=dict)  # derived for the person
    erase: Callable[[Subject, QuerySet[Any], datetime], int] | None = None
    files: Callable[[Any], Iterable[tuple[str, bytes]]] | None = None

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows_of(self, subject: Subject) -> QuerySet[Any]:
        """Every row that is about somebody in this way."""
        return self.rows(subject) if self.rows else _through(self, subject)

    def handed_to(self, subject: Subject) -> QuerySet[Any]:
        return self.handed(subject) if self.handed else self.rows_of(subject)

    def erased_with(self, subject: Subject) -> QuerySet[Any]:
        return self.erases(subject) if self.erases else self.rows_of(subject)

    def hand_out(self, subject: Subject) -> list[dict[str, Any]]:
        """The rows as plain values, ready for JSON, in the order in which they were written."""
        return [
            {name: plain(getattr(row, name)) for name in self.given}
            | {name: plain(derive(row, subject)) for name, derive in self.extra.items()}
            for row in self.handed_to(subject).order_by("pk")
        ]


@dataclass(frozen=True, slots=True)
class HoldsNone:
    """Why a table holds nothing of anybody; columns whose name or type looks otherwise say each why they do not."""

    because: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that goes by itself when its time is over."""

    key: str
    what: Label
    days: int
    after: Label  # counted from what
    why: Label
    rows: Callable[[datetime], QuerySet[Any]]  # what is past its time when this moment is the limit
    age: str  # the column that says how old a row is
    remove: Callable[[QuerySet[Any]], int] | None = None  # otherwise the rows are deleted
    fixed: bool = False  # the period is written in each row; settings cannot change it

    def due(self, now: datetime) -> QuerySet[Any]:
        return self.rows(now - timedelta(days=days_of(self)))


def days_of(kind: Kind) -> int:
    """The period that holds on this site."""
    return kind.days if kind.fixed else periods().get(kind.key, kind.days)


def periods() -> dict[str, int]:
    """What the settings say instead of ours; raises `UnknownKind` for a word that stands for nothing."""
    said: dict[str, Any] = dict(settings.SAMSVAR_RETENTION)
    own = {kind.key for kind in kinds() if not kind.fixed}
    for key, days in said.items():
        if key not in own:
            raise UnknownKind(f"There is no kind “{key}” to keep.", advice=f"There are: {', '.join(sorted(own))}.")
        if not isinstance(days, int) or days < 1:
            raise UnknownKind(f"“{key}” is to be kept {days} days.", advice="Give a whole number of days from 1.")
    return said


@cache
def holdings() -> tuple[Holding, ...]:
    """All that the site holds of people, the network's own first."""
    return tuple(one for module in _personal() for one in module.HOLDINGS)


@cache
def holds_none() -> dict[str, HoldsNone]:
    """The tables that hold nothing of anybody, by the model's label."""
    return {label: one for module in _personal() for label, one in module.HOLDS_NONE.items()}


@cache
def kinds() -> tuple[Kind, ...]:
    """All that goes by itself."""
    return tuple(one for module in _personal() for one in getattr(module, "KINDS", ()))


def kind_called(key: str) -> Kind | None:
    return next((kind for kind in kinds() if kind.key == key), None)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: days as ISO, a thing by its public name; what is inside the database stays there."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Promise():
            return str(value)
        case Model():
            names = ("name", "public_id", "slug")
            return next((getattr(value, name) for name in names if getattr(value, name, "")), str(value.pk))
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
        case _:
            return str(value)


def _through(holding: Holding, subject: Subject) -> QuerySet[Any]:
    """Rows by their way to the account or the person; none where a way leads to what somebody does not have."""
    asked = Q(pk__in=())
    for way in holding.through:
        end = ends_at(holding.table, way)
        one = subject.account if end is Account else subject.person
        if one is not None:
            asked |= Q(**{way: one})
    return holding.table._default_manager.filter(asked).distinct()


def ends_at(model: type[Model], way: str) -> type[Model]:
    """Where a way of relations ends: "ask__by" of a line of an exchange ends at an account."""
    at: Any = model
    for step in way.split("__"):
        at = at._meta.get_field(step).related_model
    return at


def _personal() -> Iterator[Any]:
    """The `personal` module of each of our apps that has one; the network's first, which speaks for those below it."""
    configs = sorted(apps.get_app_configs(), key=lambda one: one.label != "samsvar_network")
    for config in configs:
        if config.name.startswith("samsvar.") and module_has_submodule(config.module, "personal_data"):
            yield import_module(f"{config.name}.personal_data")


WORDS_OF_FATE: dict[Fate, Label] = {
    Fate.DELETED: _("deleted"),
    Fate.EMPTIED: _("emptied"),
    Fate.KEPT: _("kept"),
}

OTHER = _("names another person; that is theirs")
OPENS = _("opens the account; whoever has the file would have the key")
SECRETARIAT = _("the secretariat of the person’s networks, in a staff session that says why")
ITSELF = _("nobody but the person and the site itself")
OTHERS_RIGHT = _("it is about somebody else; there your emptied account stands as who did it, without name or address")
LIVES = _("while the account lives")

SECURITY = (Purpose.SECURITY,)
INTEREST = (Ground.LEGITIMATE_INTERESTS,)
COUNTED = (Field.GROUP,)  # stays at an emptied person, so that the share of each group stays true
