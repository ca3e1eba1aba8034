"""Queries for the record of processing, the privacy notice and data past its retention period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext_lazy, ngettext

from samsvar.network.consent import Purpose
from samsvar.site.network.data_inventory import (
    ERASURE_METHOD_LABELS,
    INTERNAL_ID,
    DataCategory,
    DataSubject,
    RetentionRule,
    data_categories,
    find_retention_rule,
    retention_days,
    retention_rules,
)
from samsvar.site.network.labels import LEGAL_BASES, PURPOSES
from samsvar.site.network.privacy.field_labels import column_label
from samsvar.site.shell.labels import COLON, Label

DATA_SUBJECT_LABELS: dict[DataSubject, Label] = {
    DataSubject.ACCOUNTS: gettext_lazy("people with an account"),
    DataSubject.PEOPLE: gettext_lazy("people in a network"),
    DataSubject.INVITED: gettext_lazy("people who were invited"),
    DataSubject.STAFF: gettext_lazy("people who act on behalf of others"),
}


@dataclass(frozen=True, slots=True)
class ProcessingRow:
    """A row of the record of processing, with the details required by Article 30(1)(b) to (f) of the GDPR."""

    category: DataCategory

    @property
    def data_subject(self) -> Label:
        return DATA_SUBJECT_LABELS[self.category.data_subject]

    @property
    def exported_labels(self) -> list[str]:
        """Return the labels of the fields that are exported, including computed ones."""
        return [column_label(name) for name in (*self.category.exported, *self.category.computed)]

    @property
    def withheld_labels(self) -> list[str]:
        return [column_label(name) for name, reason in self.category.withheld.items() if reason is not INTERNAL_ID]

    @property
    def purposes(self) -> list[Label]:
        return [PURPOSES[purpose] for purpose in self.category.purposes]

    @property
    def legal_bases(self) -> list[Label]:
        return [LEGAL_BASES[legal_basis] for legal_basis in self.category.legal_bases]

    @property
    def retention(self) -> str:
        """Return the retention period as set on this site, or the text that describes it."""
        rule = find_retention_rule(str(self.category.retention))
        return period_label(rule) if rule else str(self.category.retention)

    @property
    def erasure(self) -> str:
        """Return the erasure method with its explanation, e.g. "deleted" or "anonymised: …"."""
        method, note = str(ERASURE_METHOD_LABELS[self.category.erasure.method]), str(self.category.erasure.note)
        return note if note.startswith(method) else f"{method}{COLON} {note}"


@dataclass(frozen=True, slots=True)
class RecordOfProcessing:
    controller: str
    contact: str
    rows: list[ProcessingRow]
    periods: list[tuple[RetentionRule, str]]


def record_of_processing() -> RecordOfProcessing:
    """Return the record of processing, derived entirely from the data inventory."""
    return RecordOfProcessing(
        controller=settings.SAMSVAR_CONTROLLER,
        contact=settings.SAMSVAR_PRIVACY_CONTACT,
        rows=[ProcessingRow(category) for category in data_categories()],
        periods=[(rule, period_label(rule)) for rule in retention_rules()],
    )


@dataclass(frozen=True, slots=True)
class PrivacyNoticeSection:
    """A section of the privacy notice: one purpose with all data processed for it."""

    purpose: Label
    rows: list[ProcessingRow]

    @property
    def legal_bases(self) -> list[Label]:
        return list(dict.fromkeys(legal_basis for row in self.rows for legal_basis in row.legal_bases))


def privacy_notice_sections() -> list[PrivacyNoticeSection]:
    """Return the sections of the privacy notice; each category is listed under its first purpose."""
    rows = record_of_processing().rows
    sections = [
        PrivacyNoticeSection(PURPOSES[purpose], [row for row in rows if row.category.purposes[0] is purpose])
        for purpose in Purpose
    ]
    return [section for section in sections if section.rows]


@dataclass(frozen=True, slots=True)
class OverdueSummary:
    """The number of rows that a retention rule would delete now, and the date of the oldest, or None."""

    rule: RetentionRule
    count: int
    oldest: date | None

    @property
    def period(self) -> str:
        return period_label(self.rule)


def overdue_summaries(now: datetime) -> list[OverdueSummary]:
    """Return every retention rule with the number of overdue rows and the date of the oldest."""
    overdue = []
    for rule in retention_rules():
        rows = rule.get_due_rows(now)
        oldest = rows.order_by(rule.age_field).values_list(rule.age_field, flat=True).first()
        overdue.append(OverdueSummary(rule, rows.count(), oldest.date() if isinstance(oldest, datetime) else oldest))
    return overdue


def period_label(rule: RetentionRule) -> str:
    """Return a period as text: "30 days after they were written"; whole years are given in years."""
    days = retention_days(rule)
    if days % 365 == 0:
        period = ngettext("%(count)s year", "%(count)s years", days // 365) % {"count": days // 365}
    else:
        period = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return f"{period} {rule.after}"
