"""What is searched and what a search returns: items, hits, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samsvar.ids import make_slug
from samsvar.search.query import LabelName
from samsvar.spans import Span

# in the order used to break ties
KINDS = ("finding", "passage", "measure", "practice", "meeting", "section", "document")
FACETS = (LabelName.KIND, LabelName.STATE, LabelName.ARTICLE, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR)
# Labels with few different combinations, which a column of their own holds. Counting its values counts four facets, and
# the chart by year, at once: counting costs as much for each column as finding the hits of a word.
COMBINED_LABELS = (LabelName.KIND, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR)
type LabelFilters = Mapping[LabelName, tuple[str, ...]]  # for each label, the values that are accepted


@dataclass(frozen=True, slots=True)
class Translation:
    """The title and text of an item in another language than its own."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchItem:
    """A searchable item: a finding, another passage, a section, a document, a measure, a practice or a meeting."""

    id: str  # "finding/3f2a…": the kind and the public id
    group: str  # the group that is added and removed as a whole: "report/3f2a…"
    kind: str  # one of KINDS
    text: str
    language: str = ""
    heading: str = ""
    title: str = ""
    state: str = ""
    articles: tuple[str, ...] = ()
    strength: str = ""
    body: str = ""
    year: int | None = None
    published: str = ""  # ISO, as precise as known; if it is "", results are sorted by year
    round: str = ""  # the procedure of the document: "baseline"
    reference: str = ""  # of the document, as printed: "GREVIO/Inf(2022)30"
    review: str = ""
    fictional: bool = False
    paragraph: str = ""
    page: int | None = None
    ordinal: int = 0  # its position within the group
    link: str = ""
    concepts: tuple[str, ...] = ()  # keys of concepts that a person gave it, besides those that its text names
    translations: tuple[Translation, ...] = ()  # searched like the text; a hit shows the one that matches

    @property
    def labels(self) -> dict[LabelName, tuple[str, ...]]:
        """Return the labels that results can be filtered by."""
        return {
            LabelName.KIND: (self.kind,),
            LabelName.STATE: (self.state,) if self.state else (),
            LabelName.ARTICLE: tuple(dict.fromkeys(self.articles)),
            LabelName.STRENGTH: (self.strength,) if self.strength else (),
            LabelName.BODY: (self.body,) if self.body else (),
            LabelName.YEAR: (str(self.year),) if self.year is not None else (),
            LabelName.REVIEW: (self.review,) if self.review else (),
            LabelName.LANGUAGE: tuple(
                dict.fromkeys(filter(None, (self.language, *(text.language for text in self.translations))))
            ),
            # the point "57.a" is part of the paragraph "57"
            LabelName.PARAGRAPH: tuple(dict.fromkeys((self.paragraph, self.paragraph.partition(".")[0])))
            if self.paragraph
            else (),
            LabelName.FICTIONAL: ("yes" if self.fictional else "no",),
            LabelName.ROUND: (self.round,) if self.round else (),
            LabelName.REFERENCE: (make_slug(self.reference),) if self.reference else (),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result, with the matching spans in its text and its heading, sorted and not overlapping."""

    item: SearchItem
    marks: tuple[Span, ...]
    heading_marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of a query: the total count, one page of hits, and the number of hits for each value of a facet.

    `facets[name][value]` is the number of hits with this value, ignoring the current choice in that facet; the filters
    on other facets still apply.
    """

    count: int
    hits: tuple[Hit, ...]
    facets: dict[LabelName, dict[str, int]]
    combinations: Mapping[tuple[str, ...], int]  # number of hits by their values of COMBINED_LABELS, "" for none

    def count_by_year(self, label: LabelName) -> dict[str, dict[str, int]]:
        """Count the hits by year and by the values of one of COMBINED_LABELS, as {year: {value: count}}.

        Hits without a year or without a value are not counted.
        """
        counts: dict[str, dict[str, int]] = {}
        for combination, number in self.combinations.items():
            values = dict(zip(COMBINED_LABELS, combination, strict=True))
            if (year := values[LabelName.YEAR]) and (value := values[label]):
                by_value = counts.setdefault(year, {})
                by_value[value] = by_value.get(value, 0) + number
        return counts


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """A group of items that are added and removed together, with a fingerprint that changes with their content."""

    name: str
    fingerprint: str
    items: Iterable[SearchItem]
