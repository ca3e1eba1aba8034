"""Compare our search with tantivy alone on the same index, and with SQLite's FTS5, over 200,000 generated paragraphs.

All find the same words, count all hits and return the best twenty. The reference is tantivy's own objects on our index:
the plain query of a parsed tree, its best twenty hits with their stored content, their number and the same six
facets; no weights of kinds, no order of equal scores, no parsing, no marks. FTS5 is measured once without facets (its
best case) and once with the same six counts. Prints the median and the 99th percentile of each and the ratios, the
times of the whole search page on the demonstration's database with the page cache off, the build time, memory, and the
time to update one changed report.

Every query is put to ours and to the reference in turn, in many rounds; a ratio is the median of the ratios of the
rounds. The times are those of a processor, which a busy machine changes little, or with `--wall` those on the clock.
`--large` also builds an index of 1,000,000 paragraphs and prints how much the median grows.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from unittest import mock

import psutil
import tantivy

from samsvar.search.engine import Engine
from samsvar.search.engine.compiling import compile_query
from samsvar.search.index_sync import IndexUpdater
from samsvar.search.items import FACETS, IndexGroup, SearchItem
from samsvar.search.query import AllOf, AnyOf, Not, QueryTree, parse_query_text

PARAGRAPHS, LARGE = 200_000, 1_000_000
ROUNDS = 40
PAGE_ROUNDS = 6
OURS, TANTIVY = "ours, all", "tantivy"
MAX_RATIO, MAX_PAGE_MS, MAX_GROWTH = 1.5, 60, 3
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
        kind = "finding" if number % 5 == 0 else "passage"
        yield SearchItem(
            id=f"{kind}/{number}",
            group=f"report/{number // PARAGRAPHS_PER_REPORT}",
            kind=kind,
            text=" ".join(words) + ".",
            language="en",
            heading=f"Support services (Article {draw.randint(1, 81)})",
            title=f"Report {number // PARAGRAPHS_PER_REPORT}",
            state=f"X{chr(65 + number // PARAGRAPHS_PER_REPORT % 26)}",
            articles=(str(draw.randint(1, 81)),),
            strength=draw.choice(["urges", "strongly_encourages", "encourages", ""]),
            review="machine" if kind == "finding" else "",
            body="grevio",
            year=2015 + number // PARAGRAPHS_PER_REPORT % 10,
            ordinal=number % PARAGRAPHS_PER_REPORT,
        )


def _cumulative(weights: list[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


class GeneratedReports:
    """A source of an index that holds no paragraphs in memory."""

    def __init__(self, many: int) -> None:
        self.many, self.number = many, 1
        self._fingerprints = {f"report/{number}": "1" for number in range(-(-many // PARAGRAPHS_PER_REPORT))}

    def change(self, name: str) -> None:
        """Change the fingerprint of a report, which is then written again."""
        self.number += 1
        self._fingerprints[name] = str(self.number)

    def get_change_number(self) -> int | None:
        """Return the change number."""
        return self.number

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of each report."""
        return dict(self._fingerprints)

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Yield the reports with these names."""
        remaining = len(fingerprints)
        for name, items in groupby(generate_paragraphs(self.many), key=lambda item: item.group):
            if name in fingerprints:
                yield IndexGroup(name, fingerprints[name], items)
                remaining -= 1
                if not remaining:
                    return


@dataclass(frozen=True, slots=True)
class Index:
    """An index of generated paragraphs, with what building it took."""

    updater: IndexUpdater
    source: GeneratedReports
    seconds: float
    megabytes: float

    @property
    def engine(self) -> Engine:
        """Return the engine, as the site asks for it before every search."""
        return self.updater.get_current_index().engine


def build_index(many: int, folder: Path) -> Index:
    """Build the index of `many` paragraphs in a folder."""
    source = GeneratedReports(many)
    updater = IndexUpdater(folder, source)
    start = time.perf_counter()
    updater.get_current_index()
    seconds = time.perf_counter() - start
    return Index(
        updater, source, seconds, sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    )


# --- What is measured -------------------------------------------------------------------------------------------------


def compile_plainly(tree: QueryTree, searcher: tantivy.Searcher) -> tantivy.Query:
    """Return the plain query for a tree: every word in the column of stems or as written, the better score counts."""
    match tree:
        case AllOf(parts) | AnyOf(parts):
            usual = tantivy.Occur.Must if isinstance(tree, AllOf) else tantivy.Occur.Should
            return tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.MustNot, compile_plainly(part.part, searcher))
                    if isinstance(part, Not)
                    else (usual, compile_plainly(part, searcher))
                    for part in parts
                ]
            )
        case _:
            query = compile_query(tree, searcher)
            assert query is not None
            return query


def prepare_reference(engine: Engine) -> Callable[[str], object]:
    """Return a search with tantivy alone on the same index: twenty hits with content, their number and six facets."""
    searcher = engine._index.searcher()
    trees = {
        question: parse_query_text(question).tree for questions in QUERIES_BY_KIND.values() for question in questions
    }
    facets = {str(facet): {"terms": {"field": str(facet), "size": 1_000}} for facet in FACETS}

    def ask(question: str) -> object:
        query = compile_plainly(trees[question], searcher)
        result = searcher.search(query, 20, count=True)
        return (
            result,
            [searcher.doc(at).get_first("stored") for _, at in result.hits],
            searcher.aggregate(query, facets),
        )

    return ask


def ask_ours(index: Index) -> Callable[[str], object]:
    """Return our search, from the text of the query on."""
    return lambda question: index.engine.search(parse_query_text(question))


type Clock = Callable[[], float]  # seconds
type Times = dict[str, list[list[float]]]  # milliseconds of each query of a kind, by round


def measure_in_turn(searches: dict[str, Callable[[str], object]], rounds: int, clock: Clock) -> dict[str, Times]:
    """Return the times of each search, which take turns at every query; the order changes with every round."""
    times: dict[str, Times] = {name: {kind: [] for kind in QUERIES_BY_KIND} for name in searches}
    for number in range(rounds):
        names = [*searches] if number % 2 else [*reversed(searches)]
        for kind, questions in QUERIES_BY_KIND.items():
            for name in names:
                times[name][kind].append([])
            for question in questions:
                for name in names:
                    start = clock()
                    searches[name](question)
                    times[name][kind][-1].append((clock() - start) * 1_000)
    return times


def by_round(times: Times, kind: str) -> list[list[float]]:
    """Return the times of a kind, or of all kinds, by round."""
    if kind != "all":
        return times[kind]
    return [[each for one_kind in together for each in one_kind] for together in zip(*times.values(), strict=True)]


def flat(rounds: list[list[float]]) -> list[float]:
    """Return the times of all rounds."""
    return [each for one_round in rounds for each in one_round]


def ratio_of(measure: Callable[[list[float]], float], ours: list[list[float]], other: list[list[float]]) -> float:
    """Return the median of the rounds' ratios of a measure, such as the median."""
    return statistics.median(measure(mine) / measure(theirs) for mine, theirs in zip(ours, other, strict=True))


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def build_fts_table(many: int, file: Path) -> sqlite3.Connection:
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
        (
            (item.text, item.kind, item.state, item.articles[0], item.strength, item.body, item.year)
            for item in generate_paragraphs(many)
        ),
    )
    database.execute("INSERT INTO paragraphs(paragraphs) VALUES ('optimize')")
    database.commit()
    return database


def ask_fts(database: sqlite3.Connection, question: str) -> int:
    """Return the number of hits in FTS5 after fetching the best twenty."""
    (count,) = database.execute("SELECT count(*) FROM paragraphs WHERE paragraphs MATCH ?", (question,)).fetchone()
    database.execute(
        "SELECT text FROM paragraphs WHERE paragraphs MATCH ? ORDER BY rank LIMIT 20", (question,)
    ).fetchall()
    return int(count)


def ask_fts_with_facets(database: sqlite3.Connection, question: str) -> None:
    """Search FTS5 and count six facets."""
    ask_fts(database, question)
    for facet in FACETS:
        database.execute(
            f"SELECT {facet}, count(*) FROM paragraphs WHERE paragraphs MATCH ? GROUP BY 1", (question,)
        ).fetchall()


def measure_pages(index: Index, folder: Path, clock: Clock) -> list[float]:
    """Return the times of the search page, in milliseconds, with our index and the demonstration's database."""
    environment = {
        "SAMSVAR_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
        "SAMSVAR_PAGE_CACHE_BYTES": "0",
    }
    os.environ.update(environment)
    manage = [sys.executable, "-m", "samsvar.site.manage"]
    subprocess.run([*manage, "demo", "--data", str(folder), "--no-serve"], check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    from django.test import Client

    times = []
    with mock.patch("samsvar.site.search.queries.get_index_updater", return_value=index.updater):
        client = Client(headers={"host": "localhost"})
        for number in range(PAGE_ROUNDS + 1):
            for question in (question for questions in QUERIES_BY_KIND.values() for question in questions):
                start = clock()
                response = client.get("/en/search/", {"q": question})
                took = (clock() - start) * 1_000
                if response.status_code != 200 or "<mark" not in response.content.decode():
                    raise SystemExit(f"The search page for {question} has no hits (status {response.status_code}).")
                if number:  # the first round compiles the templates
                    times.append(took)
    return times


def megabytes_in_use() -> float:
    """Return the memory of this process, without the files of the index, which the system may drop at any time."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - memory.shared) / 1e6


def measure_updates(index: Index) -> list[float]:
    """Return the times to find what changed in one report, in milliseconds."""
    times = []
    for number in range(10):
        index.source.change(f"report/{number}")
        start = time.perf_counter()
        index.updater.get_current_index()
        times.append((time.perf_counter() - start) * 1_000)
    return times


# --- What is printed --------------------------------------------------------------------------------------------------


def print_table(times: dict[str, Times]) -> None:
    """Print the times by kind of query, and the ratio of each search's median to ours, or of ours to the reference."""
    print(f"{'ms: median / p99':18}" + "".join(f"{name:>18}" for name in times) + "   ratios of the medians")
    for kind in [*QUERIES_BY_KIND, "all"]:
        rounds = {name: by_round(taken, kind) for name, taken in times.items()}
        cells = [f"{statistics.median(flat(one)):9.2f} /{p99(flat(one)):7.2f}" for one in rounds.values()]
        ours = rounds[OURS]
        ratios = [
            f"ours {ratio_of(statistics.median, ours, one):.2f} × tantivy"
            if name == TANTIVY
            else f"{name} {statistics.median(flat(one)) / statistics.median(flat(ours)):.1f} × ours"
            for name, one in rounds.items()
            if name != OURS
        ]
        print(f"{kind:18}" + "".join(f"{cell:>18}" for cell in cells) + "   " + ", ".join(ratios))


def main() -> int:
    """Build the indexes, put the queries to all and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paragraphs", nargs="?", type=int, default=PARAGRAPHS, help="how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of every query (default: %(default)s)")
    parser.add_argument("--wall", action="store_true", help="measure the time on the clock, on a quiet machine")
    parser.add_argument("--large", action="store_true", help="also build and search 1,000,000 paragraphs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        clock = time.perf_counter if options.wall else time.process_time
        return measure(Path(folder), options.paragraphs, options.rounds, clock, large=options.large)


def measure(folder: Path, many: int, rounds: int, clock: Clock, *, large: bool) -> int:
    """Measure everything and print it; return 1 if a promise is broken, else 0."""
    index = build_index(many, folder / "index")
    building = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    start = time.perf_counter()
    database = build_fts_table(many, folder / "fts.sqlite3")
    fts_seconds = time.perf_counter() - start
    fts_megabytes = (folder / "fts.sqlite3").stat().st_size / 1e6
    large_index = build_index(LARGE, folder / "large") if large else None
    print(f"{many:,} paragraphs, {len(index.source.fingerprints()):,} reports, {rounds} rounds")
    print(
        f"build: ours {index.seconds:.1f} s, {index.megabytes:.0f} MB; FTS5 {fts_seconds:.1f} s, {fts_megabytes:.0f} MB"
    )
    for question in ("shelters", '"domestic violence"', "prot*"):
        count = index.engine.search(parse_query_text(question)).count
        print(f"hits of {question}: ours {count:,}, FTS5 {ask_fts(database, question):,}")
    gc.collect()
    gc.freeze()
    searches = {OURS: ask_ours(index), TANTIVY: prepare_reference(index.engine)}
    if large_index:
        searches["ours, large"] = ask_ours(large_index)
        searches["tantivy, large"] = prepare_reference(large_index.engine)
    measure_in_turn(searches, 2, clock)  # warm up
    times = measure_in_turn(searches, rounds, clock)
    searching = megabytes_in_use()
    fts = {
        "FTS5": measure_in_turn({"FTS5": lambda question: ask_fts(database, question)}, 3, clock)["FTS5"],
        "FTS5, facets": measure_in_turn({"": lambda question: ask_fts_with_facets(database, question)}, 1, clock)[""],
    }
    print_table({OURS: times[OURS], TANTIVY: times[TANTIVY], **fts})
    print(f"memory: {building:.0f} MB at most while building, {searching:.0f} MB while searching, without the files")
    ours, reference = by_round(times[OURS], "all"), by_round(times[TANTIVY], "all")
    promises = {
        f"median ≤ {MAX_RATIO} × tantivy": (ratio_of(statistics.median, ours, reference), MAX_RATIO),
        f"p99 ≤ {MAX_RATIO} × tantivy": (ratio_of(p99, ours, reference), MAX_RATIO),
    }
    if large_index:
        print(f"build of {LARGE:,}: {large_index.seconds:.0f} s, {large_index.megabytes:.0f} MB")
        many_ours, many_reference = (by_round(times[name], "all") for name in ("ours, large", "tantivy, large"))
        for name, measured in ((f"ours, {LARGE:,}", many_ours), (f"tantivy, {LARGE:,}", many_reference)):
            print(f"{name}: median {statistics.median(flat(measured)):.2f} ms, p99 {p99(flat(measured)):.2f} ms")
        print(f"growth of tantivy's median: {ratio_of(statistics.median, many_reference, reference):.2f} ×")
        growth = ratio_of(statistics.median, many_ours, ours)
        promises[f"median of {LARGE:,} < {MAX_GROWTH} × that of {many:,}"] = (growth, MAX_GROWTH)
    pages = measure_pages(index, folder / "site", clock)
    print(f"whole page: median {statistics.median(pages):.1f} ms, p99 {p99(pages):.1f} ms")
    promises[f"whole page p99 ≤ {MAX_PAGE_MS} ms"] = (p99(pages), MAX_PAGE_MS)
    updates = measure_updates(index)
    print(f"following a changed report: median {statistics.median(updates):.0f} ms, worst {max(updates):.0f} ms")
    for promise, (measured, limit) in promises.items():
        print(f"{'kept' if measured <= limit else 'BROKEN':7}{promise}: {measured:.2f}")
    print(f"processors: {os.cpu_count()}, load when measured: {os.getloadavg()[0]:.1f}")
    return 0 if all(measured <= limit for measured, limit in promises.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
