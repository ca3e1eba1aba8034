"""A query in the reader's words, for the name of a saved search: "“shelters” · Country: Norway"."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    MatchAll,
    Not,
    Phrase,
    Prefix,
    Query,
    QueryTree,
    Word,
    YearRange,
)
from samsvar.site.search.labels import FILTERS
from samsvar.site.search.queries import describe_filters
from samsvar.site.shell.labels import COLON


def describe_query(query: Query, language: str, *, is_nested: bool = False) -> list[str]:
    """Return the parts of a query in words: plain words and citations as typed, filters with their names.

    `is_nested` says that filters follow. A query for nothing has no parts.
    """
    if isinstance(query.tree, MatchAll):
        return [quote_words(query.typed_text)] if query.typed_text else []
    parts = query.tree.parts if isinstance(query.tree, AllOf) else (query.tree,)
    cites = any(isinstance(part, LabelTerm) and part.name is LabelName.REFERENCE for part in parts)
    if cites or all(map(_is_words, parts)):
        return [quote_words(query.typed_text)]
    if len(parts) == 1:
        return [_describe_part(parts[0], language, is_nested=is_nested)]
    return _describe_parts(parts, language)


def _describe_parts(parts: Sequence[QueryTree], language: str) -> list[str]:
    words = " ".join(str(part) for part in parts if _is_words(part))
    others = [_describe_part(part, language, is_nested=len(parts) > 1) for part in parts if not _is_words(part)]
    return [quote_words(words), *others] if words else others


def _describe_part(part: QueryTree, language: str, *, is_nested: bool = True) -> str:
    """Return a part of a query in words, in parentheses if it is nested and could be read in two ways."""
    match part:
        case LabelTerm(name=name, value=value):
            return _describe_label(name, (value,), language)
        case YearRange():
            return f"{FILTERS[LabelName.YEAR]}{COLON} {str(part).partition(':')[2].replace('-', '–')}"
        case Not(part=inner):
            return pgettext("part of a search", "without %(part)s") % {"part": _describe_part(inner, language)}
        case AnyOf(parts=parts):
            labels = [one for one in parts if isinstance(one, LabelTerm)]
            if len(labels) == len(parts) and len({label.name for label in labels}) == 1:
                return _describe_label(labels[0].name, tuple(label.value for label in labels), language)
            alternatives = [_describe_part(one, language) for one in parts]
            text = f" {pgettext('between parts of a search', 'or')} ".join(alternatives)
        case AllOf(parts=parts):
            described = _describe_parts(parts, language)
            text, is_nested = " · ".join(described), is_nested and len(described) > 1
        case _:
            return quote_words(str(part))
    return f"({text})" if is_nested else text


def _is_words(part: QueryTree) -> bool:
    return isinstance(part, Word | Prefix | Phrase)


def _describe_label(name: LabelName, values: tuple[str, ...], language: str) -> str:
    if name not in FILTERS:
        return quote_words(" ".join(str(LabelTerm(name, value)) for value in values))
    ((title, named),) = describe_filters({name: values}, language)
    return f"{title}{COLON} {', '.join(named)}"


def quote_words(text: str) -> str:
    """Return words in the quotation marks of the active language."""
    return _("“%(word)s”") % {"word": text}
