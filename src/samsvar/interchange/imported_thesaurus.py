"""Concepts of a thesaurus that others publish, as each of its formats is read, and our key for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samsvar.errors import InterchangeError
from samsvar.thesaurus.concepts import MatchKind, concepts, mappings, retired_concepts


class UnreadableThesaurus(InterchangeError):
    """Raised when a file is not a thesaurus that can be read, or asks for what we do not do."""

    effect = "Nothing was changed."
    advice = "Save it as SKOS (Turtle, RDF/XML or JSON-LD) or as CSV and try again."


@dataclass(frozen=True, slots=True)
class ImportedConcept:
    """A concept of a file: its identifier there, our key for it ("" if we have none), and its labels by language."""

    id: str
    key: str
    labels: Mapping[str, tuple[str, ...]]  # the preferred label first
    broader: tuple[str, ...] = ()  # identifiers in the file, or our keys


def find_key(identifier: str, notations: Iterable[str] = ()) -> str:
    """Return our key for an identifier of ours, a key, or a term that is mapped to it exactly; "" if there is none.

    A retired key is returned too.
    """
    known = keys_by_identifier()
    return next((known[name] for name in (identifier, *notations) if name in known), "")


def keys_by_identifier() -> dict[str, str]:
    """Return our keys, also retired ones, by key, permanent identifier and term of another vocabulary."""
    keys = {key: key for key in retired_concepts()}
    keys |= {mapping.uri: mapping.key for mapping in mappings() if mapping.match == MatchKind.EXACT}
    for key, concept in concepts().items():
        keys |= {key: key, concept.uri: key}
    return keys
