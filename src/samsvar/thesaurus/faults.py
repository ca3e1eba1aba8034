"""The checks that the thesaurus' data must pass: `samsvar thesaurus check`, and a test.

Each fault is named with its file and key, and all of them are listed, so that one person can correct one file.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import fold
from samsvar.thesaurus.analysis import reduce_label, split_words
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, ConceptKind, MatchKind
from samsvar.thesaurus.loading import (
    ConceptRow,
    InvalidConcept,
    LabelRow,
    parse_concept_rows,
    parse_label_rows,
    parse_mapping_rows,
    parse_retired_rows,
    parse_table,
)

SCHEMES = ("EIGE", "EuroVoc")  # other vocabularies that our concepts are mapped to
MAX_KEY_LENGTH = 50  # characters; keys are parts of addresses


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in the data. `key` is that of the concept, or "" for a whole file."""

    file: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, “{self.key}”: {self.problem}" if self.key else f"{self.file}: {self.problem}"


def find_faults(articles: Collection[str], folder: Traversable | None = None) -> list[Fault]:
    """Return every fault of the data in a folder, ours by default, sorted by file and key; [] if there is none.

    `articles` are the numbers of the Convention's articles.
    """
    data = _Data(folder or files("samsvar.thesaurus").joinpath("data"))
    faults = [*_check_concepts(data, articles), *_check_retired(data), *_check_mappings(data)]
    for language in THESAURUS_LANGUAGES:
        faults += _check_labels(data, language)
    return sorted({*data.faults, *faults})


class _Data:
    """The tables of a folder, read as far as they can be, with the faults that prevented reading a table."""

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.concepts: dict[str, ConceptRow] = {}
        self.most_used: list[str] = []
        try:
            self.concepts = {
                concept_row.key: concept_row for concept_row in parse_concept_rows(self.read("concepts.csv"))
            }
            self.most_used = [key for (key,) in parse_table(self.read("most_used.csv"), "most_used.csv", ("key",))]
        except InvalidConcept as error:
            self.report(error)

    def read(self, name: str) -> str:
        """Return the text of a file. Raises InvalidConcept if there is none."""
        path = self.folder.joinpath(*name.split("/"))
        if not path.is_file():
            raise InvalidConcept(name, "", "there is no such file")
        return path.read_text(encoding="utf-8")

    def report(self, error: InvalidConcept) -> None:
        self.faults.append(Fault(error.file, error.key, error.problem))


def _check_concepts(data: _Data, articles: Collection[str]) -> Iterator[Fault]:
    for key, concept in data.concepts.items():
        problems = []
        if key != make_slug(key) or len(key) > MAX_KEY_LENGTH:
            problems.append(f"a key has lower-case letters, digits and hyphens, at most {MAX_KEY_LENGTH}")
        if concept.kind not in ConceptKind:
            problems.append(f"“{concept.kind}” is not a kind of concept")
        for relation, keys in (("broader", concept.broader), ("related", concept.related)):
            problems += [f"{relation}: there is no concept “{other}”" for other in keys if other not in data.concepts]
            problems += [f"{relation}: “{other}” occurs twice" for other in set(keys) if keys.count(other) > 1]
        above = _all_broader(key, data.concepts)
        if key in above:
            problems.append(f"it is broader than itself: {' → '.join(_find_cycle(key, data.concepts))}")
        for other in concept.related:
            if other == key:
                problems.append("it is related to itself")
            elif other in above or (other in data.concepts and key in _all_broader(other, data.concepts)):
                problems.append(f"“{other}” is broader or narrower, so it cannot also be related")
        problems += [
            f"the Convention has no article “{number}”" for number in concept.articles if number not in articles
        ]
        yield from (Fault("concepts.csv", key, problem) for problem in problems)
    for key in data.most_used:
        if key not in data.concepts:
            yield Fault("most_used.csv", key, "there is no such concept")


def _all_broader(key: str, concepts: Mapping[str, ConceptRow]) -> set[str]:
    """Return the keys of all concepts above one, direct and indirect; itself only if there is a cycle."""
    above: set[str] = set()
    waiting = [key]
    while waiting:
        known = concepts.get(waiting.pop())
        new = set(known.broader) - above if known else set()
        above |= new
        waiting += new
    return above


def _find_cycle(key: str, concepts: Mapping[str, ConceptRow]) -> list[str]:
    """Return the shortest way from a concept over broader ones back to itself."""
    paths = [[key]]
    for path in paths:  # grows while it is read
        known = concepts.get(path[-1])
        for other in known.broader if known else ():
            if other == key:
                return [*path, key]
            if other not in path:
                paths.append([*path, other])
    return [key]


def _check_labels(data: _Data, language: str) -> Iterator[Fault]:
    file = f"labels/{language}.csv"
    try:
        rows = parse_label_rows(data.read(file), file)
    except InvalidConcept as error:
        data.report(error)
        return
    keys = {labelled.key for labelled in rows}
    wanted = data.concepts if language in INTERFACE_LANGUAGES else data.most_used
    yield from (Fault(file, key, "there is no such concept") for key in sorted(keys - data.concepts.keys()))
    yield from (Fault(file, key, "it has no label") for key in wanted if key not in keys)
    for labelled in rows:
        yield from (Fault(file, labelled.key, problem) for problem in _list_label_problems(labelled, language))
    yield from _check_collisions(rows, language, file)


def _list_label_problems(labelled: LabelRow, language: str) -> Iterator[str]:
    names = (labelled.preferred, *labelled.other)
    written = [fold(name) for name in names]
    for name in dict.fromkeys(names):
        if not split_words(name):
            yield f"“{name}” has no word"
        if name != " ".join(unicodedata.normalize("NFC", name).split()):
            yield f"“{name}” has surplus spaces or decomposed accents"
        if "'" in name:
            yield f"“{name}” has a straight apostrophe"
        scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
        if scripts - {"CYRILLIC" if language == "bg" else "LATIN"} and not (language == "bg" and name.isupper()):
            yield f"“{name}” has letters of another script"
        if written.count(fold(name)) > 1:
            yield f"“{name}” occurs twice"


def _check_collisions(rows: list[LabelRow], language: str, file: str) -> Iterator[Fault]:
    """Yield a fault for each label that a text cannot tell from one of another concept."""
    concepts_by_form: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)  # → key → the label
    for labelled in rows:
        for name in (labelled.preferred, *labelled.other):
            concepts_by_form[reduce_label(name, language)].setdefault(labelled.key, name)
    for labels in concepts_by_form.values():
        (first, name), *others = labels.items()
        for key, other_name in others:
            yield Fault(file, key, f"“{other_name}” cannot be told from “{name}”, a label of “{first}”")


def _check_retired(data: _Data) -> Iterator[Fault]:
    file = "retired.csv"
    try:
        rows = parse_retired_rows(data.read(file))
    except InvalidConcept as error:
        data.report(error)
        return
    for retired in rows:
        if retired.key in data.concepts:
            yield Fault(file, retired.key, "a retired key is never used again, and concepts.csv has it")
        if retired.replaced_by and retired.replaced_by not in data.concepts:
            yield Fault(file, retired.key, f"there is no concept “{retired.replaced_by}” to replace it")
        if not _is_day(retired.since):
            yield Fault(file, retired.key, f"“{retired.since}” is not a day such as 2026-11-27")
        if not retired.reason:
            yield Fault(file, retired.key, "it has no reason")


def _check_mappings(data: _Data) -> Iterator[Fault]:
    file = "mappings.csv"
    try:
        rows = parse_mapping_rows(data.read(file))
    except InvalidConcept as error:
        data.report(error)
        return
    exact: dict[str, str] = {}
    pairs: set[tuple[str, str]] = set()
    for mapping in rows:
        problems = []
        if mapping.key not in data.concepts:
            problems.append("there is no such concept")
        if mapping.scheme not in SCHEMES:
            problems.append(f"“{mapping.scheme}” is not one of {', '.join(SCHEMES)}")
        if not mapping.uri.startswith(("https://", "http://")) or any(
            sign.isspace() or sign in '<>"' for sign in mapping.uri
        ):
            problems.append(f"“{mapping.uri}” is not a web address")
        if mapping.match not in MatchKind:
            problems.append(f"“{mapping.match}” is not one of {', '.join(MatchKind)}")
        if not mapping.source:
            problems.append("it does not say where the term was seen")
        if not _is_day(mapping.seen):
            problems.append(f"“{mapping.seen}” is not a day such as 2026-11-27")
        if (mapping.key, mapping.uri) in pairs:
            problems.append(f"it is mapped to {mapping.uri} twice")
        if mapping.match == MatchKind.EXACT and exact.setdefault(mapping.uri, mapping.key) != mapping.key:
            problems.append(f"{mapping.uri} is already exactly “{exact[mapping.uri]}”")
        pairs.add((mapping.key, mapping.uri))
        yield from (Fault(file, mapping.key, problem) for problem in problems)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
