"""Texts of the search page: kinds, facets, notes about a query, examples and errors."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.search.query import LabelName, NoteKind, SearchOrder
from samsvar.site.shell import labels as shell_labels
from samsvar.site.shell.labels import Label

KINDS: dict[str, Label] = {
    "finding": _("Findings"),
    "passage": _("Other paragraphs"),
    "measure": _("Measures"),
    "practice": _("Practices"),
    "meeting": _("Meetings"),
    "section": _("Sections of official reports"),
    "document": _("Documents"),
}

VALUES: dict[LabelName, Mapping[str, Label]] = {  # of facets whose values have fixed labels
    LabelName.STRENGTH: shell_labels.STRENGTHS,
    LabelName.BODY: shell_labels.BODIES,
    LabelName.KIND: KINDS,
    LabelName.REVIEW: shell_labels.REVIEWS,
}

FACETS: dict[LabelName, Label] = {
    LabelName.KIND: _("Type"),
    LabelName.STATE: _("Country"),
    LabelName.ARTICLE: _("Article"),
    LabelName.STRENGTH: _("Strength"),
    LabelName.BODY: _("Body"),
    LabelName.YEAR: _("Year"),
}

# of these and all other filters that a query in words names
FILTERS: dict[LabelName, Label] = FACETS | {
    LabelName.REVIEW: _("Review"),
    LabelName.LANGUAGE: _("Language"),
    LabelName.ROUND: _("Round"),
    LabelName.CONCEPT: _("Concept"),
}

ORDERS: dict[SearchOrder, Label] = {
    SearchOrder.RELEVANCE: _("Relevance"),
    SearchOrder.NEWEST: _("Newest first"),
    SearchOrder.OLDEST: _("Oldest first"),
    SearchOrder.COUNTRY: _("Country"),
}

DOWNLOADS: dict[str, Label] = {  # by the extension of the file
    "csv": "CSV",
    "xlsx": _("Excel (XLSX)"),
    "jsonl": "JSON Lines",
    "ris": "RIS",
    "bib": "BibTeX",
}

NOTES: dict[NoteKind, Label] = {
    NoteKind.CUT: _("Your search was longer than 500 characters; “%(about)s” and everything after it was ignored."),
    NoteKind.NOTHING_TO_SEARCH: _("“%(about)s” contains no words to search for, so everything is shown."),
    NoteKind.LONE_OPERATOR: _(
        "%(about)s does not connect any words here, so it was ignored. To search for the word itself, put it "
        "in quotation marks."
    ),
    NoteKind.UNKNOWN_VALUE: _("“%(about)s” is not a known filter; its words were searched for instead."),
    NoteKind.MISSING_VALUE: _(
        "“%(about)s” has no value directly after the colon, so it was searched for as a word. Write the value without "
        "a space before it."
    ),
    NoteKind.UNCLOSED_QUOTATION: _(
        "The quotation “%(about)s” has no closing quotation mark; everything to the end was treated as one phrase."
    ),
    NoteKind.TOO_DEEP: _("Some parentheses were nested too deeply and were ignored.%(about)s"),
}

EXAMPLES: tuple[tuple[str, Label], ...] = (
    ("shelters", _("a word in any of its forms, and what it is called in other languages")),
    ("krisesenter", _("a word in any of 22 languages: texts in every language are found")),
    ('"protection orders"', _("exactly these words, in this order")),
    ("discriminat*", _("every word that starts with these letters")),
    ("women NOT children", _("excluding a word; AND, OR and parentheses also work")),
    ("article:25 strength:urges", _("filtering by article, strength, state, body or year")),
    ("body:grevio year:2018..2022", _("by monitoring body and by years; round: and lang: also work")),
    ("GREVIO/Inf(2020)14", _("a document by its citation; with § 57, a paragraph of it")),
)

_UNUSABLE_INDEX = (
    _("The search index cannot be used at the moment."),
    _("Try again in a minute. If the problem continues, ask the site administrator to run the command rebuild_search."),
    _("No saved data has been lost; only search is affected."),
)
ERROR_TEXTS: dict[str, tuple[Label, Label, Label]] = {
    "index_being_built": (
        _("The search index is being built."), _("Try again in a minute."), _("No saved data has been lost."),
    ),
    "too_many_prefix_matches": (
        _("Too many words start with these letters."), _("Type more letters before the asterisk."),
        _("Nothing was changed."),
    ),
    "index_damaged": _UNUSABLE_INDEX,
    "index_folder_unusable": _UNUSABLE_INDEX,
}  # fmt: skip
