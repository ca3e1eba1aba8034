"""Measure how fast concepts are found in texts and queries, beside a regular expression of the same labels.

The texts are the fictional reports of the demonstration, in paragraphs of 100 words. The reference is an alternation
of all labels of the language, the longest first, in upper or lower case: it finds labels only as they are written, so
it finds fewer. Both are measured in processor time. Also printed: opening the thesaurus, the memory that all 22
languages take, and a query recognised in all of them.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts  # noqa: E402 - after the path
from samsvar.thesaurus.tagging import recognise, tag_text  # noqa: E402

REPORTS = ROOT / "src" / "samsvar" / "site" / "demo" / "reports"
WORDS, PARAGRAPHS, REFERENCE_PARAGRAPHS = 100, 2_000, 200
TAG_TARGET_MS, RECOGNISE_TARGET_MS = 0.3, 1.0
QUERIES = [
    "shelters for migrant women",
    "ordonnance de protection",
    "adăpost",
    "krisesentrene",
    "xyz abc def",
    "stalking",
]


def main() -> int:
    tracemalloc.start()
    begun = time.process_time()
    count = len(concepts())
    opened = time.process_time() - begun
    begun = time.process_time()
    recognise(["shelters"])
    prepared = time.process_time() - begun
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    print(f"{count} concepts: opened in {opened:.2f} s; all languages prepared in {prepared:.2f} s, {memory:.0f} MB"
          " (traced, which doubles the times)")  # fmt: skip
    paragraphs = make_paragraphs()
    labels = sorted({name for concept in concepts().values() for name in concept.names("en")}, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, labels))})\b", re.IGNORECASE)
    ours, matches = measure(lambda text: tag_text(text, "en"), paragraphs)
    reference, exact = measure(pattern.findall, paragraphs[:REFERENCE_PARAGRAPHS])
    is_fast = ours <= TAG_TARGET_MS
    print(f"tag_text: {ours:.3f} ms a paragraph of {WORDS} words (wanted ≤ {TAG_TARGET_MS} ms){broken(is_fast)}; "
          f"{matches / PARAGRAPHS:.1f} concepts in each")  # fmt: skip
    found = exact / REFERENCE_PARAGRAPHS
    print(f"  a regular expression of {len(labels):,} labels: {reference:.3f} ms, {found:.1f} in each; "
          f"ratio {ours / reference:.2f}")  # fmt: skip
    times = [measure(recognise, [query.split()])[0] for query in QUERIES for _ in range(20)]
    query_time = statistics.median(times)
    is_quick = query_time <= RECOGNISE_TARGET_MS
    print(f"recognise: {query_time:.2f} ms a query in {len(THESAURUS_LANGUAGES)} languages"
          f" (wanted ≤ {RECOGNISE_TARGET_MS} ms){broken(is_quick)}")  # fmt: skip
    return 0 if is_fast and is_quick else 1


def broken(is_met: bool) -> str:
    return "" if is_met else "  BROKEN"


def make_paragraphs() -> list[str]:
    """Return paragraphs of WORDS words, each a sequence of sentences of the reports chosen at random."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(REPORTS.glob("*.typ")))
    sentences = [sentence for sentence in re.split(r"(?<=[.;])\s+", text) if 5 <= len(sentence.split()) <= 60]
    randomness = random.Random(1)
    paragraphs = []
    for _ in range(PARAGRAPHS):
        words: list[str] = []
        while len(words) < WORDS:
            words += randomness.choice(sentences).split()
        paragraphs.append(" ".join(words[:WORDS]))
    return paragraphs


def measure[Text](function: Callable[[Text], object], texts: list[Text]) -> tuple[float, int]:
    """Return the median of five rounds, in ms of processor time a text, and how many matches there are."""
    rounds, matches = [], 0
    for _ in range(5):
        begun = time.process_time()
        results = [function(text) for text in texts]
        rounds.append((time.process_time() - begun) / len(texts) * 1000)
        matches = sum(map(len, results))  # type: ignore[arg-type]
    return statistics.median(rounds), matches


if __name__ == "__main__":
    sys.exit(main())
