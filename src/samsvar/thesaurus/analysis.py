"""How the words of a language are compared: in lower case, without accents, and reduced from their inflected forms.

A word is reduced in three steps. It is looked up among the inflected forms of the words of our labels
(data/forms/<language>.csv, which tools/word_forms.py makes from simplemma's dictionaries): “women” → “woman”,
“schroniskach” → “schronisko”. It is then stemmed by Snowball in the twelve languages for which tantivy has a stemmer,
and loses its accents, which many people do not type.

The forms were looked up once, because opening simplemma's dictionaries of the languages without a stemmer takes 3.4 s
and 80 MB in each process (Polish alone 1.8 s and 53 MB; 2026-11), and a query may be in any of them. Each language is
prepared when it is first needed, in 3 to 50 ms; all 22, for the first query, take 0.4 s and 30 MB. Maltese has
neither stemmer nor dictionary: its words are found as the labels have them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from samsvar.text import fold, fold_fully

# The languages with a Snowball stemmer, by its name.
STEMMERS = {
    "en": "english", "fr": "french", "nb": "norwegian", "ro": "romanian", "sv": "swedish", "da": "danish",
    "fi": "finnish", "de": "german", "es": "spanish", "it": "italian", "pt": "portuguese", "hu": "hungarian",
}  # fmt: skip

# Serbian is written in both scripts; our labels are in Latin.
_SERBIAN_LATIN = str.maketrans(
    dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
    | {"љ": "lj", "њ": "nj", "џ": "dž"}
)

# Alphanumeric characters; combining accents and soft hyphens may be within a word.
WORD = re.compile("[^\\W_]+(?:[\u0300-\u036f\xad]+[^\\W_]*)*")
_SOFT_HYPHEN = "\xad"


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, composed (NFC), with their accents."""
    return [normalize_word(word) for word in WORD.findall(text)]


def normalize_word(word: str) -> str:
    """Return a word in lower case, composed (NFC) and without soft hyphens."""
    if not word.isascii():
        word = unicodedata.normalize("NFC", word.replace(_SOFT_HYPHEN, ""))
    return word.lower()


def reduce_word(word: str, language: str) -> str:
    """Return what all forms of a word share, without accents, to compare it with others of the same language.

    `word` is one of `split_words`. In a language without a stemmer, a word that is no form of a label's is only folded.
    """
    if language == "sr" and not word.isascii():
        word = word.translate(_SERBIAN_LATIN)
    forms = _forms(language)
    base = forms.get(word) or forms.get(fold(word), word)
    return fold(stem(base, language))


def reduce_label(label: str, language: str) -> tuple[str, ...]:
    """Return the reduced words of a label; two labels with the same ones cannot be told apart in a text."""
    return tuple(reduce_word(word, language) for word in split_words(label))


def stem(word: str, language: str) -> str:
    """Return the Snowball stem of a word in lower case; the word itself in a language without a stemmer."""
    analyser = _stemmer(language)
    return str(analyser.analyze(word)[0]) if analyser else word


@cache
def _stemmer(language: str) -> Any:
    """Return the analyser that stems a word in a language; None if there is no stemmer."""
    if language not in STEMMERS:
        return None
    import tantivy

    stemmer = tantivy.Filter.stemmer(STEMMERS[language])
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(stemmer).build()


@cache
def _forms(language: str) -> Mapping[str, str]:
    """Return the base form of each inflected form of a word of our labels, by the form without accents.

    Forms that could then belong to several words are there with their accents. A form with “ł” or “ø” is there
    a second time by `fold_fully`, unless another word has that form.
    """
    lines = [(form, fold(form), base) for form, base in _read_forms(language)]
    bases: dict[str, set[str]] = {}
    for _, folded, base in lines:
        bases.setdefault(folded, set()).add(base)
    forms = {form if len(bases[folded]) > 1 else folded: base for form, folded, base in lines}
    plain = {fold_fully(form): base for form, base in forms.items() if not form.isascii()}
    return plain | forms


def _read_forms(language: str) -> Iterator[tuple[str, str]]:
    """Yield (form, base form) of data/forms/<language>.csv, whose lines are `base,form|form`."""
    path = files("samsvar.thesaurus").joinpath("data", "forms", f"{language}.csv")
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            base, _, forms = line.partition(",")
            for form in forms.split("|"):
                yield form, base
