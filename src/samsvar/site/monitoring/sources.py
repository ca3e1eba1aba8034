"""What a publisher changed in a harvested document: both versions of its titles and paragraphs, for the editors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import itemgetter

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
    """Return the paragraphs whose text differs: side by side if they have the same number, else one after the other.

    A paragraph that only has another number, because one was inserted before it, is no change.
    """
    before, after = _list_paragraphs(earlier), _list_paragraphs(later)
    changes: list[TextChange] = []
    for is_same, old, new in _align(before, after, key=itemgetter(1)):
        if is_same:
            continue
        for has_same_number, old_ones, new_ones in _align(old, new, key=itemgetter(0)):
            if has_same_number:
                pairs = zip(old_ones, new_ones, strict=True)
                changes += (TextChange(number, text, other) for (number, text), (_same, other) in pairs)
            else:
                changes += (TextChange(number, text, "") for number, text in old_ones)
                changes += (TextChange(number, "", text) for number, text in new_ones)
    return tuple(changes)


def _align(
    before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]], *, key: Callable[[tuple[str, str]], str]
) -> Iterator[tuple[bool, Sequence[tuple[str, str]], Sequence[tuple[str, str]]]]:
    """Yield the parts of two lists of paragraphs in order, and whether all of the part have the same key in both."""
    matcher = SequenceMatcher(a=list(map(key, before)), b=list(map(key, after)), autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        yield kind == "equal", before[start:end], after[other_start:other_end]


def _list_paragraphs(report: Report) -> list[tuple[str, str]]:
    """Return the numbers and texts of the paragraphs, without their lettered points, which each paragraph includes."""
    passages = report.passages.order_by("ordinal").values_list("number", "text")
    return [(number, text) for number, text in passages if not number.rpartition(".")[2].isalpha()]


def find_public_version(report: Report) -> Report | None:
    """Return the public report of the same source as one that was withdrawn; None without any. Two queries."""
    own = report.source_versions.first()
    if own is None:
        return None
    public = SourceVersion.objects.filter(site=own.site, source=own.source, report__status=Report.Status.PUBLISHED)
    version = public.select_related("report").last()
    return version.report if version else None


def earlier_version_exists() -> Exists:
    """Return the condition, for a query of reports, that an earlier version of the same source was harvested."""
    return Exists(
        SourceVersion.objects.filter(
            site=OuterRef("source_versions__site"),
            source=OuterRef("source_versions__source"),
            harvested_at__lt=OuterRef("source_versions__harvested_at"),
        )
    )
