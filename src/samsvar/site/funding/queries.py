"""What pages about money show: lists with what may be added, one activity, and both ways of a link."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from samsvar.dates import partial_date
from samsvar.funding import loading, programmes, projects
from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import Kind, Scheme, Side, Sums, sums_by_period
from samsvar.interchange.iati import Reported, Reporter, can_be_reported, iati_xml
from samsvar.network.loading import Confidence, gatherings, organisations, publications
from samsvar.site.funding import links, models
from samsvar.site.funding.permissions import can_keep, may_keep_any
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import User
from samsvar.territories import territory

FILTERS = ("state", "period", "donor", "area", "kind")


# --- Rows as values ---------------------------------------------------------------------------------------------------


def with_everything(rows: QuerySet[models.Activity]) -> QuerySet[models.Activity]:
    """The rows with all that a value needs: four more queries, however many there are."""
    return rows.select_related("part_of").prefetch_related("states", "areas", "partners")


def value_of(row: models.Activity) -> programmes.Activity:
    """The library's value of a row that `with_everything` fetched."""
    schemes = ((Scheme.EEA, row.grant_eea), (Scheme.NORWAY, row.grant_norway))
    parts = ((scheme, _amount(row, value)) for scheme, value in schemes)
    return programmes.Activity(
        slug=row.slug,
        kind=Kind(row.kind),
        title=row.title,
        language=row.language,
        code=row.code,
        form=programmes.Form(row.form) if row.form else None,
        period=row.period,
        part_of=row.part_of.slug if row.part_of else "",
        donors=_states(row, Side.DONOR),
        beneficiaries=_states(row, Side.BENEFICIARY),
        areas=tuple(one.area for one in row.areas.all()),
        grant=_amount(row, row.grant),
        parts=tuple((scheme, amount) for scheme, amount in parts if amount),
        cofinancing=_amount(row, row.cofinancing),
        gbv=_amount(row, row.gbv_share),
        begins=partial_date(row.begins),
        ends=partial_date(row.ends),
        partners=tuple(
            programmes.Partner(
                one.name, programmes.Role(one.role), Side(one.side), one.state_id or "", one.organisation
            )
            for one in row.partners.all()
        ),
        about=row.about,
        from_memory=tuple(row.from_memory.split()),
        read_on=row.read_on,
        invented=row.invented,
        **_sourced(row),
    )


def transaction_value(row: models.Transaction) -> projects.Transaction:
    return projects.Transaction(
        id=row.public_id,
        step=projects.Step(row.step),
        amount=Amount(row.value, row.currency),
        on=partial_date(row.day),
        payer=row.payer,
        receiver=row.receiver,
        **_sourced(row),
    )


def result_value(row: models.Result) -> projects.Result:
    return projects.Result(
        id=row.public_id,
        what=row.what,
        promised=row.promised,
        came=row.came,
        unit=row.unit,
        promised_number=row.promised_number,
        came_number=row.came_number,
        begins=partial_date(row.begins),
        ends=partial_date(row.ends),
        **_sourced(row),
    )


def _sourced(row: models.Sourced) -> dict[str, Any]:
    return {
        "note": row.note,
        "source": row.source,
        "second_source": row.second_source,
        "confidence": Confidence(row.confidence),
    }


def _amount(row: models.Activity, value: Decimal | None) -> Amount | None:
    return None if value is None else Amount(value, row.currency, row.valued_on)


def _states(row: models.Activity, side: Side) -> tuple[str, ...]:
    return tuple(one.state_id for one in row.states.all() if one.side == side)


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PeriodGroup:
    """The activities of a period, with what may be added of them."""

    period: str
    sums: Sums
    activities: tuple[programmes.Activity, ...]


@dataclass(frozen=True, slots=True)
class FundingPage:
    """The list of activities that answer to the filters, and the totals that factsheets give."""

    groups: tuple[PeriodGroup, ...]
    count: int
    anything: bool
    filters: Mapping[str, str]
    choices: Mapping[str, tuple[Choice, ...]]
    figures: tuple[programmes.Figure, ...]
    may_keep: bool
    query: str
    not_in_iati: NotInIati


@dataclass(frozen=True, slots=True)
class NotInIati:
    """How much that is real and has a source the standard's file leaves out, since it would have to invent a day."""

    activities: int
    sums: int


def not_in_iati() -> NotInIati:
    """Of everything that is here: two counts."""
    real = models.Activity.objects.filter(invented=False).exclude(confidence=Confidence.FROM_MEMORY)
    money = models.Transaction.objects.filter(activity__invented=False, day="").exclude(
        confidence=Confidence.FROM_MEMORY
    )
    return NotInIati(real.filter(begins="").exclude(kind=Kind.PROGRAMME).count(), money.count())


def asked_for(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address; what is too long is nobody's."""
    return {name: asked.get(name, "")[:40] for name in FILTERS}


def found(filters: Mapping[str, str]) -> QuerySet[models.Activity]:
    """The activities that answer to all of the filters. A donor's are also those where a body of it takes part."""
    rows = models.Activity.objects.all()
    for name in ("period", "kind"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if state := filters.get("state"):
        rows = rows.filter(Q(pk__in=_of_state(state, Side.BENEFICIARY)))
    if donor := filters.get("donor"):
        bodies = models.Partner.objects.filter(state=donor, side=Side.DONOR).values("activity")
        rows = rows.filter(Q(pk__in=_of_state(donor, Side.DONOR)) | Q(pk__in=bodies))
    if area := filters.get("area"):
        rows = rows.filter(pk__in=models.ActivityArea.objects.filter(area=area).values("activity"))
    return rows


def _of_state(code: str, side: Side) -> Any:
    return models.ActivityState.objects.filter(state=code, side=side).values("activity")


def funding_page(user: User, asked: Mapping[str, str], query: str) -> FundingPage:
    """Everything on the page of money: the list in periods, and in each the kinds in their order."""
    filters = asked_for(asked)
    order = list(Kind)
    values = sorted(
        map(value_of, with_everything(found(filters))),
        key=lambda one: (one.invented, one.beneficiaries, order.index(one.kind), one.title),
    )
    sums = sums_by_period(values)
    groups = tuple(
        PeriodGroup(period, of_it, tuple(one for one in values if one.period == period))
        for period, of_it in sums.items()
    )
    every = models.Activity.objects
    return FundingPage(
        groups=groups,
        count=len(values),
        anything=every.exists(),
        filters=filters,
        choices={
            "state": _choices(_codes(Side.BENEFICIARY), filters["state"]),
            "donor": _choices(_codes(Side.DONOR), filters["donor"]),
            "period": _choices(
                every.exclude(period="").order_by("-period").values_list("period", flat=True).distinct(),
                filters["period"],
            ),
            "area": _choices(
                [key for key in loading.areas() if key in set(_areas())],
                filters["area"],
            ),
            "kind": _choices(list(Kind), filters["kind"]),
        },
        figures=figures(),
        may_keep=may_keep_any(user),
        query=query,
        not_in_iati=not_in_iati(),
    )


def _codes(side: Side) -> list[str]:
    rows = models.ActivityState.objects.filter(side=side).order_by("state").values_list("state_id", flat=True)
    return list(rows.distinct())


def _areas() -> Iterable[str]:
    return models.ActivityArea.objects.order_by().values_list("area", flat=True).distinct()


def _choices(values: Iterable[str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(value), str(value) == chosen) for value in values)


def figures() -> tuple[programmes.Figure, ...]:
    """What factsheets give as totals; counted nowhere."""
    return tuple(
        programmes.Figure(
            slug=row.slug,
            kind=row.kind,
            code=row.code,
            name=row.name,
            period=row.period,
            amount=Amount(row.value, row.currency),
            on=partial_date(row.day),
            read_on=row.read_on,
            **_sourced(row),
        )
        for row in models.Figure.objects.all()
    )


def table_rows(filters: Mapping[str, str]) -> list[dict[str, str]]:
    """The same activities as rows that can be brought back in."""
    return [loading.row_of(value_of(row)) for row in with_everything(found(filters))]


# --- One activity -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One thing that the money led to; `target` is None where it is not here, or no room speaks for its kind."""

    row: models.Link
    target: links.Resolved | None


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """What is known of one step of the money, and how long its bar is beside the others' of its currency."""

    step: str
    amount: Amount
    per_cent: int


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One activity with everything round it."""

    activity: programmes.Activity
    row: models.Activity
    above: models.Activity | None
    below: tuple[models.Activity, ...]
    partners: tuple[tuple[str, tuple[programmes.Partner, ...]], ...]  # by side
    money: tuple[MoneyLine, ...]
    transactions: tuple[tuple[models.Transaction, projects.Transaction], ...]
    results: tuple[tuple[models.Result, projects.Result], ...]
    links: tuple[LinkLine, ...]
    listed: frozenset[str]  # organisations that have a page
    in_iati: bool
    undated: int  # sums that IATI has no place for
    may_keep: bool


def activity_row(slug: str) -> models.Activity | None:
    return with_everything(models.Activity.objects.filter(slug=slug)).first()


def activity_page(user: User, slug: str) -> ActivityPage | None:
    """All that the page of one activity shows; None where there is none."""
    row = activity_row(slug)
    if row is None:
        return None
    value = value_of(row)
    transactions = tuple((one, transaction_value(one)) for one in row.transactions.all())
    named = {partner.organisation for partner in value.partners} - {""}
    may_keep = can_keep(user, value.beneficiaries)
    by_side = {side: tuple(one for one in value.partners if one.side is side) for side in Side}
    return ActivityPage(
        activity=value,
        row=row,
        above=row.part_of,
        below=tuple(row.parts.order_by("kind", "slug")),
        partners=tuple((side.value, some) for side, some in by_side.items() if some),
        money=money_lines(value, tuple(one for _, one in transactions)),
        transactions=transactions,
        results=tuple((one, result_value(one)) for one in row.results.all()),
        links=tuple(line for line in link_lines(row.links.all()) if line.target or may_keep),
        listed=frozenset(named & set(organisations())),
        in_iati=can_be_told(value),
        undated=sum(one.on is None and one.counts for _, one in transactions),
        may_keep=may_keep,
    )


def money_lines(activity: programmes.Activity, transactions: tuple[projects.Transaction, ...]) -> tuple[MoneyLine, ...]:
    """The grant and the sum of each step; the longest bar is the largest amount of its currency."""
    known = [("grant", activity.grant)] if activity.grant else []
    known += [
        (step.value, amount) for step, amounts in projects.planned_and_paid(transactions).items() for amount in amounts
    ]
    most: dict[str, Decimal] = {}
    for _, amount in known:
        most[amount.currency] = max(most.get(amount.currency, Decimal(1)), amount.value)
    return tuple(
        MoneyLine(step, amount, max(0, round(amount.value / most[amount.currency] * 100))) for step, amount in known
    )


def thing_of(row: models.Link) -> tuple[str, str]:
    """What a link leads to: a gathering that has a page of its own as a meeting is that meeting."""
    meeting = _meetings_of_gatherings().get(row.key, "") if row.kind == projects.LinkKind.GATHERING else ""
    return (projects.LinkKind.MEETING.value, meeting) if meeting else (row.kind, row.key)


@cache
def _meetings_of_gatherings() -> Mapping[str, str]:
    """The meeting that each gathering is, by the keys of both; public facts that no request changes."""
    return {loading.gathering_key(one): one.meeting for one in gatherings() if one.meeting}


def link_lines(rows: Iterable[models.Link]) -> tuple[LinkLine, ...]:
    """Links with what they lead to, each thing once: one question for each kind."""
    rows = list({thing_of(row): row for row in rows}.values())
    keys: dict[str, set[str]] = {}
    for row in rows:
        keys.setdefault(row.kind, set()).add(row.key)
    targets = {kind: links.resolved(kind, some) for kind, some in keys.items()}
    return tuple(LinkLine(row, targets[row.kind].get(row.key)) for row in rows)


# --- What stands in the way of a change -------------------------------------------------------------------------------


def problems_of(
    user: User | None,
    one: programmes.Activity,
    before: programmes.Activity | None,
    kinds: Mapping[str, Kind],
) -> tuple[loading.BadCell, ...]:
    """What only the record can say against an activity: whose it is, what it is a part of, what had its name before."""
    wrong = []
    if one.part_of and one.part_of not in kinds:
        wrong.append(_bad("part_of", one.part_of, "unknown_parent"))
    elif one.part_of and kinds[one.part_of] not in programmes.PART_OF[one.kind]:
        wrong.append(_bad("part_of", one.part_of, "wrong_parent"))
    if before and (before.kind is not one.kind or (before.invented and not one.invented)):
        wrong.append(_bad("id", one.slug, "other_thing"))
    if user is not None:
        theirs = can_keep(user, one.beneficiaries) and (before is None or can_keep(user, before.beneficiaries))
        if not theirs:
            wrong.append(_bad("beneficiaries", " ".join(one.beneficiaries), "not_yours"))
    return tuple(wrong)


def _bad(column: str, cell: str, code: str) -> loading.BadCell:
    return loading.BadCell(column, cell, code, code.replace("_", " "))


def kind_of(slug: str) -> Mapping[str, Kind]:
    """The kind of what stands at a short name; nothing where nothing does."""
    return {row: Kind(kind) for row, kind in models.Activity.objects.filter(slug=slug).values_list("slug", "kind")}


def parents() -> list[tuple[str, str]]:
    """What something can be a part of, by its short name."""
    rows = models.Activity.objects.filter(kind__in=(Kind.PROGRAMME, Kind.CALL)).order_by("title", "slug")
    return [(row.slug, f"{row.title} ({row.code or row.slug})") for row in rows]


# --- From a thing back to its money -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShortActivity:
    """What one line says of an activity."""

    slug: str
    title: str
    language: str
    kind: Kind
    grant: Amount | None
    invented: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """Money that stands behind a thing."""

    activity: ShortActivity
    key: str
    note: str
    source: str


def behind(kind: str, *keys: str) -> tuple[Behind, ...]:
    """The money behind things of a kind: what they were paid from, by the links that lead to them. One question."""
    links_here = models.Link.objects.filter(kind=kind, key__in=keys).select_related("activity")
    return tuple(
        Behind(_in_short(row.activity), row.key, row.note, row.source)
        for row in links_here.order_by("key", "activity__slug")
    )


def _in_short(row: models.Activity) -> ShortActivity:
    return ShortActivity(
        row.slug, row.title, row.language, Kind(row.kind), _amount(row, row.grant), invented=row.invented
    )


def behind_finding(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _said(behind("finding", public_id))


def behind_report(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _said(behind("report", public_id))


def behind_meeting(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _said(money_of_meeting(public_id))


def money_of_meeting(public_id: str) -> tuple[Behind, ...]:
    """The money behind a meeting, by links to it and to the gatherings of networks that it is; each activity once."""
    known = [loading.gathering_key(one) for one in gatherings() if one.meeting == public_id]
    found = (*behind("meeting", public_id), *(behind("gathering", *known) if known else ()))
    return tuple({one.activity.slug: one for one in reversed(found)}.values())[::-1]


def behind_network(slug: str) -> tuple[str, dict[str, Any]] | None:
    """Of all that a network held and brought out: each thing's money once, with the thing's name."""
    held = {loading.gathering_key(one): one for one in gatherings() if one.network == slug}
    out = {loading.publication_key(one): one for one in publications() if one.network == slug}
    as_meetings = {one.meeting: one for one in held.values() if one.meeting}
    money = [
        (one, names[one.key])
        for kind, names in (("gathering", held), ("meeting", as_meetings), ("publication", out))
        for one in (behind(kind, *names) if names else ())
    ]
    once = {(one.activity.slug, fact.title or fact.about): one for one, fact in money}
    lines = [(one, name) for (_, name), one in once.items()]
    return ("funding/_behind.html", {"money": lines}) if lines else None


def _said(money: tuple[Behind, ...]) -> tuple[str, dict[str, Any]] | None:
    lines = [(one, "") for one in money]
    return ("funding/_behind.html", {"money": lines}) if money else None


def register_links() -> None:
    """Findings, reports, gatherings and publications are found here; meetings, practices, measures by their rooms."""
    links.register("finding", _findings)
    links.register("report", _reports)
    links.register("gathering", _gatherings)
    links.register("publication", _publications)


def _findings(keys: Collection[str]) -> Mapping[str, links.Resolved]:
    rows = Finding.objects.filter(public_id__in=keys).select_related("report__document")
    return {
        row.public_id: links.Resolved(
            title=f"{row.report.document.reference or row.report.document.title} § {row.paragraph}".strip(" §"),
            href=reverse("monitoring:finding", args=[row.public_id]),
            invented=_is_invented(row.state_id),
        )
        for row in rows
    }


def _reports(keys: Collection[str]) -> Mapping[str, links.Resolved]:
    rows = Report.objects.filter(public_id__in=keys).select_related("document")
    return {
        row.public_id: links.Resolved(
            title=row.document.title or row.document.reference,
            href=reverse("monitoring:report", args=[row.public_id]),
            language=row.document.language,
            invented=_is_invented(row.document.state_id),
        )
        for row in rows
    }


def _gatherings(keys: Collection[str]) -> Mapping[str, links.Resolved]:
    known = {loading.gathering_key(one): one for one in gatherings()}
    meetings = links.resolved("meeting", {known[key].meeting for key in keys if key in known and known[key].meeting})
    return {
        key: meetings.get(known[key].meeting)
        or links.Resolved(
            title=known[key].title or known[key].about,
            href=reverse("network:network", args=[known[key].network]) + "#gatherings",
            language=known[key].language or "en",
        )
        for key in keys
        if key in known
    }


def _publications(keys: Collection[str]) -> Mapping[str, links.Resolved]:
    known = {loading.publication_key(one): one for one in publications()}
    return {
        key: links.Resolved(
            title=known[key].title or known[key].about,
            href=reverse("network:network", args=[known[key].network]) + "#publications",
            language=known[key].language or "en",
        )
        for key in keys
        if key in known
    }


def known_keys() -> list[tuple[str, str]]:
    """Keys of gatherings and publications with their names: no page of their own shows them."""
    held = [(loading.gathering_key(one), one.title or one.about) for one in gatherings()]
    return [*held, *((loading.publication_key(one), one.title or one.about) for one in publications())]


def _is_invented(code: str | None) -> bool:
    known = territory(code) if code else None
    return bool(known and known.invented)


# --- IATI -------------------------------------------------------------------------------------------------------------


def can_be_told(one: programmes.Activity) -> bool:
    return can_be_reported(one, invented=one.invented)


def iati_of(
    slug: str | None, *, reporter: Reporter, vocabulary_at: str, invented: bool, now: datetime | None = None
) -> bytes:
    """One activity, or all of them, as IATI. Raises NothingToReport."""
    rows = with_everything(models.Activity.objects.order_by("slug")).prefetch_related("transactions", "results")
    reported = [
        Reported(
            value_of(row),
            row.updated_at,
            tuple(map(transaction_value, row.transactions.all())),
            tuple(one for one in map(result_value, row.results.all()) if one.counts),
        )
        for row in rows
    ]
    return iati_xml(
        [one for one in reported if slug is None or one.activity.slug == slug],
        everything=[one.activity for one in reported],
        reporter=reporter,
        generated=now or timezone.now(),
        vocabulary_at=vocabulary_at,
        invented=invented,
    )
