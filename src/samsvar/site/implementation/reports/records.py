"""Sentences of measures, evidence and figures for a report back, each with its version, in the draft's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.dates import UnreadableDate, display_date, parse_partial_date
from samsvar.implementation.drafts import Record, RecordKey, RecordKind
from samsvar.implementation.indicators import Cell
from samsvar.implementation.measures import MeasureVisibility, RegionKind, Stage
from samsvar.site.implementation import models
from samsvar.site.implementation.indicators.queries import (
    PUBLIC,
    YEARS_TO_FILL,
    Figure,
    title_of,
    to_figure,
)
from samsvar.site.implementation.labels import CATEGORIES, EVIDENCE_KINDS, GAP_REASONS, MEASURE_KINDS, SIDES, STAGES
from samsvar.site.implementation.permissions import is_public
from samsvar.site.implementation.progress.queries import current_evidence
from samsvar.territories import territory_name
from samsvar.text import choose_text

type RecordsByFinding = dict[str, list[Record]]
NOT_PUBLISHED = Q(current=True, published_in=None)


def records_about(
    findings: Collection[str], language: str, *, only_public: bool = False
) -> tuple[RecordsByFinding, frozenset[RecordKey]]:
    """Return the records about each finding, by public ID, and the keys of those that are public.

    They are measures that answer it, by kind and title, and accepted evidence for it or for one of these measures.
    """
    answers = (
        models.Answer.objects.filter(finding_id__in=findings, ended_at=None)
        .filter(is_public("measure__") if only_public else Q())
        .select_related("measure__lead", "measure__region")
        .prefetch_related("measure__bodies__organisation")
        .order_by("measure__kind", "measure__title", "measure_id")
    )
    records_of: defaultdict[str, dict[RecordKey, Record]] = defaultdict(dict)
    findings_of: defaultdict[int, set[str]] = defaultdict(set)
    public: set[RecordKey] = set()
    with override(language):
        for answer in answers:
            record = describe_measure(answer.measure, language)
            records_of[answer.finding_id].setdefault(record.key, record)
            findings_of[answer.measure_id].add(answer.finding_id)
            if answer.measure.visibility == MeasureVisibility.PUBLIC:
                public.add(record.key)
        evidence = current_evidence().filter(Q(finding_id__in=findings) | Q(measure_id__in=list(findings_of)))
        for piece in evidence.select_related("organisation", "measure").order_by("begins", "pk"):
            record = describe_evidence(piece, language)
            places = findings_of[piece.measure_id] if piece.measure_id else {str(piece.finding_id)}
            for finding in places:
                records_of[finding].setdefault(record.key, record)
            if piece.measure is None or piece.measure.visibility == MeasureVisibility.PUBLIC:
                public.add(record.key)
    return {finding: list(records.values()) for finding, records in records_of.items()}, frozenset(public)


def figures_about(state: str, articles: Collection[int] | None, language: str) -> tuple[list[Record], list[Record]]:
    """Return the published figures that a section can cite: of indicators about any of the articles, and of the others.

    Without articles (None), all indicators are among the first. Of these, the whole state has the last years, its
    breakdowns and its regions only the latest, because a draft is no table; the others have the latest of the whole
    state. A figure that is not published is never among them: which small numbers are suppressed is decided on
    publication.
    """
    wanted = None if articles is None else set(map(str, articles))
    offered = Q(region=None) | Q(cell="", region__kind=RegionKind.REGION)
    values = (
        models.IndicatorValue.objects.filter(PUBLIC, offered, state_id=state)
        .select_related("indicator", "region")
        .order_by("indicator__state_id", "indicator_id", "-year", "region__name", "cell")
    )
    about: list[Record] = []
    others: list[Record] = []
    latest: dict[int, int] = {}
    with override(language):
        for value in values:
            age = latest.setdefault(value.indicator_id, value.year) - value.year
            is_total = value.region is None and not value.cell
            if wanted is None or wanted & set(value.indicator.articles):
                if age == 0 or (is_total and age < YEARS_TO_FILL):
                    about.append(describe_value(value, language))
            elif age == 0 and is_total:
                others.append(describe_value(value, language))
    return about, others


def find_records(keys: Iterable[RecordKey], language: str, *, only_public: bool = False) -> Mapping[RecordKey, Record]:
    """Return the records with these keys as they are now; one that cannot be read any longer is missing.

    Evidence that was replaced by an accepted revision is given as that revision, under the key that was cited.
    """
    ids: defaultdict[RecordKind, set[str]] = defaultdict(set)
    for key in keys:
        ids[key.kind].add(key.public_id)
    measures = (
        models.Measure.objects.filter(public_id__in=ids[RecordKind.MEASURE])
        .filter(is_public() if only_public else Q())
        .select_related("lead", "region")
        .prefetch_related("bodies__organisation")
    )
    with override(language):
        records = [describe_measure(measure, language) for measure in measures]
        records += _find_evidence(ids[RecordKind.EVIDENCE], language, only_public=only_public)
        records += [describe_value(value, language) for value in _find_values(ids[RecordKind.FIGURE], PUBLIC)]
    return {record.key: record for record in records}


def _find_evidence(public_ids: Collection[str], language: str, *, only_public: bool) -> list[Record]:
    if not public_ids:
        return []
    visible = Q(measure=None) | is_public("measure__") if only_public else Q()
    accepted = current_evidence().filter(visible).select_related("organisation", "measure")
    records = []
    waiting = {public_id: public_id for public_id in public_ids}  # the row to look for → the row that was cited
    while waiting:  # one query for each revision, of which there are few
        cited = list(models.Evidence.objects.filter(public_id__in=waiting).values_list("pk", "public_id"))
        current = {piece.pk: piece for piece in accepted.filter(pk__in=[pk for pk, _id in cited])}
        replaced = {}
        for pk, public_id in cited:
            if pk in current:
                record = describe_evidence(current[pk], language)
                key = RecordKey(RecordKind.EVIDENCE, waiting[public_id])
                records.append(Record(key, record.version, record.text, record.citation))
            else:
                replaced[pk] = waiting[public_id]
        later = models.Evidence.objects.filter(revision_of_id__in=replaced).values_list("public_id", "revision_of_id")
        waiting = {public_id: replaced[before] for public_id, before in later}
    return records


def figures_with_correction(keys: Iterable[RecordKey]) -> frozenset[RecordKey]:
    """Return those of the keys whose figure has a later revision that is not published yet."""
    waiting = _find_values({key.public_id for key in keys if key.kind is RecordKind.FIGURE}, NOT_PUBLISHED)
    return frozenset(map(_figure_key, waiting))


def _find_values(public_ids: Collection[str], published: Q) -> list[models.IndicatorValue]:
    if not public_ids:
        return []
    places = [public_id.split("/") for public_id in public_ids]
    values = models.IndicatorValue.objects.filter(
        published, state_id__in={place[0] for place in places}, indicator__key__in={place[1] for place in places},
        year__in={place[2] for place in places},
    ).select_related("indicator", "region")  # fmt: skip
    return [value for value in values if _figure_key(value).public_id in public_ids]


def _figure_key(value: models.IndicatorValue) -> RecordKey:
    """Return the key of a figure, which all its revisions share: "XA/family-places/2024", with its region and cell."""
    parts = (value.state_id, value.indicator.key, value.year, value.region_id or "", value.cell)
    return RecordKey(RecordKind.FIGURE, "/".join(map(str, parts)).rstrip("/"))


def describe_measure(measure: models.Measure, language: str) -> Record:
    """Return a measure's sentence in the active language: title, kind, stage with its day, bodies, due date."""
    facts = [str(MEASURE_KINDS[measure.kind])] if measure.kind else []
    stage = str(STAGES[measure.stage])
    if measure.stage_since:
        stage = _("%(stage)s since %(day)s") % {"stage": stage, "day": _day(measure.stage_since.isoformat(), language)}
    facts.append(stage)
    if measure.stage == Stage.STOPPED:
        facts.append(_("reason given: %(reason)s") % {"reason": measure.stop_reason.strip().rstrip(".")})
    bodies = [name for name in (measure.lead_text, *(body.text for body in measure.bodies.all())) if name]
    if bodies:
        facts.append(", ".join(bodies))
    if measure.region:
        facts.append(measure.region.name)
    if measure.due and measure.stage not in (Stage.DONE, Stage.STOPPED):
        facts.append(_("due %(day)s") % {"day": _day(measure.due, language)})
    citation = _("measure %(reference)s, version %(version)s") % {
        "reference": measure.reference or measure.public_id,
        "version": measure.version,
    }
    text = f"{_end(measure.title)[:-1]} ({'; '.join(facts)}). {measure.text}".strip()
    return Record(RecordKey(RecordKind.MEASURE, measure.public_id), str(measure.version), text, citation)


def describe_evidence(evidence: models.Evidence, language: str) -> Record:
    """Return the sentence of a piece of evidence: title, kind, side and organisation, period, day received, link."""
    side = str(SIDES[evidence.side])
    facts = [
        str(EVIDENCE_KINDS[evidence.kind]),
        f"{side}, {evidence.organisation_text}" if evidence.organisation_text else side,
    ]
    if not evidence.supports:
        facts.append(_("says that it is not done or does not work"))
    if evidence.begins or evidence.ends:
        period = [_day(end, language) for end in dict.fromkeys((evidence.begins, evidence.ends)) if end]
        facts.append(_("about %(period)s") % {"period": " – ".join(period)})
    facts.append(_("received %(day)s") % {"day": _day(evidence.received.isoformat(), language)})
    link = f" {evidence.link}" if evidence.link else ""
    citation = _("evidence %(reference)s, version %(version)s") % {
        "reference": evidence.public_id,
        "version": evidence.revision,
    }
    text = f"{_end(evidence.title)[:-1]} ({'; '.join(facts)}).{link}"
    return Record(RecordKey(RecordKind.EVIDENCE, evidence.public_id), str(evidence.revision), text, citation)


def describe_value(value: models.IndicatorValue, language: str) -> Record:
    """Return the sentence of a published figure: title, territory, year, breakdown, number or the reason for none.

    Its note on comparability and its source follow. The number of a suppressed figure is in no sentence.
    """
    indicator, figure = value.indicator, to_figure(value)
    facts = [value.region.name if value.region else territory_name(value.state_id, language), str(value.year)]
    facts += [str(CATEGORIES[category]) for category in Cell.from_key(value.cell).categories.values()]
    sentences = [
        f"{title_of(indicator, language)} ({', '.join(facts)}): {_describe_number(figure, indicator, language)}."
    ]
    if indicator.cumulative and figure.number is not None:
        sentences.append(_("Each year’s number includes those of the years before."))
    if figure.comparability:
        sentences.append(_("Comparability: %(note)s") % {"note": _end(figure.comparability)})
    if figure.source:
        is_link = figure.source.startswith(("https://", "http://"))
        sentences.append(_("Source: %(source)s") % {"source": figure.source if is_link else _end(figure.source)})
    key = _figure_key(value)
    citation = _("figure %(reference)s, version %(version)s") % {
        "reference": key.public_id,
        "version": value.revision,
    }
    return Record(key, str(value.revision), " ".join(sentences), citation)


def _describe_number(figure: Figure, indicator: models.Indicator, language: str) -> str:
    if figure.gap:
        return _("no figure (%(reason)s)") % {"reason": GAP_REASONS[figure.gap]}
    if figure.number is None:
        return _("suppressed to protect people; that does not mean that it is small")
    if figure.denominator is None:
        return str(floatformat(figure.number, "-3g"))
    text = _("%(number)s (%(numerator)s) of %(total)s (%(denominator)s)") % {
        "number": floatformat(figure.number, "-3g"),
        "numerator": choose_text(indicator.numerator, language),
        "total": floatformat(figure.denominator, "-3g"),
        "denominator": choose_text(indicator.denominator, language),
    }
    return text if figure.share is None else f"{text}, {floatformat(figure.share, 0)} %"


def _end(text: str) -> str:
    """Return a text that ends in exactly one full stop."""
    return text.strip().rstrip(".") + "."


def _day(iso: str, language: str) -> str:
    try:
        parsed = parse_partial_date(iso)
    except UnreadableDate:
        return iso
    return display_date(parsed, language) if parsed else ""
