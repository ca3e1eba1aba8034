"""How a text is cut into words, and words into the forms by which they are found: as written, and stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

import tantivy

from samsvar.search.base_forms import list_base_forms, list_irregular_forms

STEMMERS = {"en": "english", "fr": "french", "nb": "norwegian", "ro": "romanian"}
MAX_REGULAR_WORDS = 100_000  # per language, about 10 MB; a hundred reports have 30,000 different words
_WORD = re.compile(r"[^\W_]+")  # the same words as those of the analysers, in lower case


@cache
def analysers() -> dict[str, tantivy.TextAnalyzer]:
    """Return the analysers, which split text at anything but letters and digits, lower-case it and remove accents."""
    make = tantivy.TextAnalyzerBuilder
    lower, plain = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
    words = make(tantivy.Tokenizer.simple()).build()
    written = make(tantivy.Tokenizer.simple()).filter(lower).filter(plain).build()
    stemmed = {
        # remove accents last: the stemmers expect the accented endings of their language
        language: make(tantivy.Tokenizer.simple())
        .filter(lower)
        .filter(tantivy.Filter.stemmer(name))
        .filter(plain)
        .build()
        for language, name in STEMMERS.items()
    }
    in_lower_case = make(tantivy.Tokenizer.simple()).filter(lower).build()
    return {"words": words, "written": written, "lower": in_lower_case, **stemmed}


def clean_text(text: str) -> str:
    """Return the text in NFC, without soft hyphens and with single spaces, as it is displayed and searched."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\xad", "").replace("\x00", " ")).split())


def prepare_for_analysis(text: str) -> str:
    """Return the text with İ replaced, because it becomes two characters in lower case and would shift the offsets."""
    return text.replace("İ", "I")


def tokenize(text: str, analyser: str = "written") -> list[str]:
    """Return the words of a text as one of the analysers has them."""
    words: list[str] = analysers()[analyser].analyze(prepare_for_analysis(text))
    return words


@lru_cache(maxsize=50_000)  # the different words of a hundred reports
def has_stem_as_written(word: str, language: str) -> bool:
    """Return whether a word has the same stem without its accents, as most words do; “déjà” has not."""
    return word.isascii() or tokenize(word, language) == tokenize(" ".join(tokenize(word)), language)


@lru_cache(maxsize=50_000)  # the different words of a hundred reports
def list_base_stems(word: str, language: str) -> dict[str, str]:
    """Return the base forms of a word in lower case, by their stems, which all differ from the word's own stem."""
    base_forms = list_base_forms(word, language)
    if not base_forms:
        return {}
    own = tokenize(word, language)
    stems = [(tokenize(base, language), base) for base in base_forms]
    return {stem[0]: base for stem, base in stems if len(stem) == 1 and stem != own}


@lru_cache(maxsize=512)  # titles and headings are repeated
def find_irregular_words(text: str, language: str) -> tuple[str, ...]:
    """Return the different words of a text that have a base form with another stem, in lower case."""
    regular = _regular_words(language)
    irregular = []
    for word in set(_WORD.findall(text.lower())) - regular:  # a set spares a lookup for each of 70 words
        if list_base_stems(word, language):
            irregular.append(word)
        else:
            regular.add(word)
    if len(regular) > MAX_REGULAR_WORDS:
        regular.clear()
    return tuple(sorted(irregular))


@cache
def _regular_words(language: str) -> set[str]:
    """Return the set, filled while texts are indexed, of words without a base form of another stem."""
    return set()


def list_base_forms_in_text(text: str, language: str) -> list[str]:
    """Return the base forms of the irregular words in a text, each as often as its words occur."""
    irregular = find_irregular_words(text, language)
    words = _WORD.findall(text.lower()) if irregular else []
    return [base for word in irregular for base in [*list_base_stems(word, language).values()] * words.count(word)]


def list_stem_sequences(text: str, language: str) -> list[list[str]]:
    """Return the sequences of stems that match a word of a query; several if it is irregular.

    A word of several parts ("gender-based") has only its stems.
    """
    sequences = [tokenize(text, language)]
    words = tokenize(text, "lower")
    if len(words) == 1:
        sequences += [[stem] for stem in list_base_stems(words[0], language)]
    return sequences


@lru_cache(maxsize=8_192)  # titles of meetings and projects, which each search reads
def list_word_stems(text: str, language: str) -> frozenset[str]:
    """Return the stems of a text's words and of the base forms of irregular ones, as the index has them.

    Empty for a language without a stemmer. For texts that are searched in the database instead of the index.
    """
    if language not in STEMMERS:
        return frozenset()
    text = clean_text(text)
    bases = list_base_forms_in_text(text, language)
    return frozenset(tokenize(" ".join([text, *bases]), language))


MIN_STEM_LENGTH = 4  # characters: a shorter beginning fits too many words


def build_word_pattern(word: str, languages: Iterable[str]) -> str:
    """Return a regular expression for a word of a query in any of its forms, for texts in a database; "" for none.

    It is the same in Python, for SQLite, and in PostgreSQL, and does not tell capitals from small letters.
    """
    whole, stems = set(), set()
    for language in languages:
        if language in STEMMERS and len(words := tokenize(word, "lower")) == 1:
            whole |= {words[0], *list_irregular_forms(words[0], language)}
            stems |= {stem for form in whole for stem in tokenize(form, language) if len(stem) >= MIN_STEM_LENGTH}
    parts = [*map(re.escape, sorted(whole)), *(re.escape(stem) + r"\w{0,3}" for stem in sorted(stems))]
    return rf"(^|\W)({'|'.join(parts)})(\W|$)" if parts else ""


@lru_cache(maxsize=512)  # the same for every hit of a page
def list_stems(text: str, language: str) -> tuple[str, ...]:
    """Return the single stems that match a word of a query."""
    return tuple(stems[0] for stems in list_stem_sequences(text, language) if len(stems) == 1)
