"""The base forms of irregular words: “children” → “child”, “yeux” → “œil”, “gikk” → “gå”, “oameni” → “om”.

A stemmer cuts off regular endings and cannot know these. They are looked up in simplemma's dictionaries, one per
language, and in a short list of our own with words of the field that the dictionaries lack or read otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from samsvar.text import read_data_file

LANGUAGES = ("en", "fr", "nb", "ro")


def list_base_forms(word: str, language: str) -> tuple[str, ...]:
    """Return the base forms of a word in lower case, without the word itself; () if there are none.

    A form that belongs to several words has several: “lives” → (“life”, “live”).
    """
    if language not in LANGUAGES:
        return ()
    forms = [*_own_base_forms(language).get(word, ())]
    if (base := _dictionary(language).get(word)) is not None:
        forms.append(base.lower())
    return tuple(form for form in dict.fromkeys(forms) if form != word)


def list_irregular_forms(word: str, language: str) -> tuple[str, ...]:
    """Return the other forms of a word in lower case that a stemmer does not know; () if none are known.

    They are its base forms, and the forms that our own list has of it or of these.
    """
    base_forms = list_base_forms(word, language)
    related = {word, *base_forms}
    own = [form for form, bases in _own_base_forms(language).items() if not related.isdisjoint(bases)]
    return tuple(form for form in dict.fromkeys((*base_forms, *own)) if form != word)


def is_word(word: str, language: str) -> bool:
    """Return whether a word in lower case, with its accents, is in the dictionary of a language of LANGUAGES."""
    return word in _dictionary(language)


@cache
def _dictionary(language: str) -> Mapping[str, str]:
    """Return simplemma's dictionary of a language, which takes 0.1 to 0.4 s to open and 3 to 8 MB (2026-11).

    Its usual dictionaries take 20 to 70 MB each, which every process of the site would hold.
    """
    from simplemma.strategies.dictionaries import StreamDictionaryFactory

    dictionary: Mapping[str, str] = StreamDictionaryFactory().get_dictionary(language)
    return dictionary


@cache
def _own_base_forms(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the base forms in our own list, whose lines are “base form: form form”."""
    forms: dict[str, tuple[str, ...]] = {}
    if language not in LANGUAGES:
        return forms
    for line in read_data_file("samsvar.search", f"irregular_forms_{language}.txt").splitlines():
        base, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            for word in words.split():
                forms[word] = (*forms.get(word, ()), base)
    return forms
