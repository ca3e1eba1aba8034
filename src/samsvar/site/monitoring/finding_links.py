"""What other apps have linked to findings and reports, so that links can follow to a newer version of a text.

An app that stores the ID of a finding or of a report registers where: with the hooks `finding_links` and `report_links`
(public IDs) and `report_rows` (primary keys).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet

from samsvar.site.shell import hooks
from samsvar.site.shell.labels import Label


@dataclass(frozen=True, slots=True)
class LinkSource:
    """Rows that point at a finding or a report: which ones, and the column with its ID.

    `label` names them in a list for editors; None if only others may know that there are any.
    """

    label: Label | None
    rows: Callable[[], QuerySet[Any]]
    column: str
    report_column: str = ""  # a column with the report of the finding, which changes with it

    def count(self, ids: Collection[str]) -> dict[str, int]:
        """Return the number of rows by ID."""
        rows = self.rows().filter(**{f"{self.column}__in": ids}).order_by().values_list(self.column)
        return dict(rows.annotate(rows=Count("pk")))

    def move(self, pairs: Mapping[Any, Any], *, report: int) -> tuple[int, int]:
        """Point rows at other IDs, from the first to the second of each pair; return how many moved and how many stay.

        A row stays if there is one like it already, such as the same measure at both findings. `report` is the primary
        key of the report that the second ones belong to.
        """
        by_id: dict[Any, list[Any]] = defaultdict(list)
        linked = self.rows().filter(**{f"{self.column}__in": list(pairs)}).order_by("pk")
        for key, value in linked.values_list("pk", self.column):
            by_id[value].append(key)
        moved = 0
        for value, keys in by_id.items():
            changes = {self.column: pairs[value]} | ({self.report_column: report} if self.report_column else {})
            for key in keys:
                try:
                    with transaction.atomic():
                        moved += self.rows().filter(pk=key).update(**changes)
                except IntegrityError:  # there is one like it at the other finding
                    continue
        return moved, sum(map(len, by_id.values())) - moved


def count_links(findings: Collection[str]) -> dict[str, list[tuple[Label, int]]]:
    """Return how many rows link to findings, by public ID: labels and counts. Private rows are not counted."""
    counts: dict[str, list[tuple[Label, int]]] = defaultdict(list)
    sources: tuple[LinkSource, ...] = hooks.providers("finding_links")
    for source in sources:
        if source.label is not None:
            for finding, count in source.count(findings).items():
                counts[finding].append((source.label, count))
    return counts


def move_links(
    hook: Literal["finding_links", "report_links", "report_rows"], pairs: Mapping[Any, Any], *, report: int
) -> Counter[str]:
    """Move all links from the first to the second ID of each pair; return the counts of "moved" and "left".

    Rows that only others may know of are not counted as moved.
    """
    counts: Counter[str] = Counter()
    sources: tuple[LinkSource, ...] = hooks.providers(hook)
    for source in sources if pairs else ():
        moved, left = source.move(pairs, report=report)
        counts.update(moved=moved if source.label is not None else 0, left=left)
    return counts
