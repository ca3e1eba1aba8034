"""Write the inflected forms of the words of the thesaurus' labels: `tools/word_forms.py write | rewrite | check`.

They come from simplemma's dictionaries and from our own lists of irregular forms, and are saved in
src/samsvar/thesaurus/data/forms, one file per language; `samsvar.thesaurus.analysis` says why. Run `write` whenever
labels have changed: it writes the files of languages with other words than before, each in 2 s. `rewrite` writes all,
after a change of this tool or of simplemma. `check` only compares the words that the files were made for.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from samsvar.languages import grammatical_words
from samsvar.search.base_forms import list_base_forms
from samsvar.text import fold
from samsvar.thesaurus.analysis import split_words, stem
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts

FOLDER = Path(__file__).parent.parent / "src/samsvar/thesaurus/data/forms"
DICTIONARIES = {language: language for language in THESAURUS_LANGUAGES if language != "mt"} | {"hr": "hbs", "sr": "hbs"}
MIN_WORD_LENGTH = 3  # characters
# Languages that write compounds as one word, which is inflected like its last part: krisesenter, krisesentre.
COMPOUNDING = ("nb", "sv", "da", "is", "de", "fi", "hu")
MIN_HEAD_LENGTH, MIN_TAIL_LENGTH = 3, 4  # characters
# The endings of adjectives by that of their base form: the dictionaries of Czech and Slovak lack some, and take
# others for nouns (“domáce” for the hostess). In the other Slavic languages these endings are those of nouns too.
ADJECTIVES = {
    "cs": {"ý": "á é ou ého ému ém ým ých ými", "í": "ího ímu ím ích ími"},
    "sk": {"ý": "á é ú ého ému om ej ou ých ým ými", "i": "a e u iu eho emu om ej ou ich im imi"},
}


def list_label_words(language: str) -> list[str]:
    """Return the words of the labels in a language that have inflected forms worth knowing, sorted."""
    grammatical = grammatical_words("sh" if language in ("hr", "sr") else language)
    names = (name for concept in concepts().values() for name in concept.names(language))
    words = {word for name in names for word in split_words(name)}
    return sorted(word for word in words - grammatical if len(word) >= MIN_WORD_LENGTH and word.isalpha())


def fingerprint(words: list[str]) -> str:
    """Return the heading of a file that was made for these words."""
    return f"base,forms,{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}"


def list_forms(language: str, words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the base form of each word with all forms whose stem is another one, sorted."""
    if language not in DICTIONARIES:
        return
    dictionary = DefaultDictionaryFactory().get_dictionary(DICTIONARIES[language])
    entries = {form.lower(): base.lower() for form, base in dictionary.items() if form.isalpha()}
    known = {*entries, *entries.values()}
    entries |= _list_adjective_forms(words, language, entries)
    bases: dict[str, str] = {}  # of each word
    heads: dict[
        str, list[tuple[str, str]]
    ] = {}  # (first part, base form) of compounds by the base form of the last part
    for word in words:
        own = list_base_forms(word, language)[:1]
        bases[word] = own[0] if own else entries.get(word, word)
        tail = _find_tail(word, known) if language in COMPOUNDING and word not in known else ""
        if tail:
            head, tail_base = word.removesuffix(tail), entries.get(tail, tail)
            bases[word] = head + tail_base
            heads.setdefault(tail_base, []).append((head, bases[word]))
    forms: dict[str, set[str]] = {base: set() for base in bases.values()}
    for form, base in entries.items():
        if base in forms:
            forms[base].add(form)
        for head, whole in heads.get(base, ()):
            forms[whole].add(head + form)
    for word, base in bases.items():
        forms[base].add(word)
    taken = set(forms)  # a base form is never a form of another word
    for base in sorted(forms):
        regular = fold(stem(base, language))
        irregular = sorted(form for form in forms[base] - taken if fold(stem(form, language)) != regular)
        taken.update(irregular)
        if irregular:
            yield base, irregular


def _list_adjective_forms(words: list[str], language: str, entries: Mapping[str, str]) -> dict[str, str]:
    """Return the forms of the adjectives among the words, each with its base form."""
    known_bases = set(entries.values())
    forms: dict[str, str] = {}
    for base_ending, endings in ADJECTIVES.get(language, {}).items():
        for word in words:
            for ending in (base_ending, *endings.split()):
                base = word.removesuffix(ending) + base_ending
                if word.endswith(ending) and len(word) - len(ending) >= MIN_TAIL_LENGTH and base in known_bases:
                    stem_of_base = base.removesuffix(base_ending)
                    forms |= {base: base, **{stem_of_base + other: base for other in endings.split()}}
    return forms


def _find_tail(word: str, known: set[str]) -> str:
    """Return the longest end of a compound that is a word of the dictionary; "" if there is none."""
    ends = (word[place:] for place in range(MIN_HEAD_LENGTH, len(word) - MIN_TAIL_LENGTH + 1))
    return next((end for end in ends if end in known), "")


def main(command: str) -> int:
    """Write or check the files of all languages."""
    outdated = []
    FOLDER.mkdir(exist_ok=True)
    for language in THESAURUS_LANGUAGES:
        words = list_label_words(language)
        path = FOLDER / f"{language}.csv"
        is_current = path.exists() and path.read_text(encoding="utf-8").splitlines()[0] == fingerprint(words)
        if not words or (is_current and command != "rewrite"):
            continue
        if command == "check":
            outdated.append(language)
        else:
            lines = [f"{base},{'|'.join(forms)}" for base, forms in list_forms(language, words)]
            path.write_text("\n".join([fingerprint(words), *lines]) + "\n", encoding="utf-8")
            print(f"{language}: {len(words)} words, {sum(line.count('|') + 1 for line in lines)} forms")
    if outdated:
        print(f"The labels in {', '.join(outdated)} have changed: run `python tools/word_forms.py write`.")
    return bool(outdated)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
