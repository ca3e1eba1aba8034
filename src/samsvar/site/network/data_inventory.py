"""The inventory of personal data: where it is, what is exported, how long it is kept and what erasure does.

Each app or feature has a module `personal_data` that defines `DATA_CATEGORIES`, `NO_PERSONAL_DATA` and
`RETENTION_RULES` as needed; an app with features lists their modules as `FEATURES`. "My data", erasure, retention, the
record of processing and the privacy notice are all generated from these. `tests/site/test_personal.py` fails if a table
or column is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.site.network.models import Account, Person
from samsvar.site.shell.labels import Label


class UnknownRetentionRule(NetworkError):
    """SAMSVAR_RETENTION contains an unknown rule, or a period that is not a positive number of days."""

    effect = "Nothing was removed."


class DataSubject(StrEnum):
    """A group of people that personal data can be about."""

    ACCOUNTS = "accounts"  # people who sign in
    PEOPLE = "people"  # people in a network
    INVITED = "invited"  # people who were invited to create an account
    STAFF = "staff"  # people who acted on behalf of the site


class ErasureMethod(StrEnum):
    """A way in which erasure treats the rows of a data category."""

    DELETED = "deleted"
    ANONYMISED = "emptied"  # the row is kept without anything that identifies the person
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class SubjectOfRequest:
    """The person whose data is requested: an account, a person or both, with their email addresses."""

    account: Account | None = None
    person: Person | None = None
    addresses: frozenset[str] = frozenset()  # in lower case

    @property
    def public_ids(self) -> frozenset[str]:
        return frozenset(one.public_id for one in (self.account, self.person) if one)


def resolve_subject(
    *, account: Account | None = None, person: Person | None = None, verified_email: str = ""
) -> SubjectOfRequest:
    """Return the subject of a request: an account with its person, or a person with their account.

    An email address counts only if it is verified: confirmed by the account, or passed as `verified_email` by someone
    who checked the requester's identity. An address that people enter in their own profile proves nothing, because it
    may be someone else's. For a person without an account, the address in the profile counts unless an account has it.
    """
    if account is None and person is not None:
        account = person.account
    if person is None and account is not None:
        person = Person.objects.filter(account=account).first()
    addresses = {verified_email} if verified_email else set()
    if account is not None:
        addresses |= set(EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True))
    elif person is not None:
        claimed = {one.value.lower() for one in person.details.filter(field=Field.EMAIL)}
        addresses |= claimed - set(EmailAddress.objects.filter(email__in=claimed).values_list("email", flat=True))
    return SubjectOfRequest(account, person, frozenset(one.strip().lower() for one in addresses if one.strip()))


type RowFinder = Callable[[SubjectOfRequest], QuerySet[Any]]


INTERNAL_ID = _("an internal database number, with no meaning outside the database")  # not in the record of processing
OTHER_PERSON = _("withheld: it identifies another person")
CREDENTIAL = _("gives access to the account; anyone with the file could use the account")
HASH_OF_LINK = _("only a hash of the link is stored, and it cannot be used to gain access")
SECRETARIAT_ONLY = _("the secretariat of the person’s networks, in a staff session with a stated reason")
NO_RECIPIENTS = _("only the person and the system")
FOR_THE_RECORD = _("kept for the record, without the name")
RECORD_ABOUT_OTHERS = _(
    "this concerns someone else; it remains linked to your anonymised account, without your name or address"
)
CONSENT = (LegalBasis.CONSENT,)
CONTRACT = (LegalBasis.CONTRACT,)
LEGITIMATE_INTERESTS = (LegalBasis.LEGITIMATE_INTERESTS,)


@dataclass(frozen=True, slots=True)
class Erasure:
    """The effect of erasure on the rows of a data category, and the reason for it."""

    method: ErasureMethod
    note: Label  # shown before the erasure is carried out
    new_values: Mapping[str, Any] = field(default_factory=dict)  # column → new value, or a function of the row
    function: Callable[[SubjectOfRequest, QuerySet[Any], datetime], int] | None = None  # returns the number of rows


deleted = partial(Erasure, ErasureMethod.DELETED)
anonymised = partial(Erasure, ErasureMethod.ANONYMISED)
keep = partial(Erasure, ErasureMethod.KEPT)
DELETED = deleted(_("deleted"))


@dataclass(frozen=True, slots=True)
class DataCategory:
    """A category of personal data: how to find a person's rows, and rules for export, retention and erasure.

    Each category covers one relation between people and rows: being the subject of a row, or having created or handled
    it. `data_category()` derives some of these rules from the model.
    """

    model: type[Model]
    key: str  # its name in my-data.json
    description: Label
    through: tuple[str, ...]  # lookups from the row to an account or a person, unless `find_rows` is set
    exported: tuple[str, ...]  # columns
    withheld: Mapping[str, Label]  # column → why it is not exported
    not_personal: tuple[str, ...]  # columns
    retention: Label | str  # a sentence, or the key of the `RetentionRule` that removes it
    data_subject: DataSubject = DataSubject.ACCOUNTS
    purposes: tuple[Purpose, ...] = (Purpose.SECURITY,)
    legal_bases: tuple[LegalBasis, ...] = LEGITIMATE_INTERESTS
    recipients: Label = NO_RECIPIENTS
    erasure: Erasure = DELETED
    by_address: str = ""  # column with an email address by which rows are found too
    find_rows: RowFinder | None = None
    find_exported_rows: RowFinder | None = None  # set if not all rows are exported
    find_erased_rows: RowFinder | None = None  # set if erasure covers more rows
    computed: Mapping[str, Callable[[Any, SubjectOfRequest], Any]] = field(default_factory=dict)  # also exported
    files: Callable[[Any], Iterable[tuple[str, bytes]]] | None = None

    def get_rows(self, subject: SubjectOfRequest) -> QuerySet[Any]:
        """Return all rows of the subject. Lookups to an account or a person that the subject lacks are skipped."""
        if self.find_rows:
            return self.find_rows(subject)
        condition = Q(**{f"{self.by_address}__in": subject.addresses}) if self.by_address else Q(pk__in=())
        for path in self.through:
            owner = subject.account if related_model_for_lookup(self.model, path) is Account else subject.person
            if owner is not None:
                condition |= Q(**{path: owner})
        return self.model._default_manager.filter(condition).distinct()

    def get_exported_rows(self, subject: SubjectOfRequest) -> QuerySet[Any]:
        return (self.find_exported_rows or self.get_rows)(subject)

    def get_erased_rows(self, subject: SubjectOfRequest) -> QuerySet[Any]:
        return (self.find_erased_rows or self.get_rows)(subject)

    def export_rows(self, subject: SubjectOfRequest) -> list[dict[str, Any]]:
        """Return the exported rows as JSON-compatible values, oldest first."""
        return [
            {name: to_json_value(getattr(instance, name)) for name in self.exported}
            | {name: to_json_value(compute(instance, subject)) for name, compute in self.computed.items()}
            for instance in self.get_exported_rows(subject).order_by("pk")
        ]


OWNER_COLUMNS = ("account", "person", "user")  # foreign keys to the person that the row is about


def withhold(columns: str, why: Label = OTHER_PERSON) -> dict[str, Label]:
    """Map several columns to the same reason for withholding them; their names are separated by spaces."""
    return dict.fromkeys(columns.split(), why)


def data_category(
    model: type[Model],
    key: str,
    description: Label,
    *,
    exported: str,
    withheld: Mapping[str, Label] = MappingProxyType({}),
    not_personal: str = "",
    through: str = "",
    retention: Label | str = "",
    **fields: Any,
) -> DataCategory:
    """Build a category of personal data; the names of columns and lookups are separated by spaces.

    Every column has to be listed, except those that are always withheld: the primary key, the foreign key to the person
    concerned, and foreign keys to other accounts and people. `through` may be omitted if the person concerned is in one
    of the `OWNER_COLUMNS`, and `retention` if a `RetentionRule` has the key of the category.
    """
    people = [one.name for one in model._meta.local_concrete_fields if one.related_model in (Account, Person)]
    paths = tuple(through.split() or (name for name in people if name in OWNER_COLUMNS))
    own_ids = [model._meta.pk.name, *(path.partition("__")[0] for path in paths)]
    derived = dict.fromkeys(people, OTHER_PERSON) | dict.fromkeys(own_ids, INTERNAL_ID)
    listed = {*exported.split(), *not_personal.split(), *withheld}
    return DataCategory(
        model=model,
        key=key,
        description=description,
        through=paths,
        exported=tuple(exported.split()),
        withheld={**withheld, **{name: why for name, why in derived.items() if name not in listed}},
        not_personal=tuple(not_personal.split()),
        retention=retention or key,
        **fields,
    )


# Builds a category of rows about other people that members of staff created or handled.
staff_category = partial(data_category, data_subject=DataSubject.STAFF, erasure=keep(RECORD_ABOUT_OTHERS))

FINISHED_TASKS = ("SUCCESSFUL", "FAILED")
task_category = partial(
    data_category,
    DBTaskResult,
    exported="status enqueued_at started_at finished_at traceback",
    withheld={"args_kwargs": INTERNAL_ID, "return_value": INTERNAL_ID},
    not_personal="priority task_path worker_ids queue_name backend_name run_after exception_class_path",
    retention="tasks",
)


def queued_tasks(module: str, instances: Iterable[Model]) -> QuerySet[Any]:
    """Return the queued tasks of a module that have the primary key of one of the instances as an argument."""
    ids = {str(instance.pk) for instance in instances}
    tasks = DBTaskResult.objects.filter(task_path__startswith=module).only("pk", "args_kwargs")
    return DBTaskResult.objects.filter(pk__in=[one.pk for one in tasks if ids & set(map(str, one.args_kwargs["args"]))])


@dataclass(frozen=True, slots=True)
class NoPersonalData:
    """The reason why a table contains no personal data, and why columns that look personal are not."""

    reason: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """A rule that deletes data automatically after a period."""

    model: type[Model]
    age_field: str  # column or lookup with the moment or day from which the period is counted
    key: str
    description: Label
    days: int
    after: Label  # what happened at that moment, for example “after they ended”
    why: Label
    condition: Q = field(default_factory=Q)  # restricts the rows, in addition to their age
    find_rows: Callable[[datetime], QuerySet[Any]] | None = None  # by cut-off; instead of age and condition
    remove: Callable[[QuerySet[Any]], int] | None = None  # deletes the rows if None
    fixed: bool = False  # the period is stored in each row; settings cannot change it

    def get_rows_before(self, limit: datetime) -> QuerySet[Any]:
        """Return the rows that are due if `limit` is the cut-off."""
        if self.find_rows:
            return self.find_rows(limit)
        return self.model._default_manager.filter(self.condition, **{f"{self.age_field}__lt": limit})

    def get_due_rows(self, now: datetime) -> QuerySet[Any]:
        return self.get_rows_before(now - timedelta(days=retention_days(self)))


def retention_days(rule: RetentionRule) -> int:
    """Return the retention period in days that applies on this site."""
    return rule.days if rule.fixed else retention_periods().get(rule.key, rule.days)


def retention_periods() -> dict[str, int]:
    """Return the periods from the settings; raise `UnknownRetentionRule` for unknown keys and invalid periods."""
    configured: dict[str, Any] = dict(settings.SAMSVAR_RETENTION)
    known_keys = {kind.key for kind in retention_rules() if not kind.fixed}
    for key, days in configured.items():
        if key not in known_keys:
            raise UnknownRetentionRule(
                f"There is no retention rule “{key}”.", advice=f"Choose one of: {', '.join(sorted(known_keys))}."
            )
        if not isinstance(days, int) or days < 1:
            raise UnknownRetentionRule(
                f"The retention period of “{key}” is set to {days} days.", advice="Enter a whole number, 1 or more."
            )
    return configured


@cache
def data_categories() -> tuple[DataCategory, ...]:
    """Return all categories of personal data, those of the network app first."""
    return tuple(one for module in _personal_data_modules() for one in getattr(module, "DATA_CATEGORIES", ()))


@cache
def tables_without_personal_data() -> dict[str, NoPersonalData]:
    """Return the tables without personal data, by their model labels."""
    return {
        label: one
        for module in _personal_data_modules()
        for label, one in getattr(module, "NO_PERSONAL_DATA", {}).items()
    }


@cache
def retention_rules() -> tuple[RetentionRule, ...]:
    """Return all retention rules."""
    return tuple(one for module in _personal_data_modules() for one in getattr(module, "RETENTION_RULES", ()))


def find_retention_rule(key: str) -> RetentionRule | None:
    return next((kind for kind in retention_rules() if kind.key == key), None)


def to_json_value(value: Any) -> Any:
    """Convert a value for JSON: dates to ISO format, model instances to their public name or id."""
    match value:
        case None | bool() | int() | float():
            return value
        case datetime() | date():
            return value.isoformat()
        case Model():
            names = ("name", "public_id", "slug")
            return next((getattr(value, name) for name in names if getattr(value, name, "")), str(value.pk))
        case Mapping():
            return {str(key): to_json_value(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json_value(one) for one in value]
        case _:
            return str(value)


def related_model_for_lookup(model: type[Model], path: str) -> type[Model]:
    """Return the model at the end of a lookup path, such as `Account` for "question__by" on a message."""
    current: Any = model
    for step in path.split("__"):
        current = current._meta.get_field(step).related_model
    return current


def _personal_data_modules() -> Iterator[Any]:
    """Yield the `personal_data` modules of our apps or of their features.

    The network app comes first, because it also covers the apps that it builds on.
    """
    configs = sorted(apps.get_app_configs(), key=lambda one: one.label != "samsvar_network")
    for config in configs:
        if config.name.startswith("samsvar.") and module_has_submodule(config.module, "personal_data"):
            module = import_module(f"{config.name}.personal_data")
            yield from getattr(module, "FEATURES", (module,))


ERASURE_METHOD_LABELS: dict[ErasureMethod, Label] = {
    ErasureMethod.DELETED: _("deleted"),
    ErasureMethod.ANONYMISED: _("anonymised"),
    ErasureMethod.KEPT: _("kept"),
}

STATISTICS_FIELDS = (Field.GROUP,)  # kept on the anonymised person, so that the share of each group stays correct
