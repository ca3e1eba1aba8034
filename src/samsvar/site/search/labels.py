"""What the search page says in words: kinds, facets, notes on a question, troubles, examples to try."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.errors import SamsvarError
from samsvar.search.query import LabelName, NoteKind

type Text = str | Promise

KINDS: dict[str, Text] = {
    "finding": _("Findings"),
    "passage": _("Other paragraphs"),
    "section": _("Sections of official reports"),
    "document": _("Documents"),
}

FACETS: dict[LabelName, Text] = {
    LabelName.KIND: _("Kind"),
    LabelName.STATE: _("Country"),
    LabelName.ARTICLE: _("Article"),
    LabelName.STRENGTH: _("Strength"),
    LabelName.BODY: _("Body"),
    LabelName.YEAR: _("Year"),
}

NOTES: dict[NoteKind, Text] = {
    NoteKind.CUT: _("The question was longer than 500 characters; “%(about)s” and what follows was left out."),
    NoteKind.NOTHING_TO_SEARCH: _("“%(about)s” holds no word to look for, so everything is shown."),
    NoteKind.LONE_OPERATOR: _(
        "%(about)s joins nothing here and was left out. Put it in quotation marks to look for the word."
    ),
    NoteKind.UNKNOWN_VALUE: _("“%(about)s” is not a label that is known here; its words were looked for instead."),
    NoteKind.UNCLOSED_QUOTATION: _(
        "The quotation “%(about)s” has no end; everything to the end was taken as one phrase."
    ),
    NoteKind.TOO_DEEP: _("Some parentheses stand too deep inside others and were left out.%(about)s"),
}

EXAMPLES: tuple[tuple[str, Text], ...] = (
    ("shelters", _("a word, in its grammatical forms")),
    ('"protection orders"', _("exactly these words, one after the other")),
    ("discriminat*", _("every word that begins so")),
    ("women NOT children", _("without another word; AND, OR and parentheses too")),
    ("article:25 strength:urges", _("by article, strength, state, body or year")),
)


def trouble(error: SamsvarError) -> tuple[str, str, str]:
    """(what happened, what was kept, what to do next), in the reader's language where we have it there."""
    told: dict[str, tuple[str, str, str]] = {
        "index_being_built": (
            _now("The search index is being built."),
            _now("Everything that was stored is there."),
            _now("Try again in a minute."),
        ),
        "too_many_words": (
            _now("Too many words begin with these letters."),
            _now("Nothing was changed."),
            _now("Type more letters before the star."),
        ),
    }
    fallback = (
        _now("The search index cannot be used at the moment."),
        _now("Everything that was stored is there; only search is affected."),
        _now("Try again in a minute. If it stays so, tell whoever runs this site: the command is rebuild_search."),
    )
    return told.get(error.code, fallback)
