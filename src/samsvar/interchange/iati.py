"""Programmes, initiatives and projects as IATI 2.03 activities, and the rules of that standard that no schema can say.

We tell of money that is others': `secondary-reporter` says so. What is only remembered is left out, and what is
invented is too unless it is asked for, and then says so in its title. A day that is known by its month or its year
alone becomes the first or the last day that it may be, with words that say how much is known. What the standard has no
place for without inventing something is left out, counted in the file's first comment, and told in words where it can
be (docs/decisions/0015-money.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from samsvar.dates import PartialDate, partial_date
from samsvar.errors import InterchangeError
from samsvar.funding.amounts import written
from samsvar.funding.loading import areas
from samsvar.funding.programmes import Activity, Form, Kind, Partner, Role, Side
from samsvar.funding.projects import Result, Step, Transaction
from samsvar.territories import name_of, territory

VERSION = "2.03"
OURS = "https://samsvar.example/iati"  # a name for our own attribute, where `invented` stands; nothing lies there
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

VIOLENCE = "15180"  # OECD purpose code: ending violence against women and girls
EUROPE = "89"  # OECD region, where several states share a sum that no source splits
OUR_VOCABULARY = "99"  # the reporting organisation's own
DONORS_TYPE, GOVERNMENT, MULTILATERAL, OTHER = "10", "10", "40", "90"

# What gives money on promises it and pays it out (2, 3); what does the work is promised money and receives it (11, 1).
GIVING = {Step.COMMITTED: "2", Step.DISBURSED: "3", Step.SPENT: "4"}
WORKING = {Step.COMMITTED: "11", Step.DISBURSED: "1", Step.SPENT: "4"}
TRANSACTION_TYPES = {Kind.PROGRAMME: GIVING, Kind.CALL: GIVING, Kind.INITIATIVE: WORKING, Kind.PROJECT: WORKING}
# 2 is accountable, 4 implementing. Whoever advises is neither, and the codelist has nothing else for it.
ROLES = {Role.OPERATOR: "2", Role.PROMOTER: "4", Role.PARTNER: "4"}
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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a file of activities does not tell, so that nobody takes it for everything."""

    without_beginning: tuple[str, ...] = ()  # activities of which no source says when they begin
    remembered: tuple[str, ...] = ()  # that are only remembered
    undated: int = 0  # sums without a day
    still_to_come: int = 0  # sums whose day may still come
    paid_on: int = 0  # sums spent by those to whom they were paid out, which would be added twice

    def __str__(self) -> str:
        told = [
            ("activities of which no source says when they begin", len(self.without_beginning)),
            ("activities that no source tells of", len(self.remembered)),
            ("sums without a day", self.undated),
            ("sums whose day may still come", self.still_to_come),
            ("sums spent out of what was paid out", self.paid_on),
        ]
        return "; ".join(f"{what}: {count}" for what, count in told if count)


def can_be_reported(one: Activity, *, invented: bool = False) -> bool:
    """Whether an activity can stand in a file: it is known, real, and begins at some time that can be told."""
    return one.counts and (invented or not one.invented) and _begins(one.without_memory()) is not None


def left_out(reported: Iterable[Reported], *, invented: bool = False, today: date) -> LeftOut:
    """What of the activities a file would not tell."""
    told = [one for one in reported if invented or not one.activity.invented]
    kept = [one for one in told if can_be_reported(one.activity, invented=invented)]
    money = [(one, each, _why_not(one, each, today)) for one in kept for each in one.transactions]
    reasons = [why for _, _, why in money]
    return LeftOut(
        without_beginning=tuple(one.activity.slug for one in told if one.activity.counts and one not in kept),
        remembered=tuple(one.activity.slug for one in told if not one.activity.counts),
        undated=reasons.count("undated"),
        still_to_come=reasons.count("still to come"),
        paid_on=reasons.count("paid on"),
    )


def _why_not(one: Reported, money: Transaction, today: date) -> str:
    """Why a sum is not told: "remembered", "undated", "still to come", "paid on"; "" where it is told."""
    if not money.counts:
        return "remembered"
    if money.on is None:
        return "undated"
    if money.step is Step.PLANNED:
        return ""
    if money.on.latest > today:
        return "still to come"
    gives = TRANSACTION_TYPES[one.activity.kind] is GIVING
    paid = any(each.step is Step.DISBURSED and each.counts and each.on for each in one.transactions)
    return "paid on" if gives and money.step is Step.SPENT and paid else ""


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
    reported = [replace(one, activity=one.activity.without_memory()) for one in reported]
    every = [one.without_memory() for one in everything]
    known = {one.slug: one for one in every if can_be_reported(one, invented=invented)}
    kept = [one for one in reported if one.activity.slug in known]
    if not kept:
        raise NothingToReport("There is no activity that IATI could be told of.")
    root = etree.Element("iati-activities", nsmap={"samsvar": OURS}, version=VERSION)
    root.set("generated-datetime", generated.isoformat(timespec="seconds"))
    if missing := str(left_out(reported, invented=invented, today=generated.date())):
        root.append(etree.Comment(f" Not in this file: {missing}. "))
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
        says_so = one.invented and "invented" not in one.title.casefold()
        title = f"{one.title} (invented for a demonstration)" if says_so else one.title
        self._narrative(self._add("title"), title, "en" if says_so else one.language)
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
        if one.grant and not self._one_year():
            grant = etree.SubElement(self.top, f"{{{OURS}}}grant", currency=one.grant.currency)
            grant.text = written(one.grant.value)
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
            self._grant_said(),
            *(f"Advised by {one.name}." for one in self.one.partners if one.role is Role.ADVISER),
            "" if self.one.ends else "No source says when it ends: its status says that it began, not that it goes on.",
            f"Sources: {', '.join(self.one.sources)}." if self.one.sources else "",
        ]
        return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)

    def _grant_said(self) -> str:
        """The grant in words, where no budget can hold it."""
        if self.one.grant is None or self._one_year():
            return ""
        return f"Grant in all: {self.one.grant.currency} {written(self.one.grant.value)}; no source splits it by years."

    def _one_year(self) -> bool:
        """Whether sources say when it begins and ends, and that is no more than the year that a budget may have."""
        begins, ends = self.one.begins, self.one.ends
        return bool(begins and ends and (ends.latest - begins.earliest).days < 366)

    def _participants(self) -> None:
        for state in self.one.donors:
            donor = self._add("participating-org", type=DONORS_TYPE, role="1")
            self._narrative(donor, name_of(state))
        for partner in self.one.partners:
            if partner.role in ROLES:
                self._participant(partner)
        if self.top.find("participating-org") is None:
            unknown = self._add("participating-org", role="4")
            self._narrative(unknown, "Not named by the source")

    def _participant(self, partner: Partner) -> None:
        org = self._add("participating-org", role=ROLES[partner.role])
        if partner.side is Side.INTERNATIONAL:
            org.set("type", MULTILATERAL)
        self._narrative(org, partner.name)

    def _status(self) -> str:
        """Only days that a source gives end anything: the last year of a period is the grants', not the activity's."""
        begins, ends = _begins(self.one), self.one.ends
        if begins and begins.earliest > self.today:
            return PIPELINE
        return ENDED if ends and ends.latest < self.today else RUNNING

    def _dates(self) -> None:
        for kind, when, exact, first in (
            (PLANNED_START, _begins(self.one), self.one.begins, True),
            (PLANNED_END, self.one.ends, self.one.ends, False),
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
        known = [areas()[key] for key in self.one.areas]
        own = self._add("sector", vocabulary=OUR_VOCABULARY, code="+".join(one.code or one.key for one in known) or "?")
        if self.vocabulary_at:
            own.set("vocabulary-uri", self.vocabulary_at)
        shared = " (no source splits it)" if len(known) > 1 else ""
        self._narrative(own, "; ".join(one.name for one in known) + shared if known else "Not said by the source")

    def _money(self) -> None:
        begins, ends = self.one.begins, self.one.ends
        if self.one.grant and begins and ends and self._one_year():
            budget = self._add("budget", type="1", status="1")
            self._add("period-start", budget, iso_date=begins.earliest.isoformat())
            self._add("period-end", budget, iso_date=ends.latest.isoformat())
            self._value(budget, self.one.grant.value, self.one.grant.currency, self.one.grant.on or begins.earliest)
        told = [one for one in self.told.transactions if not _why_not(self.told, one, self.today)]
        for one in told:
            if one.step is Step.PLANNED and one.on:
                self._planned(one, one.on)
        for one in told:
            if one.step is not Step.PLANNED and one.on:
                self._transaction(one, one.on)

    def _value(self, parent: etree._Element, value: Decimal, currency: str, on: date) -> None:
        self._add("value", parent, currency=currency, value_date=on.isoformat()).text = written(value)

    def _planned(self, one: Transaction, on: PartialDate) -> None:
        planned = self._add("planned-disbursement", type="1")
        self._add("period-start", planned, iso_date=on.earliest.isoformat())
        if on.precision != "day":
            self._add("period-end", planned, iso_date=on.latest.isoformat())
        self._value(planned, one.amount.value, one.amount.currency, one.amount.on or on.earliest)
        self._parties(planned, one)

    def _transaction(self, one: Transaction, on: PartialDate) -> None:
        """A sum of which the month or the year alone is known stands on its last day: by then it was certainly so."""
        transaction = self._add("transaction", ref=one.id)
        self._add("transaction-type", transaction, code=TRANSACTION_TYPES[self.one.kind][one.step])
        day = self._add("transaction-date", transaction, iso_date=on.latest.isoformat())
        if on.precision != "day":
            etree.SubElement(day, f"{{{OURS}}}known-as").text = str(on)
        self._value(transaction, one.amount.value, one.amount.currency, one.amount.on or on.latest)
        words = " ".join(filter(None, (one.note, "" if on.precision == "day" else f"The day is known as {on}.")))
        if words:
            self._narrative(self._add("description", transaction), words)
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
        begins, ends = one.begins or self.one.begins, one.ends or self.one.ends
        measured = one.is_measured and begins is not None and ends is not None
        indicator = self._add("indicator", result, measure="1" if measured else "5")
        self._narrative(self._add("title", indicator), f"{one.what} ({one.unit})" if one.unit else one.what)
        halves = (("target", one.promised_number, one.promised), ("actual", one.came_number, one.came))
        if begins is None or ends is None:
            self._narrative(self._add("description", indicator), _in_words(halves))
            return
        period = self._add("period", indicator)
        self._add("period-start", period, iso_date=begins.earliest.isoformat())
        self._add("period-end", period, iso_date=ends.latest.isoformat())
        for tag, number, words in halves:
            if number is not None or (words and not measured):
                said = self._add(tag, period)
                if number is not None:
                    said.set("value", written(number))
                if words:
                    self._narrative(self._add("comment", said), words)
        if unsaid := [half for half in halves if measured and half[1] is None and half[2]]:
            description = etree.Element("description")
            self._narrative(description, _in_words(unsaid))
            indicator.insert(1, description)


def _in_words(halves: Iterable[tuple[str, Decimal | None, str]]) -> str:
    """What was promised and what came, for where no number of the standard can hold it."""
    names = {"target": "Promised", "actual": "Came"}
    told = [(names[tag], "" if number is None else written(number), words) for tag, number, words in halves]
    return " ".join(
        f"{name}: {' '.join(filter(None, (number, words)))}" for name, number, words in told if number or words
    )


def sector_shares(one: Activity) -> tuple[tuple[str, Decimal], ...]:
    """OECD purpose codes with whole hundredths of a per cent that add to 100; () where no source says the shares.

    One area alone is all of it. Of several only the part against violence is ever known, and the rest has a code where
    one other area is left and has one.
    """
    codes = [areas()[key].sector for key in one.areas]
    if one.gbv and one.grant and one.gbv.currency == one.grant.currency and one.grant.value:
        share = (one.gbv.share_of(one.grant) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if share == 100:
            return ((VIOLENCE, Decimal(100)),)
        rest = [code for code in codes if code != VIOLENCE]
        if len(rest) == 1 and rest[0] and share > 0:
            return ((VIOLENCE, share), (rest[0], 100 - share))
        if share > 0 or VIOLENCE in codes:
            return ()
    return ((codes[0], Decimal(100)),) if len(codes) == 1 and codes[0] else ()


def _begins(one: Activity) -> PartialDate | None:
    """When it begins. The standard asks for a beginning: a programme's is the first year of its period where no source
    says more, and its words say so; what is a part of one may begin in any of its years."""
    return one.begins or (_year_of(one.period, 0) if one.kind is Kind.PROGRAMME else None)


def _year_of(period: str, place: int) -> PartialDate | None:
    parts = period.split("-")
    return partial_date(parts[place]) if all(len(part) == 4 and part.isdigit() for part in parts) else None


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return _XML_HAS_NO.sub("", text)


# --- What the schema cannot say ---------------------------------------------------------------------------------------


def broken_rules(content: bytes) -> tuple[str, ...]:
    """Which rules of the standard's ruleset the file breaks; () where it keeps them.

    Shares add to 100 in each vocabulary; a beginning is not after its end; a budget is no longer than a year; money and
    its value are of no day to come; what is counted has a number; an identifier begins with that of the reporter and
    has none of four signs; a file tells each activity once.
    """
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    today = str(root.get("generated-datetime"))[:10]
    broken: list[str] = []
    seen: set[str] = set()
    for activity in root.iterfind("iati-activity"):
        name = activity.findtext("iati-identifier") or ""
        broken += [f"{name}: {problem}" for problem in _broken_in(activity, name, today)]
        if name in seen:
            broken.append(f"{name}: stands in the file twice")
        seen.add(name)
    return tuple(broken)


def _broken_in(activity: etree._Element, name: str, today: str) -> Iterator[str]:
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
    if re.search(r"[/&|?]", name):
        yield "its identifier has a sign that none may have"
    for day in activity.xpath("transaction/transaction-date/@iso-date | transaction/value/@value-date"):
        if day > today:
            yield "money is of a day to come"
    if activity.xpath("result/indicator[@measure != '5']/period/*[self::target or self::actual][not(@value)]"):
        yield "what is counted has no number"
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
