"""Queries for the funding pages: the list with its sums, one activity, and the activities that funded an object."""

# This module has over 500 lines because its pages share sums and sourced facts, which a split would have to export.

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
from django.utils.translation import get_language

from samsvar.dates import parse_partial_date
from samsvar.funding import loading, programmes, projects
from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import ActivityKind, FundingTotals, GrantScheme, PartnerSide, totals_by_period
from samsvar.interchange.iati import ReportedActivity, ReportingOrganisation, can_be_reported, export_iati
from samsvar.network.loading import Confidence, gatherings, organisations, publications
from samsvar.site.funding import links, models
from samsvar.site.funding.permissions import can_edit_any_funding, can_edit_funding
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.permissions import is_public
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Document, Finding, Report
from samsvar.site.network.access.permissions import User
from samsvar.territories import is_fictional, territory_name

FILTERS = ("state", "period", "donor", "area", "kind")


def pick_values(source: Any, names: str) -> dict[str, Any]:
    """Return the attributes of an object with these names, which are separated by spaces, as a dict."""
    return {name: getattr(source, name) for name in names.split()}


# --- Conversion to library values -------------------------------------------------------------------------------------


def prefetch_activity_data(activities: QuerySet[models.Activity]) -> QuerySet[models.Activity]:
    """Prefetch everything that `to_library_activity` needs, with three more queries for any number of activities."""
    return activities.select_related("part_of").prefetch_related("states", "areas", "partners")


def to_library_activity(activity: models.Activity) -> programmes.Activity:
    """Return the library value of an activity that was loaded with `prefetch_activity_data`."""
    return build_library_activity(
        activity,
        part_of=activity.part_of.slug if activity.part_of else "",
        donors=_state_codes(activity, PartnerSide.DONOR),
        beneficiaries=_state_codes(activity, PartnerSide.BENEFICIARY),
        areas=tuple(item.area for item in activity.areas.all()),
        partners=tuple(
            programmes.Partner(
                role=programmes.PartnerRole(item.role),
                side=PartnerSide(item.side),
                state=item.state_id or "",
                **pick_values(item, "name organisation"),
            )
            for item in activity.partners.all()
        ),
    )


def build_library_activity(activity: models.Activity, **related: Any) -> programmes.Activity:
    """Return an activity's library value from its own columns and the values in `related`, without a query."""
    schemes = ((GrantScheme.EEA, activity.grant_eea), (GrantScheme.NORWAY, activity.grant_norway))
    parts = ((scheme, _build_amount(activity, value)) for scheme, value in schemes)
    return programmes.Activity(
        kind=ActivityKind(activity.kind),
        form=programmes.ActivityFormat(activity.form) if activity.form else None,
        grant=_build_amount(activity, activity.grant),
        parts=tuple((scheme, amount) for scheme, amount in parts if amount),
        cofinancing=_build_amount(activity, activity.cofinancing),
        gbv=_build_amount(activity, activity.gbv_share),
        begins=parse_partial_date(activity.begins),
        ends=parse_partial_date(activity.ends),
        from_memory=tuple(activity.from_memory.split()),
        **pick_values(activity, "slug title language code period about read_on fictional"),
        **_get_provenance(activity),
        **related,
    )


def to_library_transaction(transaction: models.Transaction) -> projects.Transaction:
    return projects.Transaction(
        id=transaction.public_id,
        step=projects.TransactionStep(transaction.step),
        amount=Amount(transaction.value, transaction.currency),
        on=parse_partial_date(transaction.day),
        **pick_values(transaction, "payer receiver"),
        **_get_provenance(transaction),
    )


def to_library_result(result: models.Result) -> projects.Result:
    return projects.Result(
        id=result.public_id,
        begins=parse_partial_date(result.begins),
        ends=parse_partial_date(result.ends),
        **pick_values(result, "what promised came unit promised_number came_number"),
        **_get_provenance(result),
    )


def _get_provenance(fact: models.SourcedFact) -> dict[str, Any]:
    return {**pick_values(fact, "note source second_source"), "confidence": Confidence(fact.confidence)}


def _build_amount(activity: models.Activity, value: Decimal | None) -> Amount | None:
    return None if value is None else Amount(value, activity.currency, activity.valued_on)


def _state_codes(activity: models.Activity, side: PartnerSide) -> tuple[str, ...]:
    return tuple(one.state_id for one in activity.states.all() if one.side == side)


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeriodGroup:
    """The activities of a funding period, with the sums of their amounts."""

    period: str
    sums: FundingTotals
    activities: tuple[programmes.Activity, ...]


@dataclass(frozen=True, slots=True)
class FundingPage:
    """The activities that match the filters, and the totals from factsheets."""

    groups: tuple[PeriodGroup, ...]
    count: int
    has_activities: bool
    filters: Mapping[str, str]
    choices: Mapping[str, list[str]]  # possible values of each filter
    figures: tuple[programmes.FactsheetTotal, ...]
    can_edit: bool
    query: str
    omitted_from_iati: OmittedFromIati


@dataclass(frozen=True, slots=True)
class OmittedFromIati:
    """The numbers of real, verified activities and transactions that IATI omits because a required date is unknown."""

    activities: int
    sums: int


def count_omitted_from_iati() -> OmittedFromIati:
    """Count the activities and transactions that the IATI file omits, over all activities."""
    real = models.Activity.objects.filter(fictional=False).exclude(confidence=Confidence.UNVERIFIED)
    undated = models.Transaction.objects.filter(activity__fictional=False, day="")
    money = undated.exclude(confidence=Confidence.UNVERIFIED)
    return OmittedFromIati(real.filter(begins="").exclude(kind=ActivityKind.PROGRAMME).count(), money.count())


def clean_filters(params: Mapping[str, str]) -> dict[str, str]:
    """Return the filters in the query parameters, each shortened to 40 characters."""
    return {name: params.get(name, "")[:40] for name in FILTERS}


def filtered_activities(filters: Mapping[str, str]) -> QuerySet[models.Activity]:
    """Return the activities that match all filters.

    The donor filter also matches activities with a donor-side partner from that state.
    """
    activities = models.Activity.objects.all()
    for name in ("period", "kind"):
        if filters.get(name):
            activities = activities.filter(**{name: filters[name]})
    if state := filters.get("state"):
        activities = activities.filter(Q(pk__in=_activity_ids_of_state(state, PartnerSide.BENEFICIARY)))
    if donor := filters.get("donor"):
        bodies = models.Partner.objects.filter(state=donor, side=PartnerSide.DONOR).values("activity")
        activities = activities.filter(Q(pk__in=_activity_ids_of_state(donor, PartnerSide.DONOR)) | Q(pk__in=bodies))
    if area := filters.get("area"):
        activities = activities.filter(pk__in=models.ActivityArea.objects.filter(area=area).values("activity"))
    return activities


def _activity_ids_of_state(code: str, side: PartnerSide) -> Any:
    return models.ActivityState.objects.filter(state=code, side=side).values("activity")


def funding_page(user: User, params: Mapping[str, str], query: str) -> FundingPage:
    """Return the content of the funding page: activities grouped by period and ordered by kind within it."""
    filters = clean_filters(params)
    order = list(ActivityKind)
    values = sorted(
        map(to_library_activity, prefetch_activity_data(filtered_activities(filters))),
        key=lambda activity: (activity.fictional, activity.beneficiaries, order.index(activity.kind), activity.title),
    )
    sums = totals_by_period(values)
    groups = tuple(
        PeriodGroup(period, period_sums, tuple(activity for activity in values if activity.period == period))
        for period, period_sums in sums.items()
    )
    every = models.Activity.objects
    return FundingPage(
        groups=groups,
        count=len(values),
        has_activities=every.exists(),
        filters=filters,
        choices={
            "state": _state_choices(PartnerSide.BENEFICIARY),
            "donor": _state_choices(PartnerSide.DONOR),
            "period": list(every.exclude(period="").order_by("-period").values_list("period", flat=True).distinct()),
            "area": [key for key in loading.load_areas() if key in set(_areas_in_use())],
        },
        figures=list_factsheet_totals(),
        can_edit=can_edit_any_funding(user),
        query=query,
        omitted_from_iati=count_omitted_from_iati(),
    )


def _state_choices(side: PartnerSide) -> list[str]:
    rows = models.ActivityState.objects.filter(side=side).order_by("state").values_list("state_id", flat=True)
    return list(rows.distinct())


def _areas_in_use() -> Iterable[str]:
    return models.ActivityArea.objects.order_by().values_list("area", flat=True).distinct()


def list_factsheet_totals() -> tuple[programmes.FactsheetTotal, ...]:
    """Return the totals from factsheets, which no sum includes."""
    return tuple(
        programmes.FactsheetTotal(
            amount=Amount(figure.value, figure.currency),
            on=parse_partial_date(figure.day),
            **pick_values(figure, "slug kind code name period read_on"),
            **_get_provenance(figure),
        )
        for figure in models.FactsheetTotal.objects.all()
    )


def list_table_rows(filters: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the filtered activities as rows of a table that can be imported again."""
    return [
        loading.row_from_activity(to_library_activity(row))
        for row in prefetch_activity_data(filtered_activities(filters))
    ]


# --- One activity -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link to something funded; `target` is None if it does not exist or no app can resolve its kind."""

    row: models.Link
    target: links.LinkTarget | None


@dataclass(frozen=True, slots=True)
class StageAmount:
    """The amount of one stage, with the length of its bar in per cent of the largest amount in the same currency."""

    step: str
    amount: Amount
    per_cent: int


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """The content of an activity's page."""

    activity: programmes.Activity
    row: models.Activity
    parent: models.Activity | None
    children: tuple[models.Activity, ...]
    partners: tuple[tuple[str, tuple[programmes.Partner, ...]], ...]  # by side
    money: tuple[StageAmount, ...]
    transactions: tuple[tuple[models.Transaction, projects.Transaction], ...]
    results: tuple[tuple[models.Result, projects.Result], ...]
    links: tuple[LinkRow, ...]
    listed: frozenset[str]  # organisations that have a page
    in_iati: bool
    undated_count: int  # number of transactions without a date, which IATI cannot represent
    can_edit: bool


def activity_by_slug(slug: str) -> models.Activity | None:
    return prefetch_activity_data(models.Activity.objects.filter(slug=slug)).first()


def activity_page(user: User, slug: str) -> ActivityPage | None:
    """Return the content of an activity's page, or None if there is no such activity."""
    activity = activity_by_slug(slug)
    if activity is None:
        return None
    value = to_library_activity(activity)
    transactions = tuple((one, to_library_transaction(one)) for one in activity.transactions.all())
    organisation_ids = {partner.organisation for partner in value.partners} - {""}
    can_edit = can_edit_funding(user, value.beneficiaries)
    by_side = {side: tuple(one for one in value.partners if one.side is side) for side in PartnerSide}
    return ActivityPage(
        activity=value,
        row=activity,
        parent=activity.part_of,
        children=tuple(activity.parts.order_by("kind", "slug")),
        partners=tuple((side.value, some) for side, some in by_side.items() if some),
        money=stage_amounts(value, tuple(one for _, one in transactions)),
        transactions=transactions,
        results=tuple((one, to_library_result(one)) for one in activity.results.all()),
        links=tuple(line for line in link_rows(activity.links.all()) if line.target or can_edit),
        listed=frozenset(organisation_ids & set(organisations())),
        in_iati=is_in_iati(value),
        undated_count=sum(one.on is None and one.counts for _, one in transactions),
        can_edit=can_edit,
    )


def stage_amounts(
    activity: programmes.Activity, transactions: tuple[projects.Transaction, ...]
) -> tuple[StageAmount, ...]:
    """Return the grant and the sum of each stage; the longest bar is the largest amount in its currency."""
    steps = [("grant", activity.grant)] if activity.grant else []
    steps += [
        (step.value, amount) for step, amounts in projects.totals_by_step(transactions).items() for amount in amounts
    ]
    largest: dict[str, Decimal] = {}
    for _, amount in steps:
        largest[amount.currency] = max(largest.get(amount.currency, Decimal(1)), amount.value)
    return tuple(
        StageAmount(step, amount, max(0, round(amount.value / largest[amount.currency] * 100)))
        for step, amount in steps
    )


def canonical_target(link: models.Link) -> tuple[str, str]:
    """Return the kind and key of a link's target; a gathering with a meeting page counts as that meeting."""
    meeting = _meeting_ids_by_gathering().get(link.key, "") if link.kind == projects.FundingLinkKind.GATHERING else ""
    return (projects.FundingLinkKind.MEETING.value, meeting) if meeting else (link.kind, link.key)


@cache
def _meeting_ids_by_gathering() -> Mapping[str, str]:
    """Return the public ID of each gathering's meeting, by gathering key. Cached, because no request changes it."""
    return {loading.gathering_key(one): one.meeting for one in gatherings() if one.meeting}


def link_rows(stored_links: Iterable[models.Link]) -> tuple[LinkRow, ...]:
    """Return links with their targets, each target only once. Runs one query per kind."""
    stored_links = list({canonical_target(link): link for link in stored_links}.values())
    keys: dict[str, set[str]] = {}
    for link in stored_links:
        keys.setdefault(link.kind, set()).add(link.key)
    targets = {kind: links.resolve_targets(kind, some) for kind, some in keys.items()}
    return tuple(LinkRow(link, targets[link.kind].get(link.key)) for link in stored_links)


# --- Checks before a change -------------------------------------------------------------------------------------------


def find_problems(
    user: User | None,
    activity: programmes.Activity,
    before: programmes.Activity | None,
    kinds: Mapping[str, ActivityKind],
) -> tuple[loading.CellProblem, ...]:
    """Return the problems that only existing data reveal: no permission, a wrong parent, a slug already in use."""
    problems = []
    if activity.part_of and activity.part_of not in kinds:
        problems.append(_build_cell_problem("part_of", activity.part_of, "unknown_parent"))
    elif activity.part_of and kinds[activity.part_of] not in programmes.PARENT_KINDS[activity.kind]:
        problems.append(_build_cell_problem("part_of", activity.part_of, "wrong_parent"))
    if before and (before.kind is not activity.kind or (before.fictional and not activity.fictional)):
        problems.append(_build_cell_problem("id", activity.slug, "other_thing"))
    versions = (activity, before) if before else (activity,)
    if user is not None and not all(can_edit_funding(user, version.beneficiaries) for version in versions):
        problems.append(_build_cell_problem("beneficiaries", " ".join(activity.beneficiaries), "not_yours"))
    return tuple(problems)


def _build_cell_problem(column: str, cell: str, code: str) -> loading.CellProblem:
    return loading.CellProblem(column, cell, code, code.replace("_", " "))


def kind_mapping_for_slug(slug: str) -> Mapping[str, ActivityKind]:
    """Return {slug: kind} for the activity with this slug; empty if there is no such activity."""
    rows = models.Activity.objects.filter(slug=slug).values_list("slug", "kind")
    return {found_slug: ActivityKind(kind) for found_slug, kind in rows}


def parent_choices() -> list[tuple[str, str]]:
    """Return the programmes and calls that can be a parent, as form choices."""
    parents = models.Activity.objects.filter(kind__in=(ActivityKind.PROGRAMME, ActivityKind.CALL))
    return [(one.slug, f"{one.title} ({one.code or one.slug})") for one in parents.order_by("title", "slug")]


# --- From an object to its funding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActivitySummary:
    """An activity as shown in a list."""

    slug: str
    title: str
    language: str
    kind: ActivityKind
    grant: Amount | None
    fictional: bool


@dataclass(frozen=True, slots=True)
class RelatedFunding:
    """An activity that funded an object, and how it is linked to it."""

    activity: ActivitySummary
    key: str
    note: str
    source: str


def related_funding(kind: str, *keys: str) -> tuple[RelatedFunding, ...]:
    """Return the activities that are linked to objects of this kind with these keys. Runs one query."""
    matching_links = models.Link.objects.filter(kind=kind, key__in=keys).select_related("activity")
    return tuple(
        RelatedFunding(_summarise_activity(link.activity), link.key, link.note, link.source)
        for link in matching_links.order_by("key", "activity__slug")
    )


def programmes_behind(kind: str, keys: Collection[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the programmes that funded objects of a kind, as (slug, title), by key: the largest of each activity."""
    programmes_by_key: dict[str, dict[str, str]] = {}
    matching_links = models.Link.objects.filter(kind=kind, key__in=keys).select_related("activity__part_of__part_of")
    for link in matching_links.order_by("activity__slug"):
        activity = link.activity
        while activity.part_of is not None:
            activity = activity.part_of
        programmes_by_key.setdefault(link.key, {})[activity.slug] = activity.title
    return {key: tuple(programmes.items()) for key, programmes in programmes_by_key.items()}


def _summarise_activity(activity: models.Activity) -> ActivitySummary:
    return ActivitySummary(
        activity.slug,
        activity.title,
        activity.language,
        ActivityKind(activity.kind),
        _build_amount(activity, activity.grant),
        fictional=activity.fictional,
    )


def finding_panel(finding: Finding) -> tuple[str, dict[str, Any]] | None:
    return _funding_panel(related_funding("finding", finding.public_id))


def report_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _funding_panel(related_funding("report", public_id))


def meeting_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _funding_panel(meeting_funding(public_id))


def meeting_funding(public_id: str) -> tuple[RelatedFunding, ...]:
    """Return the activities linked to a meeting or to its gatherings, each only once."""
    gathering_keys = [loading.gathering_key(one) for one in gatherings() if one.meeting == public_id]
    funding = (
        *related_funding("meeting", public_id),
        *(related_funding("gathering", *gathering_keys) if gathering_keys else ()),
    )
    return tuple({one.activity.slug: one for one in reversed(funding)}.values())[::-1]


def network_panel(slug: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel with the funding of a network's gatherings and publications, or None if there is none."""
    gatherings_by_key = {loading.gathering_key(item): item for item in gatherings() if item.network == slug}
    publications_by_key = {loading.publication_key(item): item for item in publications() if item.network == slug}
    as_meetings = {item.meeting: item for item in gatherings_by_key.values() if item.meeting}
    money = [
        (item, names[item.key])
        for kind, names in (
            ("gathering", gatherings_by_key),
            ("meeting", as_meetings),
            ("publication", publications_by_key),
        )
        for item in (related_funding(kind, *names) if names else ())
    ]
    once = {(item.activity.slug, fact.title or fact.about): item for item, fact in money}
    languages = {fact.title or fact.about: fact.language if fact.title else "en" for _item, fact in money}
    rows = [(item, name, languages[name]) for (_, name), item in once.items()]
    return ("funding/_behind.html", {"money": rows}) if rows else None


def _funding_panel(funding: tuple[RelatedFunding, ...]) -> tuple[str, dict[str, Any]] | None:
    rows = [(one, "", "") for one in funding]
    return ("funding/_behind.html", {"money": rows}) if funding else None


def measure_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    return _funding_panel(related_funding("measure", public_id))


def resolve_measures(keys: Collection[str]) -> Mapping[str, links.LinkTarget]:
    return {
        measure.public_id: links.LinkTarget(
            title=measure.title,
            href=reverse("implementation:measure", args=[measure.public_id]),
            language=measure.language,
            fictional=is_fictional(measure.state_id),
        )
        for measure in Measure.objects.filter(is_public(), public_id__in=keys)
    }


def resolve_findings(keys: Collection[str]) -> Mapping[str, links.LinkTarget]:
    findings = Finding.objects.filter(public_id__in=keys)
    return {
        finding.public_id: links.LinkTarget(
            title=", ".join(filter(None, (_state_name(finding.state_id), short_citation(finding)))),
            href=reverse("monitoring:finding", args=[finding.public_id]),
            fictional=is_fictional(finding.state_id),
        )
        for finding in findings
    }


def _state_name(code: str | None) -> str:
    return territory_name(code, get_language() or "en") if code else ""


def _document_name(document: Document) -> str:
    return document.reference or document.title


def resolve_reports(keys: Collection[str]) -> Mapping[str, links.LinkTarget]:
    reports = Report.objects.filter(public_id__in=keys).select_related("document")
    return {
        report.public_id: links.LinkTarget(
            title=report.document.title or report.document.reference,
            href=reverse("monitoring:report", args=[report.public_id]),
            language=report.document.language,
            fictional=is_fictional(report.document.state_id),
        )
        for report in reports
    }


def resolve_gatherings(keys: Collection[str]) -> Mapping[str, links.LinkTarget]:
    by_key = {loading.gathering_key(one): one for one in gatherings()}
    meetings = links.resolve_targets(
        "meeting", {by_key[key].meeting for key in keys if key in by_key and by_key[key].meeting}
    )
    return {
        key: meetings.get(by_key[key].meeting)
        or links.LinkTarget(
            title=by_key[key].title or by_key[key].about,
            href=reverse("network:network", args=[by_key[key].network]) + "#gatherings",
            language=by_key[key].language or "en",
        )
        for key in keys
        if key in by_key
    }


def resolve_publications(keys: Collection[str]) -> Mapping[str, links.LinkTarget]:
    by_key = {loading.publication_key(one): one for one in publications()}
    return {
        key: links.LinkTarget(
            title=by_key[key].title or by_key[key].about,
            href=reverse("network:network", args=[by_key[key].network]) + "#publications",
            language=by_key[key].language or "en",
        )
        for key in keys
        if key in by_key
    }


def gathering_and_publication_choices() -> list[tuple[str, str]]:
    """Return the keys and names of gatherings and publications, which have no page whose address could be entered."""
    gathering_choices = [(loading.gathering_key(one), one.title or one.about) for one in gatherings()]
    return [*gathering_choices, *((loading.publication_key(one), one.title or one.about) for one in publications())]


# --- IATI -------------------------------------------------------------------------------------------------------------


def is_in_iati(activity: programmes.Activity) -> bool:
    return can_be_reported(activity, include_fictional=activity.fictional)


def build_iati_document(
    slug: str | None,
    *,
    reporter: ReportingOrganisation,
    vocabulary_url: str,
    fictional: bool,
    now: datetime | None = None,
) -> bytes:
    """Return one activity, or all of them if `slug` is None, as IATI XML. Raises NothingToReport."""
    activities = prefetch_activity_data(models.Activity.objects.order_by("slug"))
    reported = [
        ReportedActivity(
            to_library_activity(activity),
            activity.updated_at,
            tuple(map(to_library_transaction, activity.transactions.all())),
            tuple(one for one in map(to_library_result, activity.results.all()) if one.counts),
        )
        for activity in activities.prefetch_related("transactions", "results")
    ]
    return export_iati(
        [one for one in reported if slug is None or one.activity.slug == slug],
        all_activities=[one.activity for one in reported],
        reporter=reporter,
        generated_at=now or timezone.now(),
        vocabulary_url=vocabulary_url,
        include_fictional=fictional,
    )
