"""Export of programmes, initiatives and projects as IATI 2.03, and checks of rules that its schema cannot express.

We report other organisations' funding, so every activity has `secondary-reporter`. Unverified activities are left
out, and so are fictional ones unless they are requested, in which case their titles say so. A date known only by
month or year is written as the first or last possible day, with a text that says how precisely it is known. Data that
the standard cannot express without invented values is left out, counted in a comment at the start of the file and
described in words where possible (docs/decisions/0015-funding.md).
"""
# One module, because the export and the rules that check it follow the same version of the standard.

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from samsvar.dates import PartialDate, parse_partial_date
from samsvar.errors import InterchangeError
from samsvar.funding.amounts import Amount, format_decimal
from samsvar.funding.loading import load_areas
from samsvar.funding.programmes import Activity, ActivityFormat, ActivityKind, Partner, PartnerRole, PartnerSide
from samsvar.funding.projects import Result, Transaction, TransactionStep
from samsvar.interchange.text_cleanup import clean_text
from samsvar.territories import territory, territory_name

VERSION = "2.03"
SAMSVAR_NAMESPACE = "https://samsvar.example/iati"  # of our own attribute `fictional`; the address does not exist
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

VIOLENCE_SECTOR = "15180"  # OECD purpose code: ending violence against women and girls
EUROPE_REGION = "89"  # OECD region, for sums that are shared by several states and not split by any source
OWN_VOCABULARY = "99"  # the reporting organisation's own
DONORS_TYPE, GOVERNMENT, MULTILATERAL, OTHER = "10", "10", "40", "90"

# Activities that pass money on report commitments and disbursements (2, 3); those that do the work report
# incoming commitments and incoming funds (11, 1).
FUNDER_TRANSACTION_TYPES = {TransactionStep.COMMITTED: "2", TransactionStep.DISBURSED: "3", TransactionStep.SPENT: "4"}
IMPLEMENTER_TRANSACTION_TYPES = {
    TransactionStep.COMMITTED: "11",
    TransactionStep.DISBURSED: "1",
    TransactionStep.SPENT: "4",
}
TRANSACTION_TYPES = {
    ActivityKind.PROGRAMME: FUNDER_TRANSACTION_TYPES,
    ActivityKind.CALL: FUNDER_TRANSACTION_TYPES,
    ActivityKind.INITIATIVE: IMPLEMENTER_TRANSACTION_TYPES,
    ActivityKind.PROJECT: IMPLEMENTER_TRANSACTION_TYPES,
}
# 2 is accountable, 4 is implementing. The codelist has no role for advisers, who are neither.
ORGANISATION_ROLES = {PartnerRole.OPERATOR: "2", PartnerRole.PROMOTER: "4", PartnerRole.PARTNER: "4"}
PLANNED_START, PLANNED_END = "1", "3"
STATUS_PIPELINE, STATUS_RUNNING, STATUS_ENDED = "1", "2", "4"
RELATION_PARENT, RELATION_CHILD = "1", "2"
TECHNICAL_COOPERATION = frozenset(
    {ActivityFormat.CONFERENCE, ActivityFormat.WORKSHOP, ActivityFormat.PARTNERSHIP, ActivityFormat.STUDY_VISIT}
)


class NothingToReport(InterchangeError):
    """Raised when there is no activity to export, because IATI does not allow empty files."""

    effect = ""
    advice = "Activities need a source, and a period or a start date."


class InvalidReporter(InterchangeError):
    """Raised when the setting with the reporting organisation cannot be parsed."""

    effect = ""
    advice = "Write identifier, type of organisation (two digits) and name: XM-EXAMPLE-1 10 Ministry of Justice."

    def __init__(self, setting: str) -> None:
        super().__init__(f"“{setting}” is not a reporting organisation.")


@dataclass(frozen=True, slots=True)
class ReportingOrganisation:
    """The reporting organisation.

    The default's name says that the site is not registered with IATI: its files are for reading, not for publishing.
    """

    ref: str = "UNREGISTERED-SAMSVAR"
    type: str = OTHER
    name: str = "A Samsvar site that is not registered with IATI"


def parse_reporting_organisation(setting: str) -> ReportingOrganisation:
    """Parse the setting with the reporter: "XM-EXAMPLE-1 10 Ministry of Justice"; return the default for ""."""
    if not setting.strip():
        return ReportingOrganisation()
    parts = setting.split(maxsplit=2)
    if len(parts) < 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) == 2):
        raise InvalidReporter(setting)
    return ReportingOrganisation(*parts)


@dataclass(frozen=True, slots=True)
class ReportedActivity:
    """An activity with the transactions and results that are exported with it."""

    activity: Activity
    updated: datetime
    transactions: tuple[Transaction, ...] = ()
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Omissions:
    """The items left out of a file. The file states their numbers, so that it is not mistaken for complete."""

    without_start: tuple[str, ...] = ()  # activities for which no source gives a start
    unverified: tuple[str, ...] = ()  # unverified activities
    undated: int = 0  # number of sums without a date
    future: int = 0  # number of sums whose date may be in the future
    spent_from_disbursed: int = 0  # number of sums spent from disbursed money, which would be counted twice

    def __str__(self) -> str:
        counts = [
            ("activities without a known start", len(self.without_start)),
            ("unverified activities", len(self.unverified)),
            ("amounts without a date", self.undated),
            ("amounts with a date that may be in the future", self.future),
            ("amounts spent from disbursed funding", self.spent_from_disbursed),
        ]
        return "; ".join(f"{label}: {count}" for label, count in counts if count)


def can_be_reported(activity: Activity, *, include_fictional: bool = False) -> bool:
    """Return whether an activity can be exported: verified, with a known start and, by default, not fictional."""
    return (
        activity.counts
        and (include_fictional or not activity.fictional)
        and _start_date(activity.without_unverified_values()) is not None
    )


def find_omissions(reported: Iterable[ReportedActivity], *, include_fictional: bool = False, today: date) -> Omissions:
    """Return the activities and transactions that an export of these activities would leave out."""
    candidates = [one for one in reported if include_fictional or not one.activity.fictional]
    reportable = [one for one in candidates if can_be_reported(one.activity, include_fictional=include_fictional)]
    omitted = [(one, each, _omission_reason(one, each, today)) for one in reportable for each in one.transactions]
    reasons = [reason for _, _, reason in omitted]
    return Omissions(
        without_start=tuple(one.activity.slug for one in candidates if one.activity.counts and one not in reportable),
        unverified=tuple(one.activity.slug for one in candidates if not one.activity.counts),
        undated=reasons.count("undated"),
        future=reasons.count("still to come"),
        spent_from_disbursed=reasons.count("paid on"),
    )


def _omission_reason(item: ReportedActivity, transaction: Transaction, today: date) -> str:
    """Return why a transaction is left out; "" if it is exported.

    The reasons are "remembered" (unverified), "undated", "still to come" (possibly in the future) and "paid on"
    (spent from disbursed money).
    """
    if not transaction.counts:
        return "remembered"
    if transaction.on is None:
        return "undated"
    if transaction.step is TransactionStep.PLANNED:
        return ""
    if transaction.on.latest > today:
        return "still to come"
    is_funder = TRANSACTION_TYPES[item.activity.kind] is FUNDER_TRANSACTION_TYPES
    has_disbursements = any(
        each.step is TransactionStep.DISBURSED and each.counts and each.on for each in item.transactions
    )
    return "paid on" if is_funder and transaction.step is TransactionStep.SPENT and has_disbursements else ""


def export_iati(
    reported: Iterable[ReportedActivity],
    *,
    all_activities: Sequence[Activity],
    reporter: ReportingOrganisation,
    generated_at: datetime,
    vocabulary_url: str = "",
    include_fictional: bool = False,
) -> bytes:
    """Return the activities as one IATI file.

    `all_activities` are the activities that relations may refer to, if they can be exported. `vocabulary_url` is the
    URL of the page that explains the areas. Raises NothingToReport if no activity can be exported, because the schema
    requires at least one.
    """
    reported = [replace(item, activity=item.activity.without_unverified_values()) for item in reported]
    verified_activities = [item.without_unverified_values() for item in all_activities]
    reportable = {
        item.slug: item for item in verified_activities if can_be_reported(item, include_fictional=include_fictional)
    }
    included = [item for item in reported if item.activity.slug in reportable]
    if not included:
        raise NothingToReport("No activity can be exported to IATI.")
    root = etree.Element("iati-activities", nsmap={"samsvar": SAMSVAR_NAMESPACE}, version=VERSION)
    root.set("generated-datetime", generated_at.isoformat(timespec="seconds"))
    if omissions := str(find_omissions(reported, include_fictional=include_fictional, today=generated_at.date())):
        root.append(etree.Comment(f" Not in this file: {omissions}. "))
    for item in included:
        root.append(_ActivityElementBuilder(item, reportable, reporter, generated_at.date(), vocabulary_url).build())
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def activity_identifier(reporter: ReportingOrganisation, slug: str) -> str:
    """Return the activity's IATI identifier, which is permanent because the slug is."""
    return f"{reporter.ref}-{slug}"


class _ActivityElementBuilder:
    """A builder of the XML element of one activity, with its children in the order of the schema."""

    def __init__(
        self,
        reported: ReportedActivity,
        reportable: Mapping[str, Activity],
        reporter: ReportingOrganisation,
        today: date,
        vocabulary_url: str,
    ) -> None:
        self.reported, self.activity, self.reportable = reported, reported.activity, reportable
        self.reporter, self.today, self.vocabulary_url = reporter, today, vocabulary_url
        self.element = etree.Element("iati-activity", nsmap={"samsvar": SAMSVAR_NAMESPACE})

    def build(self) -> etree._Element:
        activity = self.activity
        self.element.set(XML_LANG, "en")
        self.element.set("last-updated-datetime", self.reported.updated.isoformat(timespec="seconds"))
        self.element.set("hierarchy", str(self._hierarchy_level()))
        if currency := self._find_currency():
            self.element.set("default-currency", currency)
        if activity.fictional:
            self.element.set(f"{{{SAMSVAR_NAMESPACE}}}fictional", "true")
        self._add_element("iati-identifier").text = activity_identifier(self.reporter, activity.slug)
        self._add_reporting_org()
        add_notice = activity.fictional and not re.search("fictional|invented", activity.title.casefold())
        title = f"{activity.title} (fictional, for demonstration only)" if add_notice else activity.title
        self._add_narrative(self._add_element("title"), title, "en" if add_notice else activity.language)
        self._add_narrative(self._add_element("description", type="1"), self._build_description())
        self._add_participants()
        if activity.code:
            self._add_element("other-identifier", ref=activity.code, type="A1")
        self._add_element("activity-status", code=self._status_code())
        self._add_dates()
        self._add_recipients()
        self._add_sectors()
        if activity.form in TECHNICAL_COOPERATION:
            self._add_element("default-aid-type", code="D02")
        self._add_amounts()
        self._add_related_activities()
        for result in self.reported.results:
            self._add_result(result)
        if activity.grant and not self._is_at_most_one_year_long():
            grant = etree.SubElement(self.element, f"{{{SAMSVAR_NAMESPACE}}}grant", currency=activity.grant.currency)
            grant.text = format_decimal(activity.grant.value)
        return self.element

    def _add_element(self, tag: str, parent: etree._Element | None = None, **attributes: str) -> etree._Element:
        names = {name.replace("_", "-"): value for name, value in attributes.items()}
        return etree.SubElement(self.element if parent is None else parent, tag, names)

    def _add_narrative(self, parent: etree._Element, text: str, language: str = "en") -> None:
        narrative = self._add_element("narrative", parent)
        narrative.text = clean_text(text)
        if language not in {"", "en"}:
            narrative.set(XML_LANG, language)

    def _hierarchy_level(self) -> int:
        """Return the activity's level in the hierarchy, counted from 1 at the top (at most 9)."""
        depth, activity = 1, self.activity
        while (parent := self.reportable.get(activity.part_of)) is not None and depth < 9:
            depth, activity = depth + 1, parent
        return depth

    def _find_currency(self) -> str:
        return self.activity.currency or next((one.amount.currency for one in self.reported.transactions), "")

    def _add_reporting_org(self) -> None:
        org = self._add_element("reporting-org", ref=self.reporter.ref, type=self.reporter.type, secondary_reporter="1")
        self._add_narrative(org, self.reporter.name)

    def _build_description(self) -> str:
        parts = [
            "Fictional, for demonstration only: this funding does not exist." if self.activity.fictional else "",
            self.activity.about,
            self.activity.note,
            self._build_grant_sentence(),
            *(f"Advised by {one.name}." for one in self.activity.partners if one.role is PartnerRole.ADVISER),
            "" if self.activity.ends else "No source gives an end date: it may already have ended.",
            f"Sources: {', '.join(self.activity.sources)}." if self.activity.sources else "",
        ]
        return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)

    def _build_grant_sentence(self) -> str:
        """Return a sentence that states the grant; "" if it is unknown or exported as a budget."""
        if self.activity.grant is None or self._is_at_most_one_year_long():
            return ""
        grant = self.activity.grant
        return f"Total grant: {grant.currency} {format_decimal(grant.value)}; no source splits it by year."

    def _is_at_most_one_year_long(self) -> bool:
        """Return whether start and end are known and at most a year apart, the maximum length of an IATI budget."""
        begins, ends = self.activity.begins, self.activity.ends
        return bool(begins and ends and (ends.latest - begins.earliest).days < 366)

    def _add_participants(self) -> None:
        for state in self.activity.donors:
            donor = self._add_element("participating-org", type=DONORS_TYPE, role="1")
            self._add_narrative(donor, territory_name(state))
        for partner in self.activity.partners:
            if partner.role in ORGANISATION_ROLES:
                self._add_participant(partner)
        if self.element.find("participating-org") is None:
            unknown = self._add_element("participating-org", role="4")
            self._add_narrative(unknown, "Not named in the source")

    def _add_participant(self, partner: Partner) -> None:
        org = self._add_element("participating-org", role=ORGANISATION_ROLES[partner.role])
        if partner.side is PartnerSide.INTERNATIONAL:
            org.set("type", MULTILATERAL)
        self._add_narrative(org, partner.name)

    def _status_code(self) -> str:
        """Return the status code on the day of the export.

        Only an end date from a source ends an activity: the last year of a period applies to the grants, not to the
        activity.
        """
        begins, ends = _start_date(self.activity), self.activity.ends
        if begins and begins.earliest > self.today:
            return STATUS_PIPELINE
        return STATUS_ENDED if ends and ends.latest < self.today else STATUS_RUNNING

    def _add_dates(self) -> None:
        for kind, when, exact, first in (
            (PLANNED_START, _start_date(self.activity), self.activity.begins, True),
            (PLANNED_END, self.activity.ends, self.activity.ends, False),
        ):
            if when is None:
                continue
            day = when.earliest if first else when.latest
            element = self._add_element("activity-date", type=kind, iso_date=day.isoformat())
            if exact is None:
                self._add_narrative(element, f"Only the period of the grants is known: {self.activity.period}.")
            elif exact.precision != "day":
                self._add_narrative(element, f"The date is only known as {exact}.")

    def _add_recipients(self) -> None:
        states = self.activity.beneficiaries
        if len(states) == 1:
            recipient = self._add_element("recipient-country", code=states[0])
            if (state := territory(states[0])) and state.fictional:
                self._add_narrative(recipient, f"{state.name()} (fictional)")
        elif states:
            region = self._add_element("recipient-region", code=EUROPE_REGION, vocabulary="1")
            self._add_narrative(region, "Shared by " + ", ".join(map(territory_name, states)))

    def _add_sectors(self) -> None:
        for code, percentage in sector_shares(self.activity):
            sector = self._add_element("sector", vocabulary="1", code=code)
            if percentage != 100:
                sector.set("percentage", format_decimal(percentage))
        known_areas = [load_areas()[key] for key in self.activity.areas]
        own_sector = self._add_element(
            "sector", vocabulary=OWN_VOCABULARY, code="+".join(one.code or one.key for one in known_areas) or "?"
        )
        if self.vocabulary_url:
            own_sector.set("vocabulary-uri", self.vocabulary_url)
        shared = " (no source gives the shares)" if len(known_areas) > 1 else ""
        self._add_narrative(
            own_sector, "; ".join(one.name for one in known_areas) + shared if known_areas else "Not in the source"
        )

    def _add_amounts(self) -> None:
        begins, ends = self.activity.begins, self.activity.ends
        if self.activity.grant and begins and ends and self._is_at_most_one_year_long():
            budget = self._add_element("budget", type="1", status="1")
            self._add_element("period-start", budget, iso_date=begins.earliest.isoformat())
            self._add_element("period-end", budget, iso_date=ends.latest.isoformat())
            self._add_value(budget, self.activity.grant, begins.earliest)
        exported = [
            (transaction, transaction.on)
            for transaction in self.reported.transactions
            if transaction.on and not _omission_reason(self.reported, transaction, self.today)
        ]
        for transaction, on in exported:
            if transaction.step is TransactionStep.PLANNED:
                self._add_planned_disbursement(transaction, on)
        for transaction, on in exported:
            if transaction.step is not TransactionStep.PLANNED:
                self._add_transaction(transaction, on)

    def _add_value(self, parent: etree._Element, amount: Amount, default_day: date) -> None:
        """Add an amount; the default day is its value date if no source gives one."""
        day = (amount.value_date or default_day).isoformat()
        element = self._add_element("value", parent, currency=amount.currency, value_date=day)
        element.text = format_decimal(amount.value)

    def _add_planned_disbursement(self, transaction: Transaction, on: PartialDate) -> None:
        planned = self._add_element("planned-disbursement", type="1")
        self._add_element("period-start", planned, iso_date=on.earliest.isoformat())
        if on.precision != "day":
            self._add_element("period-end", planned, iso_date=on.latest.isoformat())
        self._add_value(planned, transaction.amount, on.earliest)
        self._add_parties(planned, transaction)

    def _add_transaction(self, transaction: Transaction, on: PartialDate) -> None:
        """Add a transaction.

        If only the month or year is known, its last day is used: by then the transaction has certainly taken place.
        """
        element = self._add_element("transaction", ref=transaction.id)
        self._add_element("transaction-type", element, code=TRANSACTION_TYPES[self.activity.kind][transaction.step])
        day = self._add_element("transaction-date", element, iso_date=on.latest.isoformat())
        if on.precision != "day":
            etree.SubElement(day, f"{{{SAMSVAR_NAMESPACE}}}known-as").text = str(on)
        self._add_value(element, transaction.amount, on.latest)
        imprecise = "" if on.precision == "day" else f"The date is only known as {on}."
        if description := " ".join(filter(None, (transaction.note, imprecise))):
            self._add_narrative(self._add_element("description", element), description)
        self._add_parties(element, transaction)

    def _add_parties(self, parent: etree._Element, transaction: Transaction) -> None:
        for tag, name in (("provider-org", transaction.payer), ("receiver-org", transaction.receiver)):
            if name:
                self._add_narrative(self._add_element(tag, parent), name)

    def _add_related_activities(self) -> None:
        parent = [(self.activity.part_of, RELATION_PARENT)] if self.activity.part_of in self.reportable else []
        parts = [one.slug for one in self.reportable.values() if one.part_of == self.activity.slug]
        for slug, relation in (*parent, *((slug, RELATION_CHILD) for slug in parts)):
            self._add_element("related-activity", ref=activity_identifier(self.reporter, slug), type=relation)

    def _add_result(self, result: Result) -> None:
        element = self._add_element("result", type="1")
        self._add_narrative(self._add_element("title", element), result.what)
        begins, ends = result.begins or self.activity.begins, result.ends or self.activity.ends
        measured = result.is_measured and begins is not None and ends is not None
        indicator = self._add_element("indicator", element, measure="1" if measured else "5")
        self._add_narrative(
            self._add_element("title", indicator), f"{result.what} ({result.unit})" if result.unit else result.what
        )
        halves = (("target", result.promised_number, result.promised), ("actual", result.came_number, result.came))
        if begins is None or ends is None:
            self._add_narrative(self._add_element("description", indicator), _describe_values(halves))
            return
        period = self._add_element("period", indicator)
        self._add_element("period-start", period, iso_date=begins.earliest.isoformat())
        self._add_element("period-end", period, iso_date=ends.latest.isoformat())
        for tag, number, text in halves:
            if number is not None or (text and not measured):
                value_element = self._add_element(tag, period)
                if number is not None:
                    value_element.set("value", format_decimal(number))
                if text:
                    self._add_narrative(self._add_element("comment", value_element), text)
        if only_in_words := [half for half in halves if measured and half[1] is None and half[2]]:
            description = etree.Element("description")
            self._add_narrative(description, _describe_values(only_in_words))
            indicator.insert(1, description)


def _describe_values(halves: Iterable[tuple[str, Decimal | None, str]]) -> str:
    """Describe promised and achieved results in words, for cases that the standard cannot express in numbers."""
    names = {"target": "Promised", "actual": "Came"}
    parts = [(names[tag], "" if number is None else format_decimal(number), text) for tag, number, text in halves]
    return " ".join(
        f"{name}: {' '.join(filter(None, (number, text)))}" for name, number, text in parts if number or text
    )


def sector_shares(activity: Activity) -> tuple[tuple[str, Decimal], ...]:
    """Return OECD purpose codes with percentages that add up to 100; () if no source gives the shares.

    An activity with one area gets 100% for it. With several, sources give at most the share for work against violence,
    and the remainder can be assigned only if there is exactly one other area and it has a purpose code. Percentages are
    rounded to two decimals.
    """
    codes = [load_areas()[key].sector for key in activity.areas]
    if activity.gbv and activity.grant and activity.gbv.currency == activity.grant.currency and activity.grant.value:
        share = (activity.gbv.fraction_of(activity.grant) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if share == 100:
            return ((VIOLENCE_SECTOR, Decimal(100)),)
        other_sectors = [code for code in codes if code != VIOLENCE_SECTOR]
        if len(other_sectors) == 1 and other_sectors[0] and share > 0:
            return ((VIOLENCE_SECTOR, share), (other_sectors[0], 100 - share))
        if share > 0 or VIOLENCE_SECTOR in codes:
            return ()
    return ((codes[0], Decimal(100)),) if len(codes) == 1 and codes[0] else ()


def _start_date(activity: Activity) -> PartialDate | None:
    """Return the start date, which the standard requires; None if it is unknown.

    If no source gives a programme's start, it is the first year of the period, and the export says that only the period
    is known. Other activities may start in any year of the period.
    """
    return activity.begins or (
        _parse_period_year(activity.period, 0) if activity.kind is ActivityKind.PROGRAMME else None
    )


def _parse_period_year(period: str, place: int) -> PartialDate | None:
    parts = period.split("-")
    return parse_partial_date(parts[place]) if all(len(part) == 4 and part.isdigit() for part in parts) else None


# --- Rules that the schema cannot express -----------------------------------------------------------------------------


def find_broken_rules(content: bytes) -> tuple[str, ...]:
    """Return the rules of the standard's ruleset that the file breaks; () if there are none.

    Percentages add up to 100 in each vocabulary; activities do not end before they start; budgets are at most a year
    long; transactions and value dates are not in the future; quantitative results have a number; identifiers start
    with the reporter's and contain none of the characters / & | ?; every activity occurs only once.
    """
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    today = str(root.get("generated-datetime"))[:10]
    broken: list[str] = []
    identifiers: set[str] = set()
    for activity in root.iterfind("iati-activity"):
        name = activity.findtext("iati-identifier") or ""
        broken += [f"{name}: {problem}" for problem in _find_broken_activity_rules(activity, name, today)]
        if name in identifiers:
            broken.append(f"{name}: occurs twice in the file")
        identifiers.add(name)
    return tuple(broken)


def _find_broken_activity_rules(activity: etree._Element, name: str, today: str) -> Iterator[str]:
    reporter = activity.find("reporting-org")
    if reporter is None or not name.startswith(f"{reporter.get('ref')}-"):
        yield "its identifier does not begin with the reporter's"
    if not activity.xpath("activity-date[@type='1' or @type='2']"):
        yield "it has no start"
    starts = [one.get("iso-date") for one in activity.iterfind("activity-date[@type='1']")]
    ends = [one.get("iso-date") for one in activity.iterfind("activity-date[@type='3']")]
    if starts and ends and max(starts) > min(ends):
        yield "it ends before it starts"
    places = [*activity.iterfind("recipient-country"), *activity.iterfind("recipient-region")]
    if not _has_complete_shares(places):
        yield "the shares of its countries do not add up to 100"
    sectors = list(activity.iterfind("sector"))
    if not sectors:
        yield "it has no sector"
    for vocabulary in {one.get("vocabulary") for one in sectors}:
        if not _has_complete_shares([one for one in sectors if one.get("vocabulary") == vocabulary]):
            yield f"the shares of its sectors (vocabulary {vocabulary}) do not add up to 100"
    for period in activity.xpath("budget | result/indicator/period"):
        start, end = period.find("period-start").get("iso-date"), period.find("period-end").get("iso-date")
        if start > end:
            yield "a period ends before it starts"
        if period.tag == "budget" and (date.fromisoformat(end) - date.fromisoformat(start)).days > 366:
            yield "a budget is longer than a year"
    if re.search(r"[/&|?]", name):
        yield "its identifier contains a character that is not allowed"
    for day in activity.xpath("transaction/transaction-date/@iso-date | transaction/value/@value-date"):
        if day > today:
            yield "a transaction is dated in the future"
    if activity.xpath("result/indicator[@measure != '5']/period/*[self::target or self::actual][not(@value)]"):
        yield "a quantitative result has no number"
    for value in activity.iter("value"):
        if not (value.get("currency") or activity.get("default-currency")):
            yield "a value has no currency"
    for org in activity.iterfind("participating-org"):
        if not org.get("ref") and not (org.findtext("narrative") or "").strip():
            yield "an organisation has neither identifier nor name"


def _has_complete_shares(elements: Sequence[etree._Element]) -> bool:
    """Return whether the percentages add up to 100; a single element may omit its percentage."""
    if len(elements) <= 1:
        return all(one.get("percentage") in {None, "100"} for one in elements)
    return sum(Decimal(one.get("percentage") or 0) for one in elements) == 100
