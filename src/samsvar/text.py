"""Functions to read data files, to compare and clean text, and to choose the version in the reader's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets), and surrogates, which UTF-8 does not.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


# Characters that Unicode does not decompose, as they are typed without the right keyboard. `tantivy.Filter.ascii_fold`
# has the same for the texts of the search index.
_PLAIN_SPELLINGS = str.maketrans(
    {"æ": "ae", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t"}
)


class _WithoutAccents(dict[int, int | None]):
    """A table for `str.translate`, filled as characters occur, that removes combining ones."""

    def __missing__(self, character: int) -> int | None:
        self[character] = replacement = None if unicodedata.combining(chr(character)) else character
        return replacement


_WITHOUT_ACCENTS = _WithoutAccents()


def read_data_file(package: str, name: str) -> str:
    """Return the text of a data file of a package: ("samsvar.funding", "areas.toml")."""
    return files(package).joinpath("data", name).read_text(encoding="utf-8")


def fold(text: str) -> str:
    """Return the text without accents and case, to compare or sort it: "État" → "etat".

    Characters without a separable accent are kept: "Øst" → "øst".
    """
    if text.isascii():  # most words; the rest takes ten times as long
        return text.lower()
    return unicodedata.normalize("NFKD", text).translate(_WITHOUT_ACCENTS).casefold()


def fold_fully(text: str) -> str:
    """Return the text folded and spelt as on a keyboard without "Ł" or "Ø": "Łódź" → "lodz", "Sørensen" → "sorensen".

    To look up what someone typed. Texts are sorted by `fold`, because "Ø" has its own place in an alphabet.
    """
    return fold(text).translate(_PLAIN_SPELLINGS)


def fold_to_plain(text: str) -> str:
    """Return only the alphanumeric characters of a text, by `fold_fully`: "Nord-Østen " → "nordosten"."""
    return "".join(filter(str.isalnum, fold_fully(text)))


def build_spelling_pattern(text: str) -> str:
    """Return a regular expression for all spellings of a text that `fold_fully` does not tell apart.

    "sorensen" also matches "Sørensen" and "SØRENSEN". It means the same in Python and in PostgreSQL.
    """
    return "".join(map(_build_character_pattern, re.findall("ae|oe|ss|th|.", fold_fully(text), re.DOTALL)))


def _build_character_pattern(letters: str) -> str:
    """Return a regular expression for one plain character, or for two that spell one."""
    spellings = _spellings().get(letters, "")
    if len(letters) == 1:
        return f"[{letters}{letters.upper()}{spellings}]" if spellings else re.escape(letters)
    return f"(?:[{spellings}]|{''.join(map(_build_character_pattern, letters))})"


@cache
def _spellings() -> dict[str, str]:
    """Return the characters with accents and the like, small and capital, by what `fold_fully` makes of them."""
    spellings: dict[str, str] = {}
    for letter in map(chr, (*range(0xC0, 0x530), *range(0x1E00, 0x2000))):  # Latin, Greek and Cyrillic
        plain = fold_fully(letter)
        if letter.isalpha() and plain != letter:
            spellings[plain] = spellings.get(plain, "") + letter
    return spellings


def fold_letters(text: str) -> str:
    """Return only the alphanumeric characters of a text, folded, so that "E-mail " equals "email"."""
    return "".join(filter(str.isalnum, fold(text)))


def remove_invalid_xml_characters(text: str) -> str:
    """Return the text without the characters that XML does not allow, which Word, Excel and feed readers reject."""
    return _NOT_XML.sub("", text)


def choose_language(texts: Mapping[str, str], language: str, original: str = "") -> str:
    """Return the code of the language that `choose_text` uses, or "" if there is no text at all."""
    # sorted, because PostgreSQL does not preserve the order of keys
    return next((code for code in (language, original, "en", *sorted(texts)) if texts.get(code)), "")


def choose_text(texts: Mapping[str, str], language: str, original: str = "") -> str:
    """Return the text in the reader's language, else the original, else English, else the first by language code.

    `original` is the language in which the text was written. Return "" if there is no text at all.
    """
    return texts.get(choose_language(texts, language, original), "")
