"""Concepts named in a text or in a query, found by their labels in any inflected form that `analysis` knows.

Nothing here is saved: tags are computed from the text whenever they are needed. They are proposals of a machine, and
whatever shows them says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from samsvar.spans import Span
from samsvar.text import fold, fold_fully
from samsvar.thesaurus.analysis import WORD, normalize_word, reduce_word, split_words
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts

# Languages of texts (`samsvar.languages.detect_language`) that are read with the labels of another one.
_SAME_LABELS = {"no": ("nb",), "nn": ("nb",), "sh": ("hr", "sr"), "bs": ("hr", "sr"), "me": ("hr", "sr")}
# What may separate two words of a label: spaces, hyphens, apostrophes and quotation marks, no end of a sentence.
# Commas and brackets too, if the label has them.
_JOINT = re.compile("[\\s\\-\u2010-\u2015\u2018-\u201f'’\"«»/]{1,4}")
_JOINT_WITH_COMMA = re.compile("[^.;:!?]{1,4}")
# Articles and prepositions that are written together with the next word: “l’avortement”, “d'urgence”.
_ELISIONS = frozenset("c d j l m n qu s t un all dall dell nell sull quell".split())
MAX_REMEMBERED_WORDS = 200_000  # per language, about 20 MB; then all are forgotten


type _Entry = tuple[tuple[str, ...], str, re.Pattern[str]]  # reduced words of a label, key, what may join the words


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place in a text that names a concept."""

    span: Span
    key: str
    is_part: bool = False  # of a longer name of another concept: “judges” in “training of judges”


@dataclass(frozen=True, slots=True)
class Recognition:
    """Words of a query that name a concept: `length` words from `start` (counted from 0), as typed.

    `languages` are all those in which the concept has this name. Several recognitions may share their words, if these
    mean different things in different languages.
    """

    start: int
    length: int
    key: str
    text: str
    languages: tuple[str, ...]


def tag_text(text: str, language: str, *, with_parts: bool = False) -> tuple[Mention, ...]:
    """Return the concepts that a text names in its language, in the order of the text; they never overlap.

    At each place the longest label counts: “domestic violence shelters”, not “domestic violence”. An unknown language
    has no labels, so nothing is found. `with_parts` adds the other concepts whose names are parts of a longer one.
    """
    vocabulary = _vocabulary(_SAME_LABELS.get(language, (language,)))
    first = vocabulary.first
    reductions = vocabulary.reductions
    words = WORD.findall(text)
    tokens = [reductions[word] if word in reductions else vocabulary.reduce(word) for word in words]
    if first.keys().isdisjoint(tokens):
        return ()
    places = [match.span() for match in WORD.finditer(text)]

    def find_labels(at: int) -> Iterator[tuple[int, str]]:
        """Yield (end, key) of the labels that start at a word, the longest first."""
        for label, key, joint in first.get(tokens[at], ()):
            end = at + len(label)
            if tuple(tokens[at:end]) == label and all(
                joint.fullmatch(text, places[number][1], places[number + 1][0]) for number in range(at, end - 1)
            ):
                yield end, key

    mentions: list[Mention] = []
    at = covered = 0  # words; `covered` is the end of the last mention that is no part
    keys: set[str] = set()  # of that mention and of its parts so far
    while at < len(tokens):
        next_at = at + 1
        for end, key in find_labels(at):
            is_part = end <= covered
            if not is_part:
                covered = end
                keys.clear()
            if key not in keys:
                mentions.append(Mention(Span(places[at][0], places[end - 1][1]), key, is_part))
                keys.add(key)
            if not with_parts:
                next_at = end
                break
        at = next_at
    return tuple(mentions)


def recognise(
    words: Sequence[str], languages: Iterable[str] = THESAURUS_LANGUAGES, *, parts_only: bool = False
) -> tuple[Recognition, ...]:
    """Return the concepts that words of a query name in any of these languages, in the order of the words.

    Of overlapping names the longest counts, the first of equally long ones. Words that are exactly a label, apart from
    capitals and accents, do not also count as an inflected form in another language. With `parts_only`, a name of all
    the words together does not count: “training” and “judges” in “training of judges”.
    """
    parts = [split_words(word) for word in words]
    named_at: dict[tuple[int, int], list[tuple[str, str, bool]]] = {}
    for language in languages:
        for start, length, key, is_exact in _find_in_words(parts, _vocabulary((language,))):
            if parts_only and length == len(words):
                continue
            named_at.setdefault((start, length), []).append((key, language, is_exact))
    taken: set[int] = set()
    recognitions = []
    for start, length in sorted(named_at, key=lambda place: (-place[1], place[0])):
        if not taken.isdisjoint(range(start, start + length)):
            continue
        taken.update(range(start, start + length))
        matches = named_at[start, length]
        best = [match for match in matches if match[2]] or matches
        text = " ".join(words[start : start + length])
        for key in dict.fromkeys(key for key, _, _ in best):
            named_in = tuple(dict.fromkeys(language for other, language, _ in matches if other == key))
            recognitions.append(Recognition(start, length, key, text, named_in))
    return tuple(sorted(recognitions, key=lambda recognition: recognition.start))


def _find_in_words(parts: list[list[str]], vocabulary: _Vocabulary) -> Iterator[tuple[int, int, str, bool]]:
    """Yield (start, length, key, whether it is exactly a label) of each label in the words, which may have parts."""
    tokens: list[str] = []
    owners: list[int] = []  # of each token, the number of its word
    begins: set[int] = set()
    ends: set[int] = set()
    for number, word_parts in enumerate(parts):
        at = len(tokens)
        for place, part in enumerate(word_parts):
            if all(before in _ELISIONS for before in word_parts[:place]):
                begins.add(at + place)
            tokens.append(part)
            owners.append(number)
        ends.add(len(tokens))
        if len(word_parts) > 1 and word_parts[-1] == "s":
            ends.add(len(tokens) - 1)  # “shelter’s”
    reduced = [vocabulary.reduce(token) for token in tokens]
    for at in sorted(begins):
        for label, key, _ in vocabulary.first.get(reduced[at], ()) if at < len(reduced) else ():
            end = at + len(label)
            if end in ends and tuple(reduced[at:end]) == label:
                written = tuple(fold(token) for token in tokens[at:end])
                yield owners[at], owners[end - 1] - owners[at] + 1, key, written in vocabulary.written


class _Vocabulary:
    """The labels of one language, or of several that are hardly told apart, prepared for finding them in a text."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.languages = languages
        self.written: set[tuple[str, ...]] = set()  # labels as written, folded
        self.reductions: dict[str, str] = {}  # of words met so far; "" for one that no label has
        entries: dict[tuple[str, ...], _Entry] = {}
        plain_entries: dict[tuple[str, ...], _Entry] = {}
        for language in languages:
            # words recur in many labels
            reduced = cache(partial(reduce_word, language=language))
            for concept in concepts().values():
                for name in concept.names(language):
                    words = split_words(name)
                    folded = [fold(word) for word in words]
                    joint = _JOINT_WITH_COMMA if set(name) & set(",()") else _JOINT
                    self.written.add(tuple(folded))
                    # as written, and for a stemmer that does not know an ending which was typed without its accents
                    for forms in (words, folded):
                        label = tuple(map(reduced, forms))
                        # the first concept keeps a label that two have, which the linter reports
                        entries.setdefault(label, (label, concept.key, joint))
                    # typed on a keyboard without “ł” or “ø”; a label of another concept comes before it
                    label = tuple(reduced(fold_fully(word)) for word in words)
                    plain_entries.setdefault(label, (label, concept.key, joint))
        entries = plain_entries | entries
        entries.pop((), None)
        self.words = frozenset(word for label in entries for word in label)
        self._plain_words = {fold_fully(word): word for word in sorted(self.words)}  # the same in every process
        self.first: dict[str, list[_Entry]] = {}  # the longest first
        for label in sorted(entries, key=lambda label: (-len(label), label)):
            self.first.setdefault(label[0], []).append(entries[label])

    def reduce(self, word: str) -> str:
        """Return a word of a text reduced as in the labels; "" if no label has such a word."""
        known = self.reductions.get(word)
        if known is None:
            normal = normalize_word(word)
            if len(self.reductions) >= MAX_REMEMBERED_WORDS:
                self.reductions.clear()
            candidates = [reduce_word(normal, language) for language in self.languages]
            matches = [reduced for reduced in candidates if reduced in self.words]
            plain = [self._plain_words[reduced] for reduced in candidates if reduced in self._plain_words]
            known = self.reductions[word] = next(iter(matches + plain), "")
        return known


@cache
def _vocabulary(languages: tuple[str, ...]) -> _Vocabulary:
    return _Vocabulary(languages)
