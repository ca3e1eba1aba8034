"""What a publisher changed in a harvested document: both versions of its titles and paragraphs, for the editors."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from samsvar.site.monitoring.models import Report, SourceVersion
from samsvar.site.shell.labels import Label

MAX_CHANGES_SHOWN = 200  # paragraphs; more is another document


@dataclass(frozen=True, slots=True)
class TextChange:
    """A title or paragraph of a source that its publisher changed; "" where there was none before, or is none now."""

    number: str  # of the paragraph
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SourceChange:
    """Both versions of a source that its publisher changed: the one before this report, and this report's."""

    earlier: SourceVersion
    later: SourceVersion
    titles: tuple[TextChange, ...]
    paragraphs: tuple[TextChange, ...]
    paragraph_count: int  # with those that are not shown

    @property
    def tables(self) -> tuple[tuple[Label, tuple[TextChange, ...], bool], ...]:
        """The tables that show the changes: caption, lines, and whether they have numbers of paragraphs."""
        tables = ((_("Changed headings"), self.titles, False), (_("Changed paragraphs"), self.paragraphs, True))
        return tuple(table for table in tables if table[1])


def find_source_change(report: Report) -> SourceChange | None:
    """Return what a publisher changed between the version before a harvested report and its own; None if nothing."""
    later = report.source_versions.first()
    if later is None:
        return None
    versions = SourceVersion.objects.filter(site=later.site, source=later.source).select_related("report")
    earlier = versions.filter(harvested_at__lt=later.harvested_at).last()
    if earlier is None:
        return None
    paragraphs = _compare_paragraphs(earlier.report, report) if earlier.report else ()
    return SourceChange(
        earlier=earlier,
        later=later,
        titles=tuple(
            TextChange("", before, later.titles[key])
            for key, before in earlier.titles.items()
            if key in later.titles and before != later.titles[key]
        ),
        paragraphs=paragraphs[:MAX_CHANGES_SHOWN],
        paragraph_count=len(paragraphs),
    )


def _compare_paragraphs(earlier: Report, later: Report) -> tuple[TextChange, ...]:
    before, after = _list_paragraphs(earlier), _list_paragraphs(later)
    changes: list[TextChange] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind != "equal":
            pairs = zip_longest(before[start:end], after[other_start:other_end], fillvalue=("", ""))
            changes += (TextChange(new[0] or old[0], old[1], new[1]) for old, new in pairs)
    return tuple(changes)


def _list_paragraphs(report: Report) -> list[tuple[str, str]]:
    """Return the numbers and texts of the paragraphs, without their lettered points, which each paragraph includes."""
    passages = report.passages.order_by("ordinal").values_list("number", "text")
    return [(number, text) for number, text in passages if not number.rpartition(".")[2].isalpha()]


def earlier_version_exists() -> Exists:
    """Return the condition, for a query of reports, that an earlier version of the same source was harvested."""
    return Exists(
        SourceVersion.objects.filter(
            site=OuterRef("source_versions__site"),
            source=OuterRef("source_versions__source"),
            harvested_at__lt=OuterRef("source_versions__harvested_at"),
        )
    )
