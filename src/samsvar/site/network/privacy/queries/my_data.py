"""Queries for “My data”: the data stored about a person, their export, and who accessed them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from samsvar.site.network.access.labels import CLAIM_LABELS, ROLE_LABELS
from samsvar.site.network.data_inventory import SubjectOfRequest, data_categories
from samsvar.site.network.labels import FIELDS, LEGAL_BASES, OFFICES, PURPOSES, VISIBILITIES
from samsvar.site.network.privacy.field_labels import column_label
from samsvar.site.network.privacy.queries.processing import ProcessingRow
from samsvar.site.shell.labels import Label

EXPORT_FORMAT = "samsvar-my-data/1"  # increased when a key changes its meaning; new keys may be added at any time
# Labels of values, for fields with a fixed set of values.
VALUE_LABELS: dict[str, Mapping[str, Label]] = {
    "field": {str(key): word for key, word in FIELDS.items()},
    "visibility": {str(key): word for key, word in VISIBILITIES.items()},
    "purpose": {str(key): word for key, word in PURPOSES.items()},
    "ground": {str(key): word for key, word in LEGAL_BASES.items()},
    "office": {str(key): word for key, word in OFFICES.items()},
    "role": {str(key): word for key, word in ROLE_LABELS.items()},
    "claim": {str(key): word for key, word in CLAIM_LABELS.items()},
    "by": {str(key): word for key, word in ROLE_LABELS.items()}
    | {"member": gettext_lazy("a signed-in user"), "site": gettext_lazy("the site itself")},
}
TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})[:.\d]*\+00:00")  # a timestamp as it appears in the export
ACCESSES_SHOWN = 20  # shown on the page; the file lists all of them


@dataclass(frozen=True, slots=True)
class ExportedCategory(ProcessingRow):
    """A category of personal data, with the rows that are exported to the person."""

    rows: list[dict[str, Any]]

    @property
    def display_rows(self) -> list[list[tuple[str, str]]]:
        """Return the rows for display, as (field label, value label) pairs without empty values."""
        return [
            [(column_label(name), value_label(name, value)) for name, value in row.items() if value_label(name, value)]
            for row in self.rows
        ]

    @property
    def count_label(self) -> str:
        return ngettext("%(count)s record", "%(count)s records", len(self.rows)) % {"count": len(self.rows)}


@dataclass(frozen=True, slots=True)
class MyData:
    """All data that the site stores about a person."""

    created_at: datetime
    controller: str
    contact: str
    categories: list[ExportedCategory]

    def to_json_data(self) -> dict[str, Any]:
        """Return the machine-readable export; its keys are documented in docs/reference/processing.md."""
        return {
            "format": EXPORT_FORMAT,
            "made_at": self.created_at.isoformat(),
            "controller": self.controller,
            "contact": self.contact,
            "data": {exported.category.key: exported.rows for exported in self.categories},
            "explained": {
                exported.category.key: {
                    "what": str(exported.category.description),
                    "purposes": [str(label) for label in exported.purposes],
                    "grounds": [str(label) for label in exported.legal_bases],
                    "recipients": str(exported.category.recipients),
                    "kept": exported.retention,
                    "erasure": str(exported.category.erasure.note),
                    "withheld": {name: str(reason) for name, reason in exported.category.withheld.items()},
                }
                for exported in self.categories
            },
        }

    def count_rows(self) -> dict[str, int]:
        return {exported.category.key: len(exported.rows) for exported in self.categories if exported.rows}


def my_data(subject: SubjectOfRequest, *, now: datetime) -> MyData:
    """Return every category of personal data with the rows about this person."""
    return MyData(
        created_at=now,
        controller=settings.SAMSVAR_CONTROLLER,
        contact=settings.SAMSVAR_PRIVACY_CONTACT,
        categories=[ExportedCategory(category, category.export_rows(subject)) for category in data_categories()],
    )


def category_counts(subject: SubjectOfRequest) -> list[tuple[ProcessingRow, int]]:
    """Return the number of rows about the person in each category that is not empty."""
    counts = [(ProcessingRow(one), one.get_exported_rows(subject).count()) for one in data_categories()]
    return [(row, count) for row, count in counts if count]


@dataclass(frozen=True, slots=True)
class DataAccess:
    """One access to a person's details: the date, the accessor's role, the fields and the reason."""

    day: str
    by: Label
    fields: tuple[Label, ...]
    why: str


def recent_accesses(subject: SubjectOfRequest) -> list[DataAccess]:
    """Return the latest accesses to the person's non-public details, newest first."""
    category = next(one for one in data_categories() if one.key == "seen")
    rows = category.get_exported_rows(subject).filter(saw=True).order_by("-at", "-pk")[:ACCESSES_SHOWN]
    return [
        DataAccess(
            day=entry.at.date().isoformat(),
            by=VALUE_LABELS["by"].get(role := category.computed["by"](entry, subject), role),
            fields=tuple(VALUE_LABELS["field"].get(field, field) for field in entry.details.get("fields", [])),
            why=entry.why,
        )
        for entry in rows
    ]


def value_label(column: str, value: Any) -> str:
    """Return a value as text for display, or an empty string for an empty value."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case dict():
            return ", ".join(f"{key}: {value_label('', item)}" for key, item in value.items())
        case list():
            return ", ".join(value_label("", item) for item in value)
        case str() if timestamp := TIMESTAMP.fullmatch(value):
            return f"{timestamp[1]} {timestamp[2]} UTC"
        case _:
            label: str | Promise = VALUE_LABELS.get(column, {}).get(str(value), str(value))
            return str(label)
