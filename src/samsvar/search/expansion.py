"""Expansion of a query: words that name a concept of the thesaurus also find the texts that name it in other languages.

“krisesenter” becomes “krisesenter” or the concept *shelters*, which every text has that names it or a narrower concept.
The texts with the word itself are still found, so an expanded query never finds less. Words in quotation marks,
prefixes and words that are excluded with NOT stay as they are.

A name whose words name concepts too is also found as these concepts together: “formation des juges” finds the texts
that name training and judges, as a search for both words does in its own language. Other words beside a name cannot be
in a text of another language, so only texts in the languages of the name must have them, and no text grammatical words
or those of a question (“how many”). A word with a capital letter or a digit may be a name that is the same in every
language, and is asked of every text.

A word of one language that a stemmer takes for a form of a label in an unrelated one, or that is one only without its
accents, names nothing there: English “born” is not Danish “børn”, “public” not Romanian “publicitate”.

Beside another concept, violence against women, as the subject of the whole Convention, need not be named in the texts
of its monitoring bodies: “Sorgerecht häusliche Gewalt” finds what GREVIO says of custody, first where both are named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from samsvar.languages import grammatical_words
from samsvar.search.base_forms import LANGUAGES as KNOWN_LANGUAGES
from samsvar.search.base_forms import is_word, list_base_forms
from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    Not,
    Query,
    QueryTree,
    TextColumn,
    Word,
    parse_query_text,
    question_words,
)
from samsvar.text import fold
from samsvar.thesaurus.analysis import split_words
from samsvar.thesaurus.concepts import concepts
from samsvar.thesaurus.tagging import Recognition, recognise

# Languages that share words: Norwegian “hjemløs” is Danish too.
_FAMILIES = (("nb", "da", "sv", "is"), ("fr", "ro", "es", "it", "pt"))
# What the Convention as a whole is about, and the texts that are about it even where they do not say so.
_SUBJECTS_OF_THE_CONVENTION = frozenset({"violence-against-women", "domestic-violence", "gender-based-violence"})
_TEXTS_ON_THE_CONVENTION = (
    LabelTerm(LabelName.BODY, "grevio"),
    LabelTerm(LabelName.BODY, "committee_of_the_parties"),
    LabelTerm(LabelName.KIND, "measure"),
    LabelTerm(LabelName.KIND, "practice"),
)


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

    def expand_words(words: list[Word]) -> tuple[list[QueryTree], set[str]]:
        """Return words that follow each other, each name replaced by its alternatives, and the names' languages."""
        parts: list[QueryTree] = []
        languages: set[str] = set()  # of the names that are used
        position = 0
        general: dict[int, AnyOf] = {}  # by place: parts that name only what the Convention as a whole is about
        specific = 0  # number of the other names
        for start, length, alternatives in _find_names(words):
            parts += words[position:start]
            typed = tuple(words[start : start + length])
            plain: QueryTree = typed[0] if length == 1 else AllOf(typed)
            used: list[Understood] = []
            for name in alternatives:
                is_used = name.key not in without
                understood.setdefault((name.text, name.key), replace(name, is_used=is_used))
                used += [name] if is_used else []
            concepts = [*(_concept(name.key) for name in used), *_list_combinations(typed, used, without)]
            part = AnyOf((plain, *concepts)) if concepts else plain
            if isinstance(part, AnyOf) and all(name.key in _SUBJECTS_OF_THE_CONVENTION for name in used):
                general[len(parts)] = part
            elif concepts:
                specific += 1
            parts.append(part)
            languages.update(language for name in used for language in name.languages)
            position = start + length
        for place, part in general.items() if specific else ():
            parts[place] = AnyOf((*part.parts, *_TEXTS_ON_THE_CONVENTION))
        return [*parts, *words[position:]], languages

    tree = _expand_tree(query.tree, expand_words)
    return ExpandedQuery(replace(query, tree=tree), tuple(understood.values()))


def _concept(key: str) -> LabelTerm:
    return LabelTerm(LabelName.CONCEPT, key)


def _list_combinations(words: tuple[Word, ...], names: list[Understood], without: Collection[str]) -> list[QueryTree]:
    """Return the concepts that all words of a name name by themselves, each list of them together."""
    combinations: list[QueryTree] = []
    texts = [word.text for word in words]
    for language in dict.fromkeys(language for name in names for language in name.languages):
        inner = recognise(texts, (language,), parts_only=True)
        named = {place for part in inner for place in range(part.start, part.start + part.length)}
        rest = {fold(text) for place, text in enumerate(texts) if place not in named}
        keys = tuple(dict.fromkeys(part.key for part in inner))
        if len(keys) > 1 and rest <= _folded_grammatical_words(language) and not {*keys} & {*without}:
            combinations.append(AllOf(tuple(map(_concept, keys))))
    return [*dict.fromkeys(combinations)]


def _limit_to_languages(parts: list[QueryTree], languages: set[str]) -> list[QueryTree]:
    """Return the parts, with the words among them only asked of texts in the languages of the names beside them."""
    if not languages:
        return parts
    elsewhere = [Not(LabelTerm(LabelName.LANGUAGE, language)) for language in sorted(languages)]
    other_language: QueryTree = elsewhere[0] if len(elsewhere) == 1 else AllOf(tuple(elsewhere))
    limited: list[QueryTree] = []
    for part in parts:
        if not isinstance(part, Word) or part.column is not TextColumn.TEXT:
            limited.append(part)
        elif _is_question_word(part.text, languages):
            continue
        elif not part.text.islower():
            limited.append(part)
        elif not any(fold(part.text) in _folded_grammatical_words(language) for language in languages):
            limited.append(AnyOf((part, other_language)))
    return limited


def _is_question_word(text: str, languages: Collection[str]) -> bool:
    """Return whether a word only asks the question, also as its first word: “How”. “WHO” is a name."""
    return not text.isupper() and any(fold(text) in question_words(language) for language in languages)


@cache
def _folded_grammatical_words(language: str) -> frozenset[str]:
    return frozenset(map(fold, grammatical_words(language)))


def find_concepts(text: str) -> tuple[Understood, ...]:
    """Return the concepts that the words of a query text name, for searches outside the index."""
    return expand_query(parse_query_text(text)).understood


def recognise_names(words: Sequence[str]) -> tuple[Recognition, ...]:
    """Return the concepts that words of a query name, without words that belong to an unrelated language."""
    return tuple(name for name in recognise(words) if not _is_word_of_another_language(name))


def _find_names(words: list[Word]) -> Iterable[tuple[int, int, list[Understood]]]:
    """Return (first word, number of words, concepts) of each name of a concept, in order; they do not overlap."""
    names: dict[tuple[int, int], list[Understood]] = {}
    for name in recognise_names([word.text for word in words]):
        concept = Understood(name.text, name.languages, name.key)
        names.setdefault((name.start, name.length), []).append(concept)
    return [(start, length, concepts) for (start, length), concepts in sorted(names.items())]


def _is_word_of_another_language(name: Recognition) -> bool:
    """Return whether a word that is no label belongs to a language that is not related to those of the name."""
    words = split_words(name.text)
    if len(words) != 1 or _is_label_or_its_form(words[0], name):
        return False
    related = {*name.languages, *(other for family in _FAMILIES for other in family if {*family} & {*name.languages})}
    return any(is_word(words[0], language) for language in KNOWN_LANGUAGES if language not in related)


def _is_label_or_its_form(word: str, name: Recognition) -> bool:
    """Return whether a label is written so, or has a base form in common with the word in a dictionary."""
    for language in name.languages:
        forms = {word, *list_base_forms(word, language)}
        for label in concepts()[name.key].names(language):
            words = split_words(label)
            if words == [word] or (len(words) == 1 and forms & {words[0], *list_base_forms(words[0], language)}):
                return True
    return False


def _expand_tree(tree: QueryTree, expand_words: Callable[[list[Word]], tuple[list[QueryTree], set[str]]]) -> QueryTree:
    match tree:
        case Word(column=TextColumn.TEXT):
            return expand_words([tree])[0][0]
        case AllOf(parts):
            expanded: list[QueryTree] = []
            languages: set[str] = set()  # of all names, also those on the other side of a country or a phrase
            words: list[Word] = []
            for part in (*parts, None):
                if isinstance(part, Word) and part.column is TextColumn.TEXT:
                    words.append(part)
                    continue
                of_words, of_names = expand_words(words)
                expanded += of_words if part is None else [*of_words, _expand_tree(part, expand_words)]
                languages |= of_names
                words = []
            expanded = _limit_to_languages(expanded, languages)
            return expanded[0] if len(expanded) == 1 else AllOf(tuple(expanded))
        case AnyOf(parts):
            return AnyOf(tuple(_expand_tree(part, expand_words) for part in parts))
        case _:
            return tree
