"""Programmes, initiatives and projects as IATI 2.03 activities, and the rules of that standard that no schema can say.

We tell of money that is others': `secondary-reporter` says so. What is only remembered is left out, and what is
invented is too unless it is asked for, and then says so in its title. A day that is known by its month or its year
alone becomes the first or the last day that it may be, with a narrative that says how much is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from samsvar.dates import PartialDate, partial_date
from samsvar.errors import InterchangeError
from samsvar.funding.amounts import written
from samsvar.funding.loading import areas
from samsvar.funding.programmes import Activity, Form, Partner, Role, Side
from samsvar.funding.projects import Result, Step, Transaction
from samsvar.territories import name_of, territory

VERSION = "2.03"
OURS = "https://samsvar.example/iati"  # a name for our own attribute, where `invented` stands; nothing lies there
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

VIOLENCE = "15180"  # OECD purpose code: ending violence against women and girls
EUROPE = "89"  # OECD region, where several states share a sum that no source splits
OUR_VOCABULARY = "99"  # the reporting organisation's own
DONORS_TYPE, GOVERNMENT, MULTILATERAL, OTHER = "10", "10", "40", "90"

TRANSACTION_TYPES = {Step.COMMITTED: "2", Step.DISBURSED: "3", Step.SPENT: "4"}
ROLES = {Role.OPERATOR: "2", Role.PROMOTER: "4", Role.PARTNER: "4", Role.ADVISER: "2"}  # 2 accountable, 4 implementing
PLANNED_START, PLANNED_END = "1", "3"
PIPELINE, RUNNING, ENDED = "1", "2", "4"
PARENT, CHILD = "1", "2"
_XML_HAS_NO = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TECHNICAL_COOPERATION = frozenset({Form.CONFERENCE, Form.WORKSHOP, Form.PARTNERSHIP, Form.STUDY_VISIT})


class NothingToReport(InterchangeError):
    """There is no activity that can be given out: IATI has no empty file."""

    code = "nothing_to_report"
    kept = ""
    advice = "Activities need a source, and a period or a day on which they begin."


class BadReporter(InterchangeError):
    """The setting that names the reporting organisation cannot be read."""

    code = "bad_reporter"
    kept = ""
    advice = "Write: identifier, type of organisation (two digits), name: XM-EXAMPLE-1 10 Ministry of Justice."

    def __init__(self, said: str) -> None:
        super().__init__(f"“{said}” names no reporting organisation.")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. The default is registered nowhere and says so: a file of it is for reading, not for publishing."""

    ref: str = "UNREGISTERED-SAMSVAR"
    type: str = OTHER
    name: str = "A Samsvar site that is not registered with IATI"


def reporter_in(said: str) -> Reporter:
    """The reporter that a setting names: "XM-EXAMPLE-1 10 Ministry of Justice"; the default for ""."""
    if not said.strip():
        return Reporter()
    parts = said.split(maxsplit=2)
    if len(parts) < 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) == 2):
        raise BadReporter(said)
    return Reporter(*parts)


@dataclass(frozen=True, slots=True)
class Reported:
    """An activity with everything that IATI tells of it."""

    activity: Activity
    updated: datetime
    transactions: tuple[Transaction, ...] = ()
    results: tuple[Result, ...] = ()


def can_be_reported(one: Activity, *, invented: bool = False) -> bool:
    """Whether an activity can stand in a file: it is known, real, and begins at some time that can be told."""
    return one.counts and (invented or not one.invented) and _begins(one) is not None


def iati_xml(
    reported: Iterable[Reported],
    *,
    everything: Sequence[Activity],
    reporter: Reporter,
    generated: datetime,
    vocabulary_at: str = "",
    invented: bool = False,
) -> bytes:
    """The activities as one file. `everything` are all that there are: relations lead to those that can be reported.

    `vocabulary_at` is where the areas are explained. Raises NothingToReport, since the schema wants one activity.
    """
    known = {one.slug: one for one in everything if can_be_reported(one, invented=invented)}
    kept = [one for one in reported if one.activity.slug in known]
    if not kept:
        raise NothingToReport("There is no activity that IATI could be told of.")
    root = etree.Element("iati-activities", nsmap={"samsvar": OURS}, version=VERSION)
    root.set("generated-datetime", generated.isoformat(timespec="seconds"))
    for one in kept:
        root.append(_Element(one, known, reporter, generated.date(), vocabulary_at).made())
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def identifier(reporter: Reporter, slug: str) -> str:
    """The activity's identifier: never changed, since the slug is not."""
    return f"{reporter.ref}-{slug}"


class _Element:
    """One activity on its way to an element, in the order of the schema."""

    def __init__(
        self, told: Reported, known: Mapping[str, Activity], reporter: Reporter, today: date, vocabulary_at: str
    ) -> None:
        self.told, self.one, self.known = told, told.activity, known
        self.reporter, self.today, self.vocabulary_at = reporter, today, vocabulary_at
        self.top = etree.Element("iati-activity", nsmap={"samsvar": OURS})

    def made(self) -> etree._Element:
        one = self.one
        self.top.set(XML_LANG, "en")
        self.top.set("last-updated-datetime", self.told.updated.isoformat(timespec="seconds"))
        self.top.set("hierarchy", str(self._depth()))
        if currency := self._currency():
            self.top.set("default-currency", currency)
        if one.invented:
            self.top.set(f"{{{OURS}}}invented", "true")
        self._add("iati-identifier").text = identifier(self.reporter, one.slug)
        self._reporting_org()
        title = f"{one.title} (invented for a demonstration)" if one.invented else one.title
        self._narrative(self._add("title"), title, "en" if one.invented else one.language)
        self._narrative(self._add("description", type="1"), self._described())
        self._participants()
        if one.code:
            self._add("other-identifier", ref=one.code, type="A1")
        self._add("activity-status", code=self._status())
        self._dates()
        self._recipients()
        self._sectors()
        if one.form in TECHNICAL_COOPERATION:
            self._add("default-aid-type", code="D02")
        self._money()
        self._related()
        for result in self.told.results:
            self._result(result)
        return self.top

    def _add(self, tag: str, parent: etree._Element | None = None, **attributes: str) -> etree._Element:
        names = {name.replace("_", "-"): value for name, value in attributes.items()}
        return etree.SubElement(self.top if parent is None else parent, tag, names)

    def _narrative(self, parent: etree._Element, text: str, language: str = "en") -> None:
        narrative = self._add("narrative", parent)
        narrative.text = _plain(text)
        if language not in {"", "en"}:
            narrative.set(XML_LANG, language)

    def _depth(self) -> int:
        """1 for a programme, one more for each thing that it is a part of."""
        depth, at = 1, self.one
        while (above := self.known.get(at.part_of)) is not None and depth < 9:
            depth, at = depth + 1, above
        return depth

    def _currency(self) -> str:
        return self.one.currency or next((one.amount.currency for one in self.told.transactions), "")

    def _reporting_org(self) -> None:
        org = self._add("reporting-org", ref=self.reporter.ref, type=self.reporter.type, secondary_reporter="1")
        self._narrative(org, self.reporter.name)

    def _described(self) -> str:
        parts = [
            "Invented for a demonstration: there is no such money." if self.one.invented else "",
            self.one.about,
            self.one.note,
            f"Sources: {', '.join(self.one.sources)}." if self.one.sources else "",
        ]
        return " ".join(filter(None, parts))

    def _participants(self) -> None:
        for state in self.one.donors:
            donor = self._add("participating-org", type=DONORS_TYPE, role="1")
            self._narrative(donor, name_of(state))
        for partner in self.one.partners:
            self._participant(partner)
        if not self.one.donors and not self.one.partners:
            unknown = self._add("participating-org", role="4")
            self._narrative(unknown, "Not named by the source")

    def _participant(self, partner: Partner) -> None:
        org = self._add("participating-org", role=ROLES[partner.role])
        if partner.side is Side.INTERNATIONAL:
            org.set("type", MULTILATERAL)
        self._narrative(org, partner.name)

    def _status(self) -> str:
        begins, ends = _begins(self.one), _ends(self.one)
        if begins and begins.earliest > self.today:
            return PIPELINE
        return ENDED if ends and ends.latest < self.today else RUNNING

    def _dates(self) -> None:
        for kind, when, exact, first in (
            (PLANNED_START, _begins(self.one), self.one.begins, True),
            (PLANNED_END, _ends(self.one), self.one.ends, False),
        ):
            if when is None:
                continue
            day = when.earliest if first else when.latest
            element = self._add("activity-date", type=kind, iso_date=day.isoformat())
            if exact is None:
                self._narrative(element, f"Only the period of the grants is known: {self.one.period}.")
            elif exact.precision != "day":
                self._narrative(element, f"Known as {exact}.")

    def _recipients(self) -> None:
        states = self.one.beneficiaries
        if len(states) == 1:
            recipient = self._add("recipient-country", code=states[0])
            if (known := territory(states[0])) and known.invented:
                self._narrative(recipient, f"{known.name()} (invented)")
        elif states:
            region = self._add("recipient-region", code=EUROPE, vocabulary="1")
            self._narrative(region, "Shared by " + ", ".join(map(name_of, states)))

    def _sectors(self) -> None:
        for code, percentage in sector_shares(self.one):
            sector = self._add("sector", vocabulary="1", code=code)
            if percentage != 100:
                sector.set("percentage", written(percentage))
        for key in self.one.areas[:1]:
            area = areas()[key]
            own = self._add("sector", vocabulary=OUR_VOCABULARY, code=area.code or area.key)
            if self.vocabulary_at:
                own.set("vocabulary-uri", self.vocabulary_at)
            self._narrative(own, area.name)

    def _money(self) -> None:
        begins, ends = _begins(self.one), _ends(self.one)
        if self.one.grant and begins and ends:
            for start, end, part in _years(begins.earliest, ends.latest, self.one.grant.value):
                budget = self._add("budget", type="1", status="1")
                self._add("period-start", budget, iso_date=start.isoformat())
                self._add("period-end", budget, iso_date=end.isoformat())
                self._value(budget, part, self.one.grant.currency, self.one.grant.on or start)
        dated = [
            (one, one.on.earliest)
            for one in self.told.transactions
            if one.counts and one.on and one.on.precision == "day"
        ]
        for one, day in dated:
            if one.step is Step.PLANNED:
                self._planned(one, day)
        for one, day in dated:
            if one.step is not Step.PLANNED:
                self._transaction(one, day)

    def _value(self, parent: etree._Element, value: Decimal, currency: str, on: date) -> None:
        self._add("value", parent, currency=currency, value_date=on.isoformat()).text = written(value)

    def _planned(self, one: Transaction, day: date) -> None:
        planned = self._add("planned-disbursement", type="1")
        self._add("period-start", planned, iso_date=day.isoformat())
        self._value(planned, one.amount.value, one.amount.currency, one.amount.on or day)
        self._parties(planned, one)

    def _transaction(self, one: Transaction, day: date) -> None:
        transaction = self._add("transaction", ref=one.id)
        self._add("transaction-type", transaction, code=TRANSACTION_TYPES[one.step])
        self._add("transaction-date", transaction, iso_date=day.isoformat())
        self._value(transaction, one.amount.value, one.amount.currency, one.amount.on or day)
        if one.note:
            self._narrative(self._add("description", transaction), one.note)
        self._parties(transaction, one)

    def _parties(self, parent: etree._Element, one: Transaction) -> None:
        for tag, name in (("provider-org", one.payer), ("receiver-org", one.receiver)):
            if name:
                self._narrative(self._add(tag, parent), name)

    def _related(self) -> None:
        if self.one.part_of in self.known:
            self._add("related-activity", ref=identifier(self.reporter, self.one.part_of), type=PARENT)
        for other in self.known.values():
            if other.part_of == self.one.slug:
                self._add("related-activity", ref=identifier(self.reporter, other.slug), type=CHILD)

    def _result(self, one: Result) -> None:
        result = self._add("result", type="1")
        self._narrative(self._add("title", result), one.what)
        indicator = self._add("indicator", result, measure="1" if one.is_measured else "5")
        self._narrative(self._add("title", indicator), f"{one.what} ({one.unit})" if one.unit else one.what)
        begins, ends = one.begins or _begins(self.one), one.ends or _ends(self.one)
        if begins is None or ends is None:
            words = " ".join(filter(None, (one.promised and f"Promised: {one.promised}", one.came)))
            if words:
                description = self._add("description", indicator)
                self._narrative(description, words)
            return
        period = self._add("period", indicator)
        self._add("period-start", period, iso_date=begins.earliest.isoformat())
        self._add("period-end", period, iso_date=ends.latest.isoformat())
        for tag, number, words in (
            ("target", one.promised_number, one.promised),
            ("actual", one.came_number, one.came),
        ):
            if number is None and not words:
                continue
            said = self._add(tag, period)
            if number is not None:
                said.set("value", written(number))
            if words:
                self._narrative(self._add("comment", said), words)


def sector_shares(one: Activity) -> tuple[tuple[str, Decimal], ...]:
    """OECD purpose codes with whole hundredths of a per cent that add to 100; () where none is known to fit."""
    main = next((areas()[key].sector for key in one.areas if areas()[key].sector), "")
    if one.gbv and one.grant and one.gbv.currency == one.grant.currency and one.grant.value:
        share = (one.gbv.share_of(one.grant) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if share == 100 or main == VIOLENCE:
            return ((VIOLENCE, Decimal(100)),)
        if main and share > 0:
            return ((VIOLENCE, share), (main, 100 - share))
    return ((main, Decimal(100)),) if main else ()


def _begins(one: Activity) -> PartialDate | None:
    """When it begins, or else the first year of its period."""
    return one.begins or _year_of(one.period, 0)


def _ends(one: Activity) -> PartialDate | None:
    """When it ends; the last year of its period only where the period says its beginning too."""
    if one.ends:
        return one.ends
    last = _year_of(one.period, -1)
    return last if last and (one.begins is None or last.latest >= one.begins.earliest) else None


def _year_of(period: str, place: int) -> PartialDate | None:
    parts = period.split("-")
    return partial_date(parts[place]) if all(len(part) == 4 and part.isdigit() for part in parts) else None


def _years(start: date, end: date, value: Decimal) -> Iterator[tuple[date, date, Decimal]]:
    """A sum over stretches of a year at most, as IATI wants its budgets: the whole in the first, nought in the others.

    No source splits a grant by years, and to split it evenly would be an invention.
    """
    begins, left = start, value
    while begins <= end:
        last = min(date(begins.year, 12, 31), end)
        yield begins, last, left
        begins, left = date(begins.year + 1, 1, 1), Decimal(0)


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return _XML_HAS_NO.sub("", text)


# --- What the schema cannot say ---------------------------------------------------------------------------------------


def broken_rules(content: bytes) -> tuple[str, ...]:
    """Which rules of the standard's ruleset the file breaks; () where it keeps them.

    Shares add to 100 in each vocabulary; a beginning is not after its end; a budget is no longer than a year; an
    identifier begins with that of the reporter; a file tells each activity once, and where it relates, it does so in
    its own hierarchy.
    """
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    broken: list[str] = []
    seen: set[str] = set()
    for activity in root.iterfind("iati-activity"):
        name = activity.findtext("iati-identifier") or ""
        broken += [f"{name}: {problem}" for problem in _broken_in(activity, name)]
        if name in seen:
            broken.append(f"{name}: stands in the file twice")
        seen.add(name)
    return tuple(broken)


def _broken_in(activity: etree._Element, name: str) -> Iterator[str]:
    reporter = activity.find("reporting-org")
    if reporter is None or not name.startswith(f"{reporter.get('ref')}-"):
        yield "its identifier does not begin with the reporter's"
    if not activity.xpath("activity-date[@type='1' or @type='2']"):
        yield "it has no beginning"
    starts = [one.get("iso-date") for one in activity.iterfind("activity-date[@type='1']")]
    ends = [one.get("iso-date") for one in activity.iterfind("activity-date[@type='3']")]
    if starts and ends and max(starts) > min(ends):
        yield "it ends before it begins"
    places = [*activity.iterfind("recipient-country"), *activity.iterfind("recipient-region")]
    if not _whole(places):
        yield "the shares of its countries do not add to 100"
    sectors = list(activity.iterfind("sector"))
    if not sectors:
        yield "it has no sector"
    for vocabulary in {one.get("vocabulary") for one in sectors}:
        if not _whole([one for one in sectors if one.get("vocabulary") == vocabulary]):
            yield f"the shares of its sectors (vocabulary {vocabulary}) do not add to 100"
    for period in activity.xpath("budget | result/indicator/period"):
        start, end = period.find("period-start").get("iso-date"), period.find("period-end").get("iso-date")
        if start > end:
            yield "a period ends before it begins"
        if period.tag == "budget" and (date.fromisoformat(end) - date.fromisoformat(start)).days > 366:
            yield "a budget is longer than a year"
    for value in activity.iter("value"):
        if not (value.get("currency") or activity.get("default-currency")):
            yield "a value has no currency"
    for org in activity.iterfind("participating-org"):
        if not org.get("ref") and not (org.findtext("narrative") or "").strip():
            yield "an organisation has neither identifier nor name"


def _whole(elements: Sequence[etree._Element]) -> bool:
    """One thing may leave its share out; several say theirs, and together are everything."""
    if len(elements) <= 1:
        return all(one.get("percentage") in {None, "100"} for one in elements)
    return sum(Decimal(one.get("percentage") or 0) for one in elements) == 100
