"""Compare our search with SQLite's FTS5 over the same 100,000 generated paragraphs.

Both find the same words, count all hits and return the best twenty. Ours also counts six facets and marks the hits;
FTS5 is measured once without facets (its best case) and once with the same six counts. Prints the median and the 99th
percentile of each and their ratio, the build time, the time to update one changed report, and the size on disk.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from samsvar.search.engine import IndexGroup, SearchItem
from samsvar.search.index_sync import IndexUpdater, InMemorySource
from samsvar.search.query import parse_query_text

SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo ka be shi tra pro con".split()
# Word ranks as in real reports: every second paragraph has "violence" and every thirtieth "shelters".
WORD_RANKS = {"violence": 6, "women": 7, "domestic": 15, "protection": 25, "children": 30, "support": 35, "police": 45}
WORD_RANKS |= {"data": 60, "training": 70, "orders": 80, "courts": 120, "shelters": 130}
WORDS_PER_PARAGRAPH = (30, 110)  # the median of real findings is 55 (2026-11)
PARAGRAPHS_PER_REPORT = 400  # paragraphs
QUERIES_BY_KIND = {
    "one word": ["shelters", "violence", "police", "training", "data"],
    "all words": ["women shelters police", "domestic violence courts", "protection orders children data"],
    "any word": ["women OR shelters OR police", "violence OR courts OR training OR data"],
    "phrase": ['"domestic violence"', '"protection orders"', '"support women"'],
    "beginning": ["prot*", "viol*", "conba*"],
    "not": ["violence NOT women", "shelters NOT children"],
}


def generate_paragraphs(many: int) -> Iterator[SearchItem]:
    """Generate paragraphs from a fixed seed; a word's frequency falls with its rank, as in every language."""
    draw = random.Random(2026)
    rest = ["".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))) for _ in range(30_000)]
    vocabulary = ["the", "of", "and", "to", "in", *dict.fromkeys(rest)]
    for word, rank in WORD_RANKS.items():
        vocabulary.insert(rank - 1, word)
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    running = [*_cumulative(weights)]
    for number in range(many):
        words = draw.choices(vocabulary, cum_weights=running, k=draw.randint(*WORDS_PER_PARAGRAPH))
        yield SearchItem(
            id=f"passage/{number}",
            group=f"report/{number // PARAGRAPHS_PER_REPORT}",
            kind="finding" if number % 5 == 0 else "passage",
            text=" ".join(words) + ".",
            language="en",
            heading=f"Support services (Article {draw.randint(1, 81)})",
            title=f"Report {number // PARAGRAPHS_PER_REPORT}",
            state=f"X{chr(65 + number // PARAGRAPHS_PER_REPORT % 26)}",
            articles=(str(draw.randint(1, 81)),),
            strength=draw.choice(["urges", "strongly_encourages", "encourages", ""]),
            body="grevio",
            year=2015 + number // PARAGRAPHS_PER_REPORT % 10,
            ordinal=number % PARAGRAPHS_PER_REPORT,
        )


def _cumulative(weights: list[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def measure_milliseconds(ask: Callable[[str], object], rounds: int) -> dict[str, list[float]]:
    """Return the time of each query, by kind."""
    took: dict[str, list[float]] = {kind: [] for kind in QUERIES_BY_KIND}
    for _ in range(rounds):
        for kind, asked in QUERIES_BY_KIND.items():
            for question in asked:
                start = time.perf_counter()
                ask(question)
                took[kind].append((time.perf_counter() - start) * 1_000)
    return took


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def build_fts_table(found: list[SearchItem], file: Path) -> sqlite3.Connection:
    """Store the same paragraphs in FTS5, with its stemmer, and with their labels in columns of their own."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA cache_size=-64000")
    database.execute("PRAGMA mmap_size=1073741824")
    database.execute(
        "CREATE VIRTUAL TABLE paragraphs USING fts5(text, kind UNINDEXED, state UNINDEXED, article UNINDEXED,"
        " strength UNINDEXED, body UNINDEXED, year UNINDEXED, tokenize='porter unicode61 remove_diacritics 2')"
    )
    database.executemany(
        "INSERT INTO paragraphs VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((one.text, one.kind, one.state, one.articles[0], one.strength, one.body, one.year) for one in found),
    )
    database.execute("INSERT INTO paragraphs(paragraphs) VALUES ('optimize')")
    database.commit()
    return database


def main() -> None:
    """Build both indexes, query both and print the results."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found = [*generate_paragraphs(many)]
    by_group: dict[str, list[SearchItem]] = {}
    for one in found:
        by_group.setdefault(one.group, []).append(one)
    source = InMemorySource([IndexGroup(name, "1", some) for name, some in by_group.items()])
    with tempfile.TemporaryDirectory() as folder:
        follower = IndexUpdater(Path(folder) / "index", source)
        start = time.perf_counter()
        engine = follower.get_current_index().engine
        built = time.perf_counter() - start
        size = sum(file.stat().st_size for file in (Path(folder) / "index").rglob("*") if file.is_file()) / 1e6

        start = time.perf_counter()
        database = build_fts_table(found, Path(folder) / "fts.sqlite3")
        fts_built = time.perf_counter() - start
        fts_size = (Path(folder) / "fts.sqlite3").stat().st_size / 1e6

        def ours(question: str) -> object:
            return follower.get_current_index().engine.search(parse_query_text(question))

        def best(question: str) -> int:
            (count,) = database.execute(
                "SELECT count(*) FROM paragraphs WHERE paragraphs MATCH ?", (question,)
            ).fetchone()
            database.execute(
                "SELECT text FROM paragraphs WHERE paragraphs MATCH ? ORDER BY rank LIMIT 20", (question,)
            ).fetchall()
            return int(count)

        def with_facets(question: str) -> None:
            best(question)
            for facet in ("kind", "state", "article", "strength", "body", "year"):
                database.execute(
                    f"SELECT {facet}, count(*) FROM paragraphs WHERE paragraphs MATCH ? GROUP BY 1", (question,)
                ).fetchall()

        print(f"{many:,} paragraphs, {len(by_group):,} reports")
        print(f"build: ours {built:.1f} s, {size:.0f} MB; FTS5 {fts_built:.1f} s, {fts_size:.0f} MB")
        for question in ("shelters", '"domestic violence"', "prot*"):
            print(
                f"hits of {question}: ours {engine.search(parse_query_text(question)).count:,}, FTS5 {best(question):,}"
            )
        measure_milliseconds(ours, 2)  # warm up
        mine, plain, counted = (
            measure_milliseconds(ours, 12),
            measure_milliseconds(best, 3),
            measure_milliseconds(with_facets, 1),
        )
        print(f"{'ms: median / p99':18}{'ours, all':>18}{'FTS5, no facets':>20}{'FTS5, facets':>20}   ratios to ours")
        for kind in [*QUERIES_BY_KIND, "all"]:
            three = [
                [one for some in took.values() for one in some] if kind == "all" else took[kind]
                for took in (mine, plain, counted)
            ]
            medians = [statistics.median(took) for took in three]
            cells = [f"{median:9.2f} /{p99(took):8.2f}" for median, took in zip(medians, three, strict=True)]
            ratios = [f"{median / medians[0]:8.1f}" for median in medians[1:]]
            print(f"{kind:18}{cells[0]:>18}{cells[1]:>20}{cells[2]:>20}{''.join(ratios)}")

        times = []
        for number in range(10):
            name, some = f"report/{number}", by_group[f"report/{number}"]
            source.put(IndexGroup(name, f"changed {number}", some))
            start = time.perf_counter()
            follower.get_current_index()
            times.append((time.perf_counter() - start) * 1_000)
        print(f"following a changed report: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")


if __name__ == "__main__":
    main()
