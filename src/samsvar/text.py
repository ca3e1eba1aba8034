"""Functions to read data files, to compare and clean text, and to choose the version in the reader's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files

# Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets), and surrogates, which UTF-8 does not.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_data_file(package: str, name: str) -> str:
    """Return the text of a data file of a package: ("samsvar.funding", "areas.toml")."""
    return files(package).joinpath("data", name).read_text(encoding="utf-8")


def fold(text: str) -> str:
    """Return the text without accents and case, to compare or sort it: "État" → "etat".

    Characters without a separable accent are kept: "Øst" → "øst".
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


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
