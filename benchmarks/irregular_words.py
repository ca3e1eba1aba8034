"""Measure how many irregular words the search finds by their base form, and the other way round.

The lists in tests/search/irregular_forms were written before the code. Each form is a paragraph of its own in an index;
the search for its base form should find it, and the search for the form should find the base form. Prints both shares
with stems only, with simplemma's dictionary, and with our own list, which was written with the dictionary's misses in
view; and how often the form that was typed comes first.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

from samsvar.search import base_forms as base_forms_module
from samsvar.search.engine import Engine, analysis, marking
from samsvar.search.engine.analysis import STEMMERS
from samsvar.search.items import IndexGroup, SearchItem
from samsvar.search.query import Query, Word

LISTS = Path(__file__).parent.parent / "tests/search/irregular_forms"


def read_pairs(language: str) -> Iterator[tuple[str, str]]:
    """Yield (base form, irregular form) from the list of a language."""
    for line in (LISTS / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        base, colon, forms = line.partition(": ")
        if colon and not line.startswith("#"):
            for form in dict.fromkeys(forms.split()):
                if form != base:
                    yield base, form


def measure_recall(language: str, folder: Path) -> tuple[int, list[str], list[str], int]:
    """Return the number of pairs, those missed in each direction, and how many typed forms come first."""
    pairs = [*read_pairs(language)]
    words = sorted({word for pair in pairs for word in pair})
    engine = Engine.create(folder)
    items = [SearchItem(f"passage/{word}", "g", "passage", word, language) for word in words]
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    found = {word: [hit.item.text for hit in engine.search(Query(word, Word(word)), limit=500).hits] for word in words}
    return (
        len(pairs),
        [f"{base} → {form}" for base, form in pairs if form not in found[base]],
        [f"{form} → {base}" for base, form in pairs if base not in found[form]],
        sum(found[word][0] == word for word in words) * 100 // len(words),
    )


def clear_caches() -> None:
    """Make the engine forget which words are irregular."""
    for cached in (
        analysis.list_base_stems,
        analysis.find_irregular_words,
        analysis.list_stems,
        analysis._regular_words,
        marking._list_mark_patterns,
    ):
        cached.cache_clear()


def main() -> None:
    """Print the shares for each language; with --missed, also the pairs that are not found."""
    variants = {
        "stems only": patch.object(analysis, "list_base_forms", lambda word, language: ()),
        "with the dictionary": patch.object(base_forms_module, "_own_base_forms", lambda language: {}),
        "with our own list too": nullcontext(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for language in STEMMERS:
            print(f"{language}: {len([*read_pairs(language)])} pairs")
            for name, variant in variants.items():
                clear_caches()
                with variant:
                    many, by_base, by_form, first = measure_recall(language, Path(folder) / f"{language} {name}")
                shares = f"{1 - len(by_base) / many:.3f} by the base form, {1 - len(by_form) / many:.3f} by the form"
                print(f"  {name + ':':24}{shares}; the form that was typed is first for {first} %")
                if "--missed" in sys.argv:
                    print("   ", ", ".join(by_base), "|", ", ".join(by_form))


if __name__ == "__main__":
    main()
