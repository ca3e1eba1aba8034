"""Patterns for the wording of conclusions, compiled from a body's profile and the grammar of a language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from samsvar.monitoring.profile import load_profile_table
from samsvar.monitoring.report import Strength
from samsvar.monitoring.sentences import split_words

MAX_INSERTION_LENGTH = 250  # characters between a body's name and its verb; the longest in tests is 171 (2026-11)
MAX_ADVERBS = 5  # between two words of a conclusion; up to three in tests ("therefore further strongly"; 2026-11)


@dataclass(frozen=True, slots=True)
class RequirementPatterns:
    """The patterns for what a body requires without being the subject: "States should …", "Adopt a law …"."""

    parts: re.Pattern[str]  # matches a heading of the parts in which the body itself speaks
    modal: re.Pattern[str]  # "should", or "are urged to"
    impersonal: re.Pattern[str]  # "It is recommended that"
    imperative: re.Pattern[str]
    strengths: Mapping[str, Strength | None]  # of modal verbs and of participles
    attribution: re.Pattern[str]  # matches before "should" where a law or another speaker requires
    own_opinion: re.Pattern[str]  # "The Special Rapporteur believes that"
    weak_modal: re.Pattern[str]  # "must", which requires something of an authority, or before `weak_ending`
    weak_ending: re.Pattern[str]
    exception: re.Pattern[str]  # matches a sentence that requires nothing: "It should be recalled that"
    own_opinions_only: bool = False  # a sentence counts only if the body says that it is its opinion


@dataclass(frozen=True, slots=True)
class WordingPatterns:
    """The patterns for a body's conclusions in one language, compiled from its profile and the grammar."""

    language: str
    strengths: Mapping[str, Strength | None]
    verb_words: tuple[str, ...]  # of which each verb phrase contains one, as printed
    passive_words: tuple[str, ...]  # the same for participles
    subject_and_verb: re.Pattern[str]
    opens: re.Pattern[str] | None  # matches an operative paragraph without a subject ("Recommends that …")
    joined_verb: re.Pattern[str]
    passive: re.Pattern[str] | None
    passives: Mapping[str, Strength | None]
    body_name: re.Pattern[str]
    pronoun: re.Pattern[str]
    addressee: re.Pattern[str]
    back_pronoun: re.Pattern[str]
    clitic: re.Pattern[str]  # matches at the end of the text before a verb: "et les " in "et les invite à"
    adverbs: re.Pattern[str]  # matches at the start of the text after a verb: adverbs and an insertion between commas
    subordinate: re.Pattern[str]
    preposition: re.Pattern[str]
    connector: re.Pattern[str]
    openers: frozenset[str]
    reported_speech: re.Pattern[str]
    speaker: re.Pattern[str]
    own_document: re.Pattern[str]
    own_author: re.Pattern[str]
    cleft_sentence: re.Pattern[str]
    never_asked: re.Pattern[str]
    operative: re.Pattern[str] | None
    relative: re.Pattern[str]
    not_a_request: re.Pattern[str]
    courtesy: re.Pattern[str]
    parts_without_findings: re.Pattern[str] | None
    deadline: re.Pattern[str]
    cites: re.Pattern[str]
    abbreviation: re.Pattern[str]
    passive_names_the_body: bool
    requirements: RequirementPatterns | None
    plural: WordingPatterns | None = (
        None  # the same for several speakers ("the Committees recommend"), or for "I" and "we"
    )

    def may_have_verb(self, sentence: str) -> bool:
        """Return whether a sentence may contain a verb of the body: a quick test before the patterns with verbs."""
        return any(word in sentence for word in self.verb_words)

    def find_strength(self, verb: str) -> Strength | None:
        """Return the strength of a verb as printed, ignoring adverbs between its words; None if the verb has no
        strength.
        """
        printed = split_words(verb)
        if (exact := " ".join(printed)) in self.strengths:
            return self.strengths[exact]
        for phrase, strength in self.strengths.items():
            words = split_words(phrase)
            if words[-1:] == printed[-1:]:
                remaining = iter(printed)
                if all(word in remaining for word in words):
                    return strength
        return None


@cache
def load_wording(body: str, language: str) -> WordingPatterns:
    """Return the patterns for a body in a language, "en" or "fr". Raises KeyError if there are none."""
    file = resources.files("samsvar.monitoring").joinpath(f"grammar/{language}.toml")
    grammar = tomllib.loads(file.read_text(encoding="utf-8"))
    return _compile_wording(language, load_profile_table(body)["wording"][language], grammar)


def list_wording_languages(body: str) -> tuple[str, ...]:
    """Return the languages for which a body's profile contains wording, in the profile's order."""
    return tuple(load_profile_table(body)["wording"])


# --- Compiling the patterns -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _PatternParts:
    """The building blocks that several patterns share."""

    body_name: str  # the body's names
    pronoun: str
    verb: str
    adverb: str
    adverbs: str
    clitic: str
    addressee_heads: str

    insertion = rf"(?:,\s*[^;:.]{{1,{MAX_INSERTION_LENGTH}}}?,)?"

    @property
    def verb_with_clitic(self) -> str:
        return rf"(?P<clitic>(?:(?:{self.clitic})\s*)?)(?P<verb>{self.verb})(?![\w’'-])"


def _compile_wording(language: str, body: Mapping[str, object], grammar: Mapping[str, Any]) -> WordingPatterns:
    """Return the patterns for a body as one speaker, with those for several speakers as its `plural`."""
    single = _compile_speaker(language, body, grammar)
    plural_voices = _get_string_list(body, "plural_voices")
    if not plural_voices:
        return single
    pairs = {
        plural: strength for verb, strength in single.strengths.items() for plural in _list_plural_verbs(verb, language)
    }
    plural_body = {
        **body,
        "voices": plural_voices,
        "pronouns": _get_string_list(body, "plural_pronouns") or ["\0"],
        "verbs": {verb: strength or "" for verb, strength in pairs.items()},
        "passives": {},
        "requirements": {},
        "elided": False,
    }
    plural = _compile_speaker(language, plural_body, grammar)
    strengths = dict(sorted({**single.strengths, **plural.strengths}.items(), key=lambda pair: -len(pair[0].split())))
    return replace(single, strengths=strengths, plural=replace(plural, strengths=strengths))


def _list_plural_verbs(phrase: str, language: str) -> list[str]:
    """Return the forms of a verb for several speakers, or for "I" in English; [] if there is no rule for it.

    "reiterates its request" → "reiterate their request", "reiterate our request", "reiterate my request".
    """
    words = phrase.split()
    if words[0] == "would":
        return [phrase]
    for place, word in enumerate(words):
        if language == "en" and word.endswith("s"):
            words[place] = "are" if word == "is" else re.sub(r"(?<=sh|ch|ss)es$|s$", "", word)
            break
        if language == "fr" and word.endswith("e") and word != "se":
            words[place] = f"{word}nt"
            break
    else:
        return []
    possessives = {"en": ("their", "our", "my"), "fr": ("leur", "leurs")}[language]
    own = next((place for place, word in enumerate(words) if word in {"its", "her", "his", "sa", "son", "ses"}), None)
    if own is None:
        return [" ".join(words)]
    return [" ".join([*words[:own], possessive, *words[own + 1 :]]) for possessive in possessives]


def _compile_speaker(language: str, body: Mapping[str, object], grammar: Mapping[str, Any]) -> WordingPatterns:
    verbs = _parse_strengths(body["verbs"])
    passives = _parse_participles(body.get("passives", {}), language)
    parts = _build_pattern_parts(body, grammar, verbs)
    operative, passive_heads = _get_string_list(body, "operative"), _get_string_list(body, "passive_heads")
    parts_without_findings = _get_string_list(body, "parts_without_findings")
    addressee = _addressee_pattern(parts.addressee_heads, language)
    return WordingPatterns(
        language=language,
        strengths=dict(sorted(verbs.items(), key=lambda pair: -len(pair[0].split()))),
        verb_words=_list_longest_words(verbs),
        passive_words=_list_longest_words(passives),
        subject_and_verb=re.compile(
            rf"(?<![\w’'/-])(?P<subject>{parts.body_name}|{parts.pronoun})(?:\s*¤+)?"
            rf"{parts.adverbs}{parts.insertion}{parts.adverbs},?\s+{parts.verb_with_clitic}"
        ),
        opens=_opening_verb_pattern(parts) if body.get("elided") else None,
        joined_verb=re.compile(
            r"(?=[,;\s])"  # fails fast at every letter, which makes the pattern four times as fast
            rf"(?P<comma>[,;]?)(?:\s+(?P<joint>{_alternation_pattern(grammar['joints'])})|(?<=[;,]))"
            rf"{parts.adverbs},?{parts.insertion}\s+{parts.verb_with_clitic}"
        ),
        passive=_passive_pattern(parts, language, passive_heads, passives) if passives else None,
        passives=passives,
        body_name=re.compile(rf"(?<![\w’'/-])(?:{parts.body_name})(?![\w’'/-])"),
        pronoun=re.compile(parts.pronoun),
        addressee=re.compile(rf"\s*(?:that\s+|que\s+|à\s+ce\s+que\s+|à\s+)?(?P<who>{addressee})(?![\w-])"),
        back_pronoun=re.compile(rf"(?:{_alternation_pattern(grammar['back_pronouns'])})(?!\w)"),
        clitic=re.compile(rf"(?:^|\s)(?:{parts.clitic})\s*$"),
        adverbs=re.compile(
            rf"^\s*(?:¤+\s*)?(?:,[^,;:.]{{1,{MAX_INSERTION_LENGTH}}},)?(?:\s*{parts.adverb},?){{0,{MAX_ADVERBS}}}\s*"
        ),
        subordinate=_compile_ignoring_case(
            rf"(?:^|[\s,;:(])(?:{_alternation_pattern(grammar['subordinators'])})\s*(?:the|le|la)?$"
        ),
        preposition=_compile_ignoring_case(rf"(?:^|[\s(])(?:{_alternation_pattern(grammar['prepositions'])})$"),
        connector=_compile_ignoring_case(rf"(?:^|[\s,;])(?:{_alternation_pattern(grammar['connectors'])})$"),
        openers=frozenset(grammar["openers"]),
        reported_speech=re.compile("|".join(grammar["reported"])),
        speaker=_compile_ignoring_case(rf"\b(?:{_alternation_pattern(grammar['speakers'])})\b"),
        own_document=_compile_ignoring_case(rf"\b(?:{_alternation_pattern(grammar['own_papers'])})\b"),
        own_author=_compile_ignoring_case(rf"\b(?:{_alternation_pattern(grammar['own_writers'])})\b"),
        cleft_sentence=_compile_ignoring_case(*grammar["clefts"]),
        never_asked=_compile_ignoring_case(*grammar["never_asked"]),
        operative=_operative_pattern(operative) if operative else None,
        relative=re.compile(rf"\b(?:{_alternation_pattern(grammar['relatives'])})(?!\w)"),
        not_a_request=_compile_ignoring_case(*grammar["events"], *_get_string_list(body, "procedural")),
        courtesy=_compile_ignoring_case(*grammar["courtesies"], *_get_string_list(body, "courtesies")),
        parts_without_findings=_compile_ignoring_case(*parts_without_findings) if parts_without_findings else None,
        deadline=_compile_ignoring_case(*grammar["deadlines"]),
        cites=_citation_pattern(grammar),
        abbreviation=_compile_ignoring_case(
            rf"(?:(?:^|[\s(¤])(?:{'|'.join(map(re.escape, grammar['abbreviations']))})"
            r"|^\W*(?-i:[A-Z])|(?-i:\b[A-Z]\.\s?[A-Z]))$"
        ),
        passive_names_the_body=bool(body.get("passive_names_the_body", False)),
        requirements=_compile_requirements(parts, language, body, grammar, passives)
        if body.get("requirements")
        else None,
    )


def _compile_requirements(
    parts: _PatternParts,
    language: str,
    body: Mapping[str, object],
    grammar: Mapping[str, Any],
    passives: Mapping[str, Strength | None],
) -> RequirementPatterns:
    modals = _parse_strengths(body["requirements"])
    impersonals = _parse_strengths(grammar["impersonal_participles"])
    adverbs = rf"(?:\s+{parts.adverb}){{0,{MAX_ADVERBS}}}?"
    by, to = _PASSIVE_WORDS[language][1:]
    participles = _longest_first_pattern(passives)
    is_are = _PASSIVE_WORDS[language][0]
    imperatives = _longest_first_pattern(grammar["imperatives"])
    opinions = _get_string_list(body, "own_opinions") or grammar["own_opinions"]
    return RequirementPatterns(
        parts=_compile_ignoring_case(*_get_string_list(body, "conclusions_parts")),
        modal=re.compile(
            rf"(?<![\w’'-])(?:(?P<modal>{_longest_first_pattern(modals)})(?![\w’'-])"
            rf"|{is_are}{adverbs}\s+(?P<participle>{participles})(?:\s+{by}(?:{parts.body_name}))?"
            rf"(?:,[^,.;:]{{1,80}},)?{adverbs},?\s+{to})"
        ),
        impersonal=re.compile(
            grammar["impersonal"]
            .replace(" ADVERBS", rf"\s+{parts.adverb}")
            .replace("ADVERBS", parts.adverb)
            .replace("PARTICIPLES", _longest_first_pattern(impersonals))
        ),
        # "Support for victims is scarce" is no imperative
        imperative=_compile_ignoring_case(
            rf"(?P<verb>{imperatives})(?![\w’'-])(?!\s+(?:of|is|are|was|were|has|have|by|au|aux|est|sont)\b)"
            rf"(?<!support)(?<!respect)(?=[\s,])|(?P<noun>support|respect)(?=\s+(?!for|of|is|are|was|among)\w)"
        ),
        strengths={**impersonals, **passives, **modals},
        attribution=_compile_ignoring_case(*grammar["attributions"]),
        own_opinion=_compile_ignoring_case(
            rf"(?:[^,;]{{1,80}},\s*)?(?:{parts.body_name}|{parts.pronoun}){parts.adverbs}"
            rf"\s+(?:{_longest_first_pattern(opinions)})(?!\w)"
        ),
        weak_modal=_compile_ignoring_case(_alternation_pattern(grammar["weak_modals"])),
        weak_ending=_compile_ignoring_case(grammar["weak_ending"]),
        exception=_compile_ignoring_case(*grammar["no_requirements"]),
        own_opinions_only=bool(body.get("own_opinions")),
    )


def _build_pattern_parts(
    body: Mapping[str, object], grammar: Mapping[str, list[str]], verbs: Iterable[str]
) -> _PatternParts:
    adverb = _adverb_pattern(grammar)
    return _PatternParts(
        body_name="|".join(map(_either_case_pattern, sorted(_get_string_list(body, "voices"), key=len, reverse=True))),
        pronoun="|".join(map(_either_case_pattern, _get_string_list(body, "pronouns") or grammar["pronouns"])),
        verb="|".join(
            rf"(?:\s+{adverb}){{0,{MAX_ADVERBS}}}?\s+".join(map(_literal_pattern, phrase.split()))
            for phrase in sorted(verbs, key=lambda phrase: (-len(phrase.split()), -len(phrase)))
        ),
        adverb=adverb,
        adverbs=rf"(?:,?\s+{adverb},?){{0,{MAX_ADVERBS}}}?",
        clitic=_alternation_pattern(grammar.get("clitics", ["\0"])),
        addressee_heads=_alternation_pattern(sorted(grammar["addressee_heads"], key=len, reverse=True)),
    )


def _opening_verb_pattern(parts: _PatternParts) -> re.Pattern[str]:
    """Return a pattern for an operative paragraph that begins with its verb, after any number or bullet."""
    return _compile_ignoring_case(
        rf"\s*(?:\W*\(?(?:\d{{1,4}}|[A-Za-z]|[IVXivx]+)[.)]\s+)*[–—•-]?\s*(?:{parts.adverb},?\s+){{0,{MAX_ADVERBS}}}?"
        rf"(?P<verb>{parts.verb})(?![\w’'-])"
    )


_PASSIVE_WORDS = {
    "en": (r"(?:is|are)", r"by\s+", r"to\b"),
    "fr": (r"(?:est|sont)", r"par\s+", r"(?:à|de|d’)"),
}


def _passive_pattern(
    parts: _PatternParts, language: str, heads: Iterable[str], participles: Iterable[str]
) -> re.Pattern[str]:
    """Return a pattern for a passive conclusion, such as "The State party is encouraged to"."""
    is_are, by, to = _PASSIVE_WORDS[language]
    addressee = _addressee_pattern(_alternation_pattern(heads) or parts.addressee_heads, language)
    return re.compile(
        rf"(?<![\w’'-])(?P<who>{addressee})(?:,[^,.;]{{1,80}},)?"
        rf"\s+{is_are}(?:\s+{parts.adverb}){{0,{MAX_ADVERBS}}}?"
        rf"\s+(?P<verb>{_alternation_pattern(sorted(participles, key=len, reverse=True))})"
        rf"(?P<agent>\s+{by}(?:{parts.body_name}))?{parts.adverbs},?\s+{to}"
    )


def _operative_pattern(openings: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for an operative paragraph whose opening, after any number, is no conclusion: "Notes that …"."""
    return _compile_ignoring_case(
        rf"(?:\W*\(?(?:\d{{1,4}}|[A-Za-z]|[IVXivx]+)[.)]\s+)*\W*(?:{_alternation_pattern(openings)})(?!\w)"
    )


def _citation_pattern(grammar: Mapping[str, list[str]]) -> re.Pattern[str]:
    """Return a pattern for citations of report paragraphs, but not of the paragraphs of a treaty article."""
    number = r"\d{1,4}(?:\.\d{1,3})*"
    next_number = rf"(?:\s*,\s*|\s*[–-]\s*|\s*,?\s+(?:{_alternation_pattern(grammar['range_words'])})\s+){number}"
    return _compile_ignoring_case(
        r"(?:(?P<reference>(?:GREVIO/Inf|IC-CP/Inf|IC-CP|CEDAW/C|A/HRC)[\w/()-]*[\w)])\s*,?\s*(?:at\s+)?)?"
        r"(?<!\w)(?<!article \d, )(?<!article \d\d, )(?<!article \d\d )(?<!article \d )"
        rf"(?:{_alternation_pattern(grammar['paragraph_words'])})\s*(?P<numbers>{number}(?:{next_number})*)"
        r"(?!\s*(?:,?\s*\([a-z]\))?,?\s+(?:of|de la|de l’|du|de)\s+(?:(?:the|la|l’|le)\s*)?"
        rf"(?:{_alternation_pattern(grammar['article_words'])})\b)"
    )


def _addressee_pattern(heads: str, language: str) -> str:
    """Return a pattern for a phrase that names an addressee, from its first word to its last."""
    word = r"[\w’'-]+"
    name = r"[A-ZÀ-Ý][\w’'-]*"
    if language == "fr":
        of = rf"(?:\s+(?:de la|de l’|du|des|de|d’|d')\s*{name}(?:\s+(?:et|de la|de|du|des|d’)\s*{name}|\s+{name})*)?"
        determiner = "(?:[Ll]es|[Ll]e|[Ll]a|[Ll]’|[Ll]'|[Tt]outes les|[Tt]ous les|[Aa]u|[Aa]ux)"
        # an adjective after its noun ("autorités sudmaraises", "gouvernement fédéral"), but not a preposition
        adjective = (
            r"(?!(?:à|de|et|ou|ainsi|dans|aux|au|en|pour|que|qui|sur|afin)\b|d’)"
            r"[a-zà-ÿ-]+(?:es|ais|ois|aux|als?|ents?|ifs?|ivement|aines?|éral)\b"
        )
        return rf"{determiner}\s*(?:{word}\s+){{0,2}}?(?i:{heads})(?:\s+{adjective}){{0,2}}{of}"
    of = rf"(?:\s+of\s+(?:the\s+)?{name}(?:\s+(?:and\s+|of\s+(?:the\s+)?)?{name})*)?"
    determiner = rf"(?:[Tt]he|[Aa]ll|[Bb]oth|[Ii]ts|[Rr]elevant|[Cc]ompetent|[Nn]ational|[Ss]tate|{name})"
    adjective = rf"(?!(?:to|that|and|of|for|by|in|on|with)\b){word},?\s+(?:and\s+)?"
    alone = rf"(?:States [Pp]arties|Member States|States|Governments)(?![\w’'-]){of}"  # without a determiner
    return rf"(?:{alone}|{determiner}\s+(?:{adjective}){{0,4}}?(?i:{heads})(?:\s+(?i:{heads}))?(?![\w’'-]){of})"


def _adverb_pattern(grammar: Mapping[str, list[str]]) -> str:
    never = _alternation_pattern(grammar["never_adverbs"])
    endings = "|".join(grammar["adverb_endings"])
    listed = _alternation_pattern(sorted(grammar["adverbs"], key=len, reverse=True))
    return rf"(?:{listed}|(?!(?:{never})\b)[a-zà-ÿ]+(?:{endings}))(?![\w’'-])"


def _list_longest_words(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return words of which each phrase contains one: the longest of each, without apostrophes, which vary in print."""
    longest = {max(re.split("[ ’']", phrase), key=len) for phrase in phrases}
    return tuple(sorted(word for word in longest if not any(other != word and other in word for other in longest)))


def _parse_strengths(table: object) -> dict[str, Strength | None]:
    if not isinstance(table, dict):
        raise TypeError("a profile's verbs must be a table of verbs and strengths")
    return {str(verb).lower(): Strength(strength) if strength else None for verb, strength in table.items()}


def _parse_participles(table: object, language: str) -> dict[str, Strength | None]:
    """Return the strengths of participles; in French, of all four forms of each ("exhorté" → "exhortées" …)."""
    participles = _parse_strengths(table)
    if language != "fr":
        return participles
    return {
        re.sub("é(?:e?s?)$", ending, phrase): strength
        for phrase, strength in participles.items()
        for ending in ("é", "ée", "és", "ées")
    }


def _get_string_list(body: Mapping[str, object], key: str) -> list[str]:
    value = body.get(key, [])
    return [str(part) for part in value] if isinstance(value, list) else []


def _literal_pattern(words: str) -> str:
    """Return a pattern for words as printed, with any white space between them and either apostrophe."""
    return re.sub("[’']", "[’']", re.escape(words).replace(r"\ ", r"\s+"))


def _longest_first_pattern(phrases: Iterable[str]) -> str:
    return _alternation_pattern(sorted(phrases, key=len, reverse=True))


def _either_case_pattern(words: str) -> str:
    if words == "I":  # "i" counts a point
        return words
    return rf"[{words[0].upper()}{words[0].lower()}]{_literal_pattern(words[1:])}"


def _alternation_pattern(phrases: Iterable[str]) -> str:
    return "|".join(map(_literal_pattern, phrases))


def _compile_ignoring_case(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)
