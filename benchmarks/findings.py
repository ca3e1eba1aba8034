"""Measure how well conclusions are found: confusion by strength, F1 by body and language, placing in articles.

There are three measures: the golden pages (tests/examples), read from PDF, DOCX, HTML or text to findings; paragraphs
labelled before the code (tests/examples/paragraphs), half of which were kept for the measure; and single sentences
(tests/monitoring/sentences.toml), two in five of which contain no conclusion. We wrote all of them ourselves.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from samsvar.monitoring import read_report  # noqa: E402
from samsvar.monitoring.findings import extract_findings_in_language, parse_conclusions  # noqa: E402
from samsvar.monitoring.placing import PlacedPassage  # noqa: E402
from samsvar.monitoring.profile import get_profile  # noqa: E402
from samsvar.monitoring.report import Passage  # noqa: E402
from samsvar.monitoring.wording import load_wording  # noqa: E402
from samsvar.spans import Span  # noqa: E402
from tests.examples.making import examples  # noqa: E402

NONE = "(none)"
Pairs = Counter[tuple[str, str]]  # (expected strength, found strength) → how often


def pair_strengths(expected: list[str], found: list[str]) -> Pairs:
    """Pair the expected and found strengths of a paragraph: equal ones first, then misses and false findings."""
    left, right = Counter(expected), Counter(found)
    both = left & right
    pairs: Pairs = Counter({(name, name): count for name, count in both.items()})
    lost, made = [*(left - both).elements()], [*(right - both).elements()]
    for number in range(max(len(lost), len(made))):
        pairs[(lost[number] if number < len(lost) else NONE, made[number] if number < len(made) else NONE)] += 1
    if not expected and not found:
        pairs[NONE, NONE] += 1
    return pairs


def precision_recall_f1(pairs: Pairs) -> tuple[float, float, float]:
    """Return precision, recall and F1 of "this is a finding of this strength"."""
    right = sum(count for (a, b), count in pairs.items() if a == b != NONE)
    found = sum(count for (_, b), count in pairs.items() if b != NONE)
    expected = sum(count for (a, _), count in pairs.items() if a != NONE)
    precision, recall = right / (found or 1), right / (expected or 1)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def measure_sentences() -> dict[tuple[str, str], Pairs]:
    """Return the pairs by body and language."""
    table: dict[tuple[str, str], Pairs] = defaultdict(Counter)
    text = (ROOT / "tests/monitoring/sentences.toml").read_text(encoding="utf-8")
    for case in tomllib.loads(text)["sentence"]:
        wording = load_wording(case["body"], case["language"])
        found = [c.strength.value if c.strength else "unranked" for c in parse_conclusions(case["text"], wording)]
        table[case["body"], case["language"]] += pair_strengths(case["strengths"], found)
    return table


def measure_paragraphs(kept: bool) -> dict[tuple[str, str], Pairs]:
    """Return the pairs by body and language of one half of tests/examples/paragraphs, with a heading for each.

    `kept` is the half that was kept for the measure: no rule was written from it.
    """
    table: dict[tuple[str, str], Pairs] = defaultdict(Counter)
    for body, case in list_paragraphs(kept):
        table[body, case["language"]] += pair_strengths(case["strengths"], list_strengths(body, case))
    return table


def list_paragraphs(kept: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return (body, labelled paragraph) of one half.

    Every second paragraph of a file is kept for the measure, and so is each that says so itself.
    """
    cases: list[tuple[str, dict[str, Any]]] = []
    for path in sorted((ROOT / "tests/examples/paragraphs").glob("*.toml")):
        paragraphs = tomllib.loads(path.read_text(encoding="utf-8"))["paragraph"]
        halves = [case for case in paragraphs if not case.get("measure_only")]
        later = [case for case in paragraphs if case.get("measure_only")]
        cases += [(path.stem, case) for case in (halves[1::2] + later if kept else halves[::2])]
    return cases


def list_strengths(body: str, case: dict[str, Any]) -> list[str]:
    """Return the strengths found in a labelled paragraph under its heading."""
    headings = tuple(case["heading"].split(" › "))
    passage = PlacedPassage(Passage("1", case["text"], (1,), (), headings, Span(0, len(case["text"]))))
    findings = extract_findings_in_language(
        [passage], document="", body=body, state=None, procedure=None, language=case["language"], reader=""
    )
    return [finding.strength.value if finding.strength else "unranked" for finding in findings]


def measure_pages() -> tuple[dict[tuple[str, str], Pairs], tuple[int, int, int]]:
    """Return the pairs by body and language, and the article counts for placing: correct, given and expected."""
    table: dict[tuple[str, str], Pairs] = defaultdict(Counter)
    right = given = wanted = 0
    for example in examples():
        reading = read_report(example.document(), document=example.name)
        expected: dict[str, list[str]] = defaultdict(list)
        found: dict[str, list[str]] = defaultdict(list)
        placed: dict[str, set[str]] = defaultdict(set)
        for finding in example.expected["findings"]:
            expected[finding["paragraph"]].append(finding.get("strength", "unranked"))
            placed[finding["paragraph"]] |= set(finding.get("articles", ()))
        for result in reading.findings:
            found[result.paragraph].append(result.strength.value if result.strength else "unranked")
        for passage in {passage.number for passage in reading.passages} | set(expected):
            table[example.body, reading.language] += pair_strengths(expected[passage], found[passage])
        articles: dict[str, set[str]] = defaultdict(set)
        for result in reading.findings:
            articles[result.paragraph] |= set(result.articles)
        for paragraph in set(articles) | set(placed):
            right += len(articles[paragraph] & placed[paragraph])
            given += len(articles[paragraph])
            wanted += len(placed[paragraph])
    return table, (right, given, wanted)


def sum_by_body(table: dict[tuple[str, str], Pairs]) -> dict[str, Pairs]:
    """Return the pairs of each body, over its languages."""
    sums: dict[str, Pairs] = defaultdict(Counter)
    for (body, _), pairs in sorted(table.items()):
        sums[body] += pairs
    return sums


def print_table(title: str, table: dict[tuple[str, str], Pairs]) -> None:
    """Print one table and its confusion matrix."""
    print(title)
    print(f"  {'body':28}{'lang':6}{'findings':>9}{'none':>6}{'precision':>11}{'recall':>8}{'F1':>7}")
    for (body, language), pairs in sorted(table.items()):
        findings = sum(count for (a, _), count in pairs.items() if a != NONE)
        print(
            f"  {body:28}{language:6}{findings:9}{pairs[NONE, NONE]:6}"
            f"{precision_recall_f1(pairs)[0]:11.3f}{precision_recall_f1(pairs)[1]:8.3f}{precision_recall_f1(pairs)[2]:7.3f}"
        )
    total: Pairs = sum(table.values(), Counter())
    print(f"  all: F1 {precision_recall_f1(total)[2]:.3f}")
    names = [*dict.fromkeys(name for pair in sorted(total) for name in pair)]
    print("  confusion, expected down, found across")
    print("  " + " " * 20 + "".join(f"{name[:9]:>10}" for name in names))
    for a in names:
        print(f"  {a:20}" + "".join(f"{total[a, b] or '·':>10}" for b in names))


def measure_reviews() -> str | None:
    """Return the scorer's result for the hand-coded reviews, or None if they are not stored next to the project.

    The definitions of recall, precision, state, number and whole are those of `score_upr_exact.py`.
    """
    shared = ROOT.parent / "shared"
    reports = sorted((shared / "documents/upr").glob("*.pdf"))
    if not reports:
        return None
    lines = []
    for path in reports:
        for finding in read_report(path, body="upr").findings:
            lines.append(json.dumps({**asdict(finding), "document": path.name}))
    scored = subprocess.run(
        [sys.executable, shared / "bench/score_upr_exact.py", shared / "documents/upr/gold.jsonl"],
        input="\n".join(lines), capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures = re.findall(r"(recall|precision|state|number|whole) ([\d.]+)", scored.stdout.strip().splitlines()[-1])
    return ", ".join(f"{name} {figure}" for name, figure in figures)


def main() -> None:
    """Print all measures. With `--write`, save the figures to the file that the site's page about the data reads."""
    sentences = measure_sentences()
    pages, (right, given, wanted) = measure_pages()
    reviews = measure_reviews()
    print_table("Single sentences", sentences)
    paragraphs = measure_paragraphs(kept=True)
    print_table("Labelled paragraphs, the half from which no rule was written", paragraphs)
    print_table("Labelled paragraphs, the other half", measure_paragraphs(kept=False))
    print_table("Golden pages, from the file to the finding", pages)
    placing = f"precision {right / (given or 1):.3f}, recall {right / (wanted or 1):.3f}"
    print(f"Placing on golden pages: {placing}")
    print(f"Reviews coded by hand: {reviews or 'they are not beside the project'}")
    if "--write" not in sys.argv:
        return
    many = {name: sum(sum(table.values(), Counter()).values()) for name, table in (("s", sentences), ("p", pages))}
    measured = [
        (
            "Is it a finding, and how strong (F1)",
            f"{many['s']} sentences of our own, English and French, by which the rules were mended",
            f"{precision_recall_f1(sum(sentences.values(), Counter()))[2]:.3f}",
        ),
        (
            "Is it a finding, and how strong (F1)",
            f"{many['p']} paragraphs of {len(examples())} documents of our own, read from PDF, Word, HTML and text",
            f"{precision_recall_f1(sum(pages.values(), Counter()))[2]:.3f}",
        ),
        *(
            (
                "Is it a finding, and how strong",
                (
                    f"{sum(pairs.values())} paragraphs of our own, written like those of this author: "
                    f"{get_profile(body).name}; the rules have been corrected by what they got wrong"
                ),
                "precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(*precision_recall_f1(pairs)),
            )
            for body, pairs in sum_by_body(paragraphs).items()
        ),
        ("Under which article a finding stands", "the findings of the same documents", placing),
    ]
    if reviews:
        measured.append(
            (
                "Recommendations found",
                "24 real reports of the Universal Periodic Review, coded by hand, by which the rules were improved",
                reviews,
            )
        )
    day = date.today().isoformat()
    told = [{"what": what, "on": on, "figure": figure, "day": day} for what, on, figure in measured]
    text = json.dumps({"measured": told}, indent=1, ensure_ascii=False)
    (ROOT / "src/samsvar/accuracy.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
