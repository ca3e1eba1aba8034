"""Public measures in the search index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.urls import reverse

from samsvar.ids import stable_id
from samsvar.search.items import IndexGroup, SearchItem
from samsvar.site.implementation.measures.models import Answer, Measure
from samsvar.site.implementation.permissions import is_public
from samsvar.site.monitoring.models import FindingArticle
from samsvar.territories import is_fictional


class MeasureSource:
    """The public measures, a group for each state. What only the state's desk sees is not in it."""

    kind = "measure"

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of the public measures of each state by its group. Runs three queries."""
        articles = _articles_by_measure()
        parts: dict[str, list[str]] = defaultdict(list)
        rows = Measure.objects.filter(is_public()).order_by("pk")
        for key, state, public_id, version in rows.values_list("pk", "state_id", "public_id", "version"):
            parts[state] += [public_id, str(version), *articles.get(key, ())]
        return {f"measure/{state}": stable_id(*values) for state, values in parts.items()}

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Yield the groups with these names. Runs three queries, and one for each state."""
        articles = _articles_by_measure()
        for name, fingerprint in fingerprints.items():
            measures = Measure.objects.filter(is_public(), state_id=name.partition("/")[2]).order_by("pk")
            items = [
                _build_item(measure, name, place, articles.get(measure.pk, ()))
                for place, measure in enumerate(measures)
            ]
            yield IndexGroup(name, fingerprint, items)

    def get_url(self, public_id: str) -> str:
        """Return the URL of the page of a measure."""
        return reverse("implementation:measure", args=[public_id])

    def changed_at(self, public_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return when each of these measures was last changed. Runs one query."""
        measures = Measure.objects.filter(is_public(), public_id__in=public_ids)
        return dict(measures.values_list("public_id", "updated_at"))


def _articles_by_measure() -> Mapping[int, tuple[str, ...]]:
    """Return, by key of a public measure, the articles of the published findings that it answers today."""
    answers = (
        Answer.objects.filter(is_public("measure__"), ended_at=None)
        .order_by("measure_id", "finding_id", "part")
        .only("measure_id", "finding_id")
    )
    findings: dict[str, list[int]] = defaultdict(list)
    for answer in answers:
        findings[answer.finding_id].append(answer.measure_id)
    articles: dict[int, dict[str, None]] = defaultdict(dict)  # a dict keeps the order
    links = FindingArticle.objects.filter(finding__public_id__in=list(findings)).order_by("finding_id", "article")
    for public_id, article in links.values_list("finding__public_id", "article"):
        for measure in findings[public_id]:
            articles[measure][str(article)] = None
    return {measure: tuple(numbers) for measure, numbers in articles.items()}


def _build_item(measure: Measure, group: str, place: int, articles: tuple[str, ...]) -> SearchItem:
    year = measure.begins[:4]
    return SearchItem(
        id=f"measure/{measure.public_id}",
        group=group,
        kind="measure",
        language=measure.language,
        title=measure.title,
        text="\n".join(_texts(measure)),
        state=measure.state_id,
        articles=articles,
        year=int(year) if year else None,
        published=measure.begins,
        fictional=is_fictional(measure.state_id),
        ordinal=place,
    )


def _texts(measure: Measure) -> Iterator[str]:
    yield measure.title
    if measure.text:
        yield measure.text
    if measure.stop_reason:
        yield measure.stop_reason
