"""Measure the matching of gaps with practices, offers and praise: its quality on graded queries, and its speed.

Quality: the queries and grades of benchmarks/matching (see its README), over the fictional world of the demonstration.
Speed: 50 countries × 100 findings against 5,000 practices, in processor time. The reference in the same run is one
matrix product of the same size with numpy: findings × features times features × practices, which scores every pair and
explains none.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import statistics
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from samsvar.exchange.matching import Candidate, CandidateIndex, CandidateKind, Gap  # noqa: E402 - after the path
from samsvar.exchange.practices import EvidenceLevel  # noqa: E402
from samsvar.exchange.subjects import FORMS_OF_VIOLENCE, GROUPS, Subject, make_subject, words_of  # noqa: E402
from samsvar.thesaurus.concepts import concepts  # noqa: E402

FOLDER = ROOT / "benchmarks" / "matching"
DEMO = ROOT / "src" / "samsvar" / "site" / "demo"
DAY = date(2026, 11, 27)
USEFUL = 2  # grades from 0 to 3
NDCG_TARGET, FIRST_TARGET, NONE_TARGET = 0.85, 0.9, 0.9
STATES, FINDINGS_OF_EACH, PRACTICES = 50, 100, 5_000
ALL_TARGET_S, ONE_TARGET_MS = 20, 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("quality", "speed"), help="one of the measurements (default: both)")
    parser.add_argument("--details", action="store_true", help="print each query that is not answered as graded")
    options = parser.parse_args()
    kept = []
    if options.only != "speed":
        kept += measure_quality(details=options.details)
    if options.only != "quality":
        kept += measure_speed()
    return 0 if all(kept) else 1


# --- Quality ----------------------------------------------------------------------------------------------------------


def load_queries() -> list[dict[str, Any]]:
    queries: list[dict[str, Any]] = tomllib.loads((FOLDER / "queries.toml").read_text(encoding="utf-8"))["query"]
    return queries


def load_grades(name: str) -> dict[tuple[str, str], int]:
    """Return one reader's grades above 0 by query and candidate."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return {(entry["query"], entry["candidate"]): int(entry["grade"]) for entry in csv.DictReader(lines)}


def agreed_grades() -> dict[tuple[str, str], int]:
    """Return the grades that count: the lower of two that differ by one, and the agreed one where they differ more."""
    first, second, agreed = load_grades("reader_1.csv"), load_grades("reader_2.csv"), load_grades("agreed.csv")
    return {
        pair: agreed.get(pair, min(first.get(pair, 0), second.get(pair, 0))) for pair in first.keys() | second.keys()
    }


def quadratic_kappa(pairs: Iterable[tuple[int, int]]) -> float:
    """Return Cohen's kappa with quadratic weights of two readers' grades from 0 to 3."""
    grades = list(pairs)
    first, second = ([sum(pair[side] == grade for pair in grades) for grade in range(4)] for side in (0, 1))
    observed = sum((one - other) ** 2 for one, other in grades) / len(grades)
    expected = (
        sum((one - other) ** 2 * first[one] * second[other] for one in range(4) for other in range(4))
        / len(grades) ** 2
    )
    return 1 - observed / expected


def load_world() -> list[Candidate]:
    """Return the candidates of the demonstration's world: published practices, offers, and what reports welcome."""
    from samsvar.monitoring.pipeline import read_report
    from samsvar.site.demo.sources import compile_pdf, fictional_reports

    world = tomllib.loads((DEMO / "exchange.toml").read_text(encoding="utf-8"))
    adopted: dict[str, set[str]] = defaultdict(set)
    for adoption in world["adoption"]:
        if adoption["status"] in {"taken_up", "working"}:
            adopted[adoption["practice"]].add(adoption["state"])
    candidates = []
    for practice in tomllib.loads((DEMO / "practices.toml").read_text(encoding="utf-8"))["practice"]:
        if practice["status"] in {"published", "to_be_confirmed"}:
            texts = {language: " ".join(practice_words(text)) for language, text in practice["text"].items()}
            keys = practice["concepts"] + practice["forms"]
            days = practice.get("confirmed_days_ago", practice.get("published_days_ago", 0))
            candidates.append(
                Candidate(
                    CandidateKind.PRACTICE, practice["key"], practice["state"],
                    make_subject(articles=practice["articles"], concept_keys=keys, texts=texts),
                    languages=frozenset(practice["text"]), evidence=EvidenceLevel(practice["evidence_level"]),
                    confirmed=DAY - timedelta(days=days), adopted_by=frozenset(adopted[practice["key"]]),
                )
            )  # fmt: skip
    for offer in world["offer"]:
        subject = make_subject(
            articles=offer["articles"], concept_keys=offer["topics"] + offer["forms"], texts=offer["text"]
        )
        candidates.append(
            Candidate(CandidateKind.OFFER, offer["key"], offer["state"], subject, frozenset(offer["languages"]))
        )
    for report in fictional_reports():
        reading = read_report(compile_pdf(report), body=report.body, state=report.state, language=report.language)
        candidates += praise_in(reading, report)
    return candidates


def practice_words(text: Mapping[str, Any]) -> list[str]:
    """Return the parts of a practice's text by which it is found."""
    return [text.get(name, "") for name in ("title", "problem", "solution")]


def praise_in(reading: Any, report: Any) -> list[Candidate]:
    """Return the findings of a report that welcome something, one per paragraph."""
    found: dict[str, Candidate] = {}
    for finding in reading.findings:
        if finding.strength == "welcomes":
            key = f"{report.reference[-3:]} § {finding.paragraph}"
            subject = make_subject(articles=finding.articles, texts={report.language: finding.text})
            found.setdefault(
                key, Candidate(CandidateKind.PRAISE, key, report.state, subject, frozenset({report.language}))
            )
    return list(found.values())


def make_gap(query: Mapping[str, Any]) -> Gap:
    return Gap(
        query["state"],
        make_subject(
            articles=query["articles"], concept_keys=query["concepts"] + query["forms"],
            texts={query["language"]: query["text"]},
        ),
        part_words=words_of(query.get("part", ""), query["language"]),
        languages=frozenset(query["languages"]),
    )  # fmt: skip


def measure_quality(*, details: bool = False) -> list[bool]:
    """Print the readers' agreement and the three figures; return whether each target is met."""
    queries, grades = load_queries(), agreed_grades()
    index = CandidateIndex(load_world(), DAY)
    first, second = load_grades("reader_1.csv"), load_grades("reader_2.csv")
    pairs = [
        (query["id"], candidate.key)
        for query in queries
        for candidate in index.candidates
        if candidate.state != query["state"]
    ]
    unknown = {pair for pair in grades if pair not in set(pairs)}
    print(
        f"{len(queries)} queries, {len(index.candidates)} candidates, {len(pairs)} pairs, {len(grades)} graded above 0"
    )
    if unknown:
        print(f"  grades of pairs that do not exist: {sorted(unknown)}")
    both = [(first.get(pair, 0), second.get(pair, 0)) for pair in pairs]
    above = [pair for pair in both if any(pair)]
    print(f"  agreement of the readers: kappa {quadratic_kappa(both):.3f}; of pairs that one graded above 0: "
          f"{quadratic_kappa(above):.3f}")  # fmt: skip
    gains, firsts, nones = [], [], []
    for query in queries:
        own = {candidate: grade for (number, candidate), grade in grades.items() if number == query["id"]}
        matches = index.find(make_gap(query))
        answer = [match.candidate.key for match in matches.good]
        has_answer = any(grade >= USEFUL for grade in own.values())
        if has_answer:
            gains.append(ndcg([own.get(key, 0) for key in answer], list(own.values())))
            firsts.append(bool(answer) and own.get(answer[0], 0) >= USEFUL)
        else:
            nones.append(not answer)
        if details and ((has_answer and (gains[-1] < 0.85 or not firsts[-1])) or (not has_answer and answer)):
            shown = [
                f"{match.candidate.key} {match.relevance:.2f} ({own.get(match.candidate.key, 0)})"
                for match in (*matches.good, *matches.near_misses)[:6]
            ]
            wanted = sorted(((grade, key) for key, grade in own.items()), reverse=True)[:4]
            print(f"  {query['id']} {gains[-1] if has_answer else 'none wanted'}: {shown}; wanted {wanted}")
    return [
        report_line("nDCG@10", statistics.mean(gains), NDCG_TARGET, len(gains)),
        report_line("first result useful", statistics.mean(firsts), FIRST_TARGET, len(firsts)),
        report_line("“no good match” right", statistics.mean(nones), NONE_TARGET, len(nones)),
    ]


def ndcg(grades: list[int], all_grades: list[int], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain of an answer, with gains of 2^grade - 1."""
    ideal = _gain(sorted(all_grades, reverse=True)[:depth])
    return _gain(grades[:depth]) / ideal if ideal else 0.0


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def report_line(name: str, value: float, target: float, count: int) -> bool:
    is_kept = value >= target
    print(f"  {name}: {value:.3f} over {count} queries (wanted ≥ {target}){'' if is_kept else '  BROKEN'}")
    return is_kept


# --- Speed ------------------------------------------------------------------------------------------------------------


def make_subjects(count: int, words: int, seed: int) -> list[Subject]:
    """Return random subjects of about the breadth of the demonstration's practices, every third in French.

    Words follow Zipf's law. A text names its topics and three more concepts.
    """
    randomness = random.Random(seed)
    known = concepts()
    topics = sorted(set(known).difference(FORMS_OF_VIOLENCE, GROUPS))
    vocabularies = [[f"{language}:word{number}" for number in range(4_000)] for language in ("en", "en", "fr")]
    weights = [1 / (number + 5) for number in range(4_000)]
    subjects = []
    for number in range(count):
        chosen = randomness.sample(topics, randomness.choice([1, 1, 2]))
        subjects.append(
            Subject(
                articles=tuple(dict.fromkeys(known[key].articles[0] for key in chosen)),
                topics=frozenset(chosen),
                groups=frozenset(randomness.sample(sorted(GROUPS), randomness.choice([0, 0, 0, 1]))),
                forms=frozenset(randomness.sample(sorted(FORMS_OF_VIOLENCE), randomness.choice([0, 1, 1, 2]))),
                words=frozenset(randomness.choices(vocabularies[number % 3], weights, k=words)),
                named=frozenset(chosen + randomness.sample(topics, 3)),
            )
        )
    return subjects


def measure_speed() -> list[bool]:
    """Print the processor time of all pairs and of one finding; return whether each target is met."""
    import numpy as np

    states = ["XA", "XB", "XC", *(f"S{number}" for number in range(STATES - 3))]
    levels = list(EvidenceLevel)
    practices = [
        Candidate(
            CandidateKind.PRACTICE, f"{number:05}", states[number % STATES], subject, frozenset({"en"}),
            levels[number % 5], DAY - timedelta(days=number % 900), frozenset(states[number % 7 : number % 7 + 1]),
        )
        for number, subject in enumerate(make_subjects(PRACTICES, 80, 1))
    ]  # fmt: skip
    gaps = [
        Gap(states[number // FINDINGS_OF_EACH], subject, languages=frozenset({"en", "fr"}))
        for number, subject in enumerate(make_subjects(STATES * FINDINGS_OF_EACH, 30, 2))
    ]
    begun = time.process_time()
    index = CandidateIndex(practices, DAY)
    built = time.process_time() - begun
    times = []
    for gap in gaps:
        begun = time.process_time()
        index.find(gap)
        times.append(time.process_time() - begun)
    total, worst = sum(times) + built, max(times) * 1000
    features = 200  # articles, concepts and the most frequent words
    left, right = np.ones((len(gaps), features), np.float32), np.ones((features, PRACTICES), np.float32)
    begun = time.process_time()
    product = left @ right
    reference = time.process_time() - begun
    assert product.shape == (len(gaps), PRACTICES)
    all_kept, one_kept = total <= ALL_TARGET_S, worst <= ONE_TARGET_MS
    print(f"{len(gaps)} findings × {PRACTICES} practices, ten matches of each with reasons (processor time)")
    print(f"  all: {total:.1f} s, of which {built:.2f} s for the index (wanted ≤ {ALL_TARGET_S} s)"
          f"{'' if all_kept else '  BROKEN'}")  # fmt: skip
    print(f"  one finding: median {statistics.median(times) * 1000:.1f} ms, slowest {worst:.1f} ms "
          f"(wanted ≤ {ONE_TARGET_MS} ms){'' if one_kept else '  BROKEN'}")  # fmt: skip
    print(f"  a matrix product of the same size with numpy: {reference * 1000:.0f} ms, {total / reference:.0f} × less")
    return [all_kept, one_kept]


if __name__ == "__main__":
    sys.exit(main())
