"""The interface languages, the languages of reports, and detection of a report's language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

INTERFACE_LANGUAGES = ("en", "fr", "nb", "ro")  # every string has been translated into each of them from the first day

SAMPLE_LENGTH = 20_000  # characters; more does not change the answer
SCRIPT_SAMPLE_LENGTH = 2_000  # characters, from all parts of the text
MIN_SCRIPT_SHARE = 0.5  # of the alphabetic characters: names in another script are common
MIN_SCORE = 0.06  # weighted share of words that are in a language's list; lists of names reach 0.04 (2026-11)
MIN_LEAD = 1.15  # over the next language; Danish and Bokmål differ by 1.3 in a sentence, by more in a report

# Scripts that only one language of ours uses. Kana tells Japanese from Chinese.
_LANGUAGES_OF_SCRIPTS = {
    "GREEK": "el", "ARMENIAN": "hy", "GEORGIAN": "ka", "HEBREW": "he", "ARABIC": "ar", "HANGUL": "ko", "THAI": "th",
    "DEVANAGARI": "hi", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh",
}  # fmt: skip


def detect_language(text: str) -> str | None:
    """Return the code of the language of a text, by its script and its grammatical words; None if it is not clear.

    About 40 languages are known: those of Europe, and the others in which the United Nations publish. "sh" is the
    common language of Bosnia and Herzegovina, Croatia, Montenegro and Serbia, which these words do not distinguish.
    """
    sample = text[:SAMPLE_LENGTH]
    script = _find_main_script(sample)
    if script in _LANGUAGES_OF_SCRIPTS:
        return _LANGUAGES_OF_SCRIPTS[script]
    languages_of_words = _load_languages_of_words().get(script.lower()) if script else None
    if languages_of_words is None:
        return None
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", sample.lower()))
    scores: dict[str, float] = defaultdict(float)
    for word, count in Counter(words).items():
        languages = languages_of_words.get(word, ())
        for language in languages:
            scores[language] += count / len(languages) ** 0.5
    ranked = sorted(scores, key=lambda language: -scores[language])
    if not ranked:
        return None
    best, best_score = ranked[0], scores[ranked[0]]
    second_score = scores[ranked[1]] if len(ranked) > 1 else 0.0
    distinct = sum(best in languages_of_words.get(word, ()) for word in set(words))
    if distinct < 3 or best_score < MIN_SCORE * len(words) or best_score < MIN_LEAD * second_score:
        return None
    return best


def display_language(code: str, locale: str = "en") -> str:
    """Return the name of a language in another language: ("es", "fr") → "espagnol"; the code if it has no name."""
    from babel import Locale

    return str(Locale.parse(locale).languages.get(code, code))


@cache
def grammatical_words(language: str) -> frozenset[str]:
    """Return short grammatical words of a language, such as "the" and "of"; none for a language that we do not know."""
    scripts = _load_languages_of_words().values()
    return frozenset(word for words in scripts for word, languages in words.items() if language in languages)


def _find_main_script(text: str) -> str:
    """Return the script of most alphabetic characters, as in Unicode names ("LATIN"); "" if there is none."""
    text = text[:: len(text) // SCRIPT_SAMPLE_LENGTH + 1]
    scripts: Counter[str] = Counter()
    letters = Counter({sign: count for sign, count in Counter(text).items() if sign.isalpha()})
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "").split(" ")[0].split("-")[0]] += count
    if not scripts:
        return ""
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0.1 * letters.total():
        return "HIRAGANA"
    script, count = scripts.most_common(1)[0]
    return script if count >= MIN_SCRIPT_SHARE * letters.total() else ""


@cache
def _load_languages_of_words() -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Return, for each script, the languages of each word."""
    table = tomllib.loads(files("samsvar").joinpath("language_words.toml").read_text(encoding="utf-8"))
    scripts: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for script, lists in table.items():
        languages: dict[str, tuple[str, ...]] = {}
        for language, words in lists.items():
            for word in dict.fromkeys(words.split()):
                languages[word] = (*languages.get(word, ()), language)
        scripts[script] = languages
    return scripts
