"""Expansion of a query: words that name a concept of the thesaurus also find the texts that name it in other languages.

“krisesenter” becomes “krisesenter” or the concept *shelters*, which every text has that names it or a narrower concept.
The texts with the word itself are still found, so an expanded query never finds less. Words in quotation marks,
prefixes and words that are excluded with NOT stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    Query,
    QueryTree,
    TextColumn,
    Word,
    parse_query_text,
)
from samsvar.thesaurus.tagging import recognise


@dataclass(frozen=True, slots=True)
class Understood:
    """Words of a query that were understood as a concept."""

    text: str  # the words as typed
    languages: tuple[str, ...]  # those in which the concept has this name
    key: str  # of the concept
    is_used: bool = True  # False if the reader switched the concept off


@dataclass(frozen=True, slots=True)
class ExpandedQuery:
    """A query as it is searched, and the concepts that its words were understood as, in the order of the words."""

    query: Query
    understood: tuple[Understood, ...] = ()


def expand_query(query: Query, *, without: Collection[str] = ()) -> ExpandedQuery:
    """Return the query with the concepts that its words name; `without` are keys of concepts that are switched off."""
    understood: dict[tuple[str, str], Understood] = {}

    def expand_words(words: list[Word]) -> list[QueryTree]:
        """Return words that follow each other, each name of a concept replaced by its alternatives."""
        parts: list[QueryTree] = []
        position = 0
        for start, length, alternatives in _find_names(words):
            parts += words[position:start]
            typed = tuple(words[start : start + length])
            plain: QueryTree = typed[0] if length == 1 else AllOf(typed)
            keys: list[str] = []
            for name in alternatives:
                is_used = name.key not in without
                understood.setdefault((name.text, name.key), replace(name, is_used=is_used))
                keys += [name.key] if is_used else []
            concepts = tuple(LabelTerm(LabelName.CONCEPT, key) for key in keys)
            parts.append(AnyOf((plain, *concepts)) if concepts else plain)
            position = start + length
        return parts + words[position:]

    tree = _expand_tree(query.tree, expand_words)
    return ExpandedQuery(replace(query, tree=tree), tuple(understood.values()))


def find_concepts(text: str) -> tuple[Understood, ...]:
    """Return the concepts that the words of a query text name, for searches outside the index."""
    return expand_query(parse_query_text(text)).understood


def _find_names(words: list[Word]) -> Iterable[tuple[int, int, list[Understood]]]:
    """Return (first word, number of words, concepts) of each name of a concept, in order; they do not overlap."""
    names: dict[tuple[int, int], list[Understood]] = {}
    for name in recognise([word.text for word in words]):
        concept = Understood(name.text, name.languages, name.key)
        names.setdefault((name.start, name.length), []).append(concept)
    return [(start, length, concepts) for (start, length), concepts in sorted(names.items())]


def _expand_tree(tree: QueryTree, expand_words: Callable[[list[Word]], list[QueryTree]]) -> QueryTree:
    match tree:
        case Word(column=TextColumn.TEXT):
            return expand_words([tree])[0]
        case AllOf(parts):
            expanded: list[QueryTree] = []
            words: list[Word] = []
            for part in parts:
                if isinstance(part, Word) and part.column is TextColumn.TEXT:
                    words.append(part)
                    continue
                expanded += [*expand_words(words), _expand_tree(part, expand_words)]
                words = []
            expanded += expand_words(words)
            return expanded[0] if len(expanded) == 1 else AllOf(tuple(expanded))
        case AnyOf(parts):
            return AnyOf(tuple(_expand_tree(part, expand_words) for part in parts))
        case _:
            return tree
