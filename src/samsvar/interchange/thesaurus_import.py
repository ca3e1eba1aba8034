"""Reading a thesaurus of others, or ours as someone edited it, and comparing it with ours. Nothing of ours is changed.

Concepts are matched by our permanent identifiers or keys, or by a term of another vocabulary that data/mappings.csv
names as an exact match. What is only similar is listed for a person to decide.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from samsvar.interchange.imported_thesaurus import ImportedConcept, UnreadableThesaurus, find_key, keys_by_identifier
from samsvar.interchange.tables import read_table
from samsvar.text import fold
from samsvar.thesaurus.analysis import reduce_label
from samsvar.thesaurus.concepts import (
    THESAURUS_LANGUAGES,
    Concept,
    concepts,
    retired_concepts,
)
from samsvar.thesaurus.loading import LABEL_COLUMNS, SEPARATOR, split_values

MAX_FILE_BYTES = 30_000_000  # ours has 3 MB as RDF/XML; EuroVoc's 7,000 concepts in 24 languages have more than this
MAX_CONCEPTS = 20_000


class DifferenceKind(StrEnum):
    """How an imported thesaurus differs from ours."""

    UNKNOWN_CONCEPT = "unknown concept"
    RETIRED_KEY = "retired key"
    REPEATED = "concept of ours that the file has twice"
    COLLISION = "label of another concept"
    PREFERRED_LABEL = "preferred label differs"
    NEW_LANGUAGE = "label in a language where we have none"
    NEW_LABEL = "further label"
    MISSING_LABEL = "label of ours that the file lacks"
    BROADER = "broader concepts differ"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `key` is our key, or the file's identifier of an unknown concept; `language` may be ""."""

    kind: DifferenceKind
    key: str
    detail: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing a file with ours: its concepts, and every difference in the order of the file."""

    concepts: tuple[ImportedConcept, ...]
    differences: tuple[Difference, ...]
    ignored_languages: Mapping[str, int] = field(default_factory=dict)  # labels in languages that we do not have


def read_thesaurus(content: bytes, file_name: str = "") -> Comparison:
    """Read SKOS as Turtle, RDF/XML or JSON-LD, our table as CSV or XLSX, or a label file, and compare it with ours.

    The language of a label file is its name ("fr.csv"). Nothing is fetched, whatever the file refers to. Raises
    UnreadableThesaurus or UnreadableTable.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableThesaurus(f"The file is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
    if _is_table(content):
        imported = list(_read_rows(read_table(content), PurePath(file_name).stem))
    else:
        from samsvar.interchange.skos import read_skos  # imports rdflib, which takes 0.3 s

        imported = read_skos(content)
    if not imported:
        raise UnreadableThesaurus("The file contains no concepts.")
    if len(imported) > MAX_CONCEPTS:
        raise UnreadableThesaurus(f"The file has more than {MAX_CONCEPTS:,} concepts.")
    ignored: dict[str, int] = defaultdict(int)
    for concept in imported:
        for language in concept.labels.keys() - set(THESAURUS_LANGUAGES):
            ignored[language] += 1
    return Comparison(tuple(imported), tuple(_compare(imported)), dict(sorted(ignored.items())))


def render_label_files(imported: Iterable[ImportedConcept]) -> dict[str, str]:
    """Return a label file in our format for each language of the imported concepts that we know, by its file name."""
    labels: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for concept in imported:
        if concept.key in concepts():
            for language, names in concept.labels.items():
                if language in THESAURUS_LANGUAGES and names:
                    labels[language].setdefault(concept.key, names)
    rendered = {}
    for language in sorted(labels):
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(LABEL_COLUMNS)
        for key in concepts():
            if key in labels[language]:
                preferred, *others = labels[language][key]
                writer.writerow([key, preferred, SEPARATOR.join(others)])
        rendered[f"{language}.csv"] = buffer.getvalue()
    return rendered


# --- Tables -----------------------------------------------------------------------------------------------------------


def _is_table(content: bytes) -> bool:
    """Return whether the content is a table and not RDF: a workbook, or a text whose first line is our heading."""
    if content.startswith(b"PK"):
        return True
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].lower()
    return first.startswith((b"key,", b"key;", b"key\t", b'"key"'))


def _read_rows(table: list[list[str]], language: str) -> Iterator[ImportedConcept]:
    heading, *lines = table
    names = [name.strip().lower() for name in heading]
    if repeated := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
        raise UnreadableThesaurus(
            f"The table has the column “{repeated[0]}” twice.", advice="Remove one of them and try again."
        )
    columns = {name: place for place, name in enumerate(names)}
    if tuple(columns) == LABEL_COLUMNS:
        if language not in THESAURUS_LANGUAGES:
            raise UnreadableThesaurus(
                "A file of labels must be named by its language.",
                advice=f"Name it {', '.join(THESAURUS_LANGUAGES[:3])} … with .csv, for example fr.csv.",
            )
        columns = {"key": 0, f"preferred_{language}": 1, f"other_{language}": 2}
    languages = [name.removeprefix("preferred_") for name in columns if name.startswith("preferred_")]
    if "key" not in columns or not languages:
        raise UnreadableThesaurus("The table lacks the columns “key” and “preferred_en” or another language.")
    for line in lines:
        cells = {name: line[place].strip() if place < len(line) else "" for name, place in columns.items()}
        if cells["key"]:
            labels = {
                code: (cells[f"preferred_{code}"], *split_values(cells.get(f"other_{code}", "")))
                for code in languages
                if cells[f"preferred_{code}"]
            }
            broader = split_values(cells.get("broader", ""))
            yield ImportedConcept(cells["key"], find_key(cells["key"]), labels, broader)


# --- Comparison -------------------------------------------------------------------------------------------------------


def _compare(imported: Iterable[ImportedConcept]) -> Iterator[Difference]:
    ours = _keys_by_label()
    keys = keys_by_identifier()
    seen: set[str] = set()
    for concept in imported:
        if concept.key in seen:
            yield Difference(
                DifferenceKind.REPEATED, concept.key, f"{concept.id}; only the first is written to label files"
            )
        seen.update(filter(None, [concept.key]))
        if not concept.key:
            similar = sorted(
                {key for language, name in _iter_names(concept) if (key := ours.get(_form(name, language)))}
            )
            hint = f"; its labels are those of {', '.join(similar)}" if similar else ""
            names = next(iter(concept.labels.values()), ("no label",))
            yield Difference(DifferenceKind.UNKNOWN_CONCEPT, concept.id, f"“{names[0]}”{hint}")
        elif concept.key not in concepts():
            replacement = retired_concepts()[concept.key].replaced_by
            yield Difference(
                DifferenceKind.RETIRED_KEY, concept.key, f"use {replacement}" if replacement else "nothing replaces it"
            )
        else:
            yield from _compare_labels(concept, concepts()[concept.key], ours)
            broader = {keys.get(name, name) for name in concept.broader}
            if concept.broader and broader != set(concepts()[concept.key].broader):
                our_broader = ", ".join(concepts()[concept.key].broader) or "none"
                yield Difference(
                    DifferenceKind.BROADER, concept.key, f"ours: {our_broader}; the file: {', '.join(sorted(broader))}"
                )


def _compare_labels(
    concept: ImportedConcept, our_concept: Concept, ours: Mapping[tuple[str, tuple[str, ...]], str]
) -> Iterator[Difference]:
    for language, names in concept.labels.items():
        if language not in THESAURUS_LANGUAGES:
            continue
        our_names = our_concept.names(language)
        for name in names:
            other = ours.get(_form(name, language))
            if other not in (None, concept.key):
                yield Difference(DifferenceKind.COLLISION, concept.key, f"“{name}” is a label of {other}", language)
        if not our_names:
            yield Difference(DifferenceKind.NEW_LANGUAGE, concept.key, f"“{names[0]}”", language)
            continue
        if names[0] != our_names[0]:
            detail = f"ours: “{our_names[0]}”; the file: “{names[0]}”"
            yield Difference(DifferenceKind.PREFERRED_LABEL, concept.key, detail, language)
        known, given = {fold(name) for name in our_names}, {fold(name) for name in names}
        for name in names[1:]:
            if fold(name) not in known:
                yield Difference(DifferenceKind.NEW_LABEL, concept.key, f"“{name}”", language)
        for name in our_names[1:]:
            if fold(name) not in given:
                yield Difference(DifferenceKind.MISSING_LABEL, concept.key, f"“{name}”", language)


def _iter_names(concept: ImportedConcept) -> Iterator[tuple[str, str]]:
    return ((language, name) for language, names in concept.labels.items() for name in names)


def _keys_by_label() -> dict[tuple[str, tuple[str, ...]], str]:
    keys: dict[tuple[str, tuple[str, ...]], str] = {}
    for key, concept in concepts().items():
        for language in THESAURUS_LANGUAGES:
            for name in concept.names(language):
                keys.setdefault(_form(name, language), key)
    return keys


def _form(name: str, language: str) -> tuple[str, tuple[str, ...]]:
    return language, reduce_label(name, language)
