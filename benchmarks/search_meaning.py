"""Measure search for meaning: whether questions in ten languages find the texts that answer them.

The questions and grades of benchmarks/search_meaning (see its README) were written before expansion existed. The world
is that of the demonstration (reports, measures, practices) and, where the folder is there, `../shared/documents`: the
sections of the HUDOC feeds and the reviews of the Universal Periodic Review.

recall@20 of a question is the number of its answers (grade 2) among the first twenty results, divided by the number
of its answers or by 20 if there are more: a page of twenty cannot show more. It is printed by language, for all
questions and for those whose words are in the thesaurus, beside the search without expansion. The same figure follows
for the two halves of the subjects, of which only one was looked at while the ranking was changed, for the answers that
are paragraphs and not headings of sections, and for the questions and grades that were added later.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import statistics
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from samsvar.interchange.hudoc import read_feed  # noqa: E402 - after the path
from samsvar.monitoring.pipeline import read_report  # noqa: E402
from samsvar.monitoring.report import Reading  # noqa: E402
from samsvar.search.engine import Engine  # noqa: E402
from samsvar.search.index_sync import IndexGroup, IndexUpdater, InMemorySource  # noqa: E402
from samsvar.search.items import KINDS, SearchItem  # noqa: E402
from samsvar.search.query import Query, parse_query_text  # noqa: E402
from samsvar.site.demo.sources import compile_pdf, fictional_reports  # noqa: E402
from samsvar.text import fold_letters  # noqa: E402

FOLDER = ROOT / "benchmarks" / "search_meaning"
DEMO = ROOT / "src" / "samsvar" / "site" / "demo"
DOCUMENTS = ROOT.parent / "shared" / "documents"
FEEDS = {"grevio": "grevio_2025-07-13.rss", "greta": "greta.rss"}
ANSWER = 2  # grades from 0 to 2
PAGE = 20  # results
LATER_PAGE = 10  # results of the later questions that were graded
RECALL_TARGET = 0.95  # of questions whose words are in the thesaurus
SHORT_WORD = 3  # characters; shorter words of a name ("de", "na") need not be in the thesaurus


# --- Questions and grades ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and its answers in the world at hand."""

    id: str
    language: str
    subject: str
    text: str
    words: tuple[str, ...]  # the parts of the text that name something of the field
    grades: Mapping[str, int]  # by item; only items of the state and article that the question names

    @property
    def answers(self) -> frozenset[str]:
        return frozenset(item for item, grade in self.grades.items() if grade == ANSWER)

    @property
    def paragraphs(self) -> frozenset[str]:
        """The answers that are texts, not headings of the feeds."""
        return frozenset(item for item in self.answers if item.partition("/")[0] not in FEEDS)

    @property
    def is_held_out(self) -> bool:
        """Whether its subject is in the half that was only looked at when the ranking was finished."""
        return hashlib.sha256(self.subject.encode()).digest()[0] % 2 == 1

    def recall(self, found: Iterable[str]) -> float:
        """Return recall@20 of the items that were found."""
        return recall_at(PAGE, found, self.answers)


def recall_at(page: int, found: Iterable[str], answers: frozenset[str]) -> float:
    """Return the share of the answers in the first `page` items, of as many as these can hold."""
    return len(answers.intersection([*found][:page])) / min(page, len(answers))


def read_table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def load_questions(
    items: Iterable[SearchItem], *, name: str = "questions.csv", grade_files: Iterable[str] = ("grades.csv",)
) -> list[Question]:
    """Return the questions, graded for those of the items that are in the world at hand; the first grade counts."""
    states: dict[str, str] = {}
    articles: dict[str, set[str]] = defaultdict(set)
    for item in items:
        states[item.id] = item.state
        articles[item.id].update(item.articles)
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for row in (row for file in grade_files for row in read_table(file)):
        if row["item"] in states:
            grades[row["subject"]].setdefault(row["item"], int(row["grade"]))
    return [
        Question(
            row["id"],
            row["language"],
            row["subject"],
            row["text"],
            tuple(row["words"].split("|")),
            {
                item: grade
                for item, grade in grades[row["subject"]].items()
                if row["state"] in {"", states[item]} and (not row["article"] or row["article"] in articles[item])
            },
        )
        for row in read_table(name)
    ]


def second_pass_agreement() -> tuple[int, float, float]:
    """Return how many grades were given twice, the share that is equal, and Cohen's kappa with quadratic weights."""
    pairs = [(int(row["first"]), int(row["second"])) for row in read_table("second_pass.csv")]
    equal = sum(first == second for first, second in pairs) / len(pairs)
    firsts, seconds = ([sum(pair[side] == grade for pair in pairs) for grade in range(3)] for side in (0, 1))
    observed = sum((first - second) ** 2 for first, second in pairs) / len(pairs)
    expected = sum((first - second) ** 2 * firsts[first] * seconds[second] for first in range(3) for second in range(3))
    return len(pairs), equal, 1 - observed / (expected / len(pairs) ** 2)


# --- The world --------------------------------------------------------------------------------------------------------


def load_demo() -> Iterator[SearchItem]:
    """Yield the reports, measures and published practices of the demonstration."""
    for report in fictional_reports():
        reading = read_report(compile_pdf(report), body=report.body, state=report.state, language=report.language)
        yield from report_items(reading, report.reference, report.title, report.published.year)
    plan = tomllib.loads((DEMO / "implementation.toml").read_text(encoding="utf-8"))
    chapters = plan["plan"]["chapters"]
    for position, measure in enumerate(plan["measure"]):
        yield SearchItem(
            id=f"measure/{measure['reference']}",
            group="plan/XA",
            kind=_known_kind("measure"),
            text=measure["title"],
            language=plan["plan"]["language"],
            heading=chapters[int(measure["reference"].partition(".")[0]) - 1],
            title=plan["plan"]["title"],
            state="XA",
            year=int(plan["plan"]["adopted"][:4]),
            fictional=True,
            ordinal=position,
        )
    for practice in tomllib.loads((DEMO / "practices.toml").read_text(encoding="utf-8"))["practice"]:
        if practice["status"] not in {"published", "to_be_confirmed"}:
            continue
        for language, text in practice["text"].items():
            parts = [value for value in text.values() if isinstance(value, str)]
            if language == practice["language"]:
                parts += [value for block in practice.get("block", ()) for value in block.values()]
            yield SearchItem(
                id=f"practice/{practice['key']}",
                group=f"practice/{practice['key']}",
                kind=_known_kind("practice"),
                text="\n".join(parts),
                language=language,
                title=text["title"],
                state=practice["state"],
                articles=tuple(practice["articles"]),
                year=int(practice["since"][:4]),
                fictional=True,
            )


def load_documents() -> Iterator[SearchItem]:
    """Yield the sections of the HUDOC feeds and the paragraphs of the reviews; nothing where the folder is missing."""
    for site, file in FEEDS.items():
        path = DOCUMENTS / "hudoc" / file
        if not path.exists():
            continue
        for document in read_feed(path.read_bytes(), site).documents:
            for position, section in enumerate(document.sections):
                yield SearchItem(
                    id=f"{site}/{section.id}",
                    group=f"document/{site}/{document.identifier}",
                    kind="section",
                    text=section.heading,
                    language="en",
                    heading=section.heading,
                    title=document.identifier,
                    state=document.state or "",
                    articles=section.articles,
                    body=site,
                    year=int(str(document.published)[:4]) if document.published else None,
                    ordinal=position,
                )
    for path in sorted((DOCUMENTS / "upr").glob("*.pdf")):
        yield from report_items(read_report(path, body="upr"), f"upr/{path.stem}", path.stem, int(path.stem[-4:]))


def report_items(reading: Reading, reference: str, title: str, year: int) -> Iterator[SearchItem]:
    """Yield a report's findings, and its passages that are in no finding, as the site's index has them.

    Their ids are the reference and the paragraph: several findings of one paragraph have the same id.
    """
    finding_texts: dict[str, list[str]] = defaultdict(list)
    for position, finding in enumerate(reading.findings):
        finding_texts[finding.paragraph].append(_letters(finding.own_text))
        yield SearchItem(
            id=f"{reference} § {finding.paragraph}",
            group=f"report/{reference}",
            kind="finding",
            text=finding.own_text,
            language=finding.language,
            heading=finding.heading,
            title=title,
            state=finding.state or "",
            articles=finding.articles,
            strength=str(finding.strength or ""),
            body=finding.body,
            year=year,
            paragraph=finding.paragraph,
            page=finding.page,
            ordinal=position,
        )
    repeated = {number: "".join(texts) for number, texts in finding_texts.items()}
    for position, passage in enumerate(reading.passages):
        text = _letters(passage.text)
        if any(text in repeated.get(number, "") for number in (passage.number, passage.number.partition(".")[0])):
            continue
        yield SearchItem(
            id=f"{reference} § {passage.number}" if passage.number else f"{reference} passage {position}",
            group=f"report/{reference}",
            kind="passage",
            text=passage.text,
            language=reading.language,
            heading=" › ".join(passage.headings),
            title=title,
            state=reading.state or "",
            body=reading.body,
            year=year,
            paragraph=passage.number,
            ordinal=position,
        )


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _known_kind(kind: str) -> str:
    """Return the kind, or "passage" as long as the index does not know it."""
    return kind if kind in KINDS else "passage"


def build_index(items: Iterable[SearchItem], folder: Path) -> Engine:
    groups: dict[str, list[SearchItem]] = defaultdict(list)
    for item in items:
        groups[item.group].append(item)
    source = InMemorySource([IndexGroup(name, "1", some) for name, some in groups.items()])
    return IndexUpdater(folder, source).get_current_index().engine


# --- Searching --------------------------------------------------------------------------------------------------------


def expand(query: Query) -> tuple[Query, frozenset[str]]:
    """Return the query with the concepts that it names, and the words that name them."""
    try:
        from samsvar.search.expansion import expand_query
    except ModuleNotFoundError:  # before expansion: the search in one language
        return query, frozenset()
    expanded = expand_query(query)
    return expanded.query, frozenset(word for name in expanded.understood for word in _words(name.text))


def _words(text: str) -> list[str]:
    return fold_letters(text.replace("’", " ").replace("'", " ")).split()


def are_understood(question: Question, understood: frozenset[str]) -> bool:
    """Return whether every longer word that names something of the field is in the name of a concept."""
    return all(word in understood for name in question.words for word in _words(name) if len(word) > SHORT_WORD)


def first_page(engine: Engine, query: Query) -> list[str]:
    """Return the first twenty different items: the findings of one paragraph have one grade, and take one place."""
    return [*dict.fromkeys(hit.item.id for hit in engine.search(query, limit=5 * PAGE).hits)][:PAGE]


def all_results(engine: Engine, query: Query) -> frozenset[str]:
    return frozenset(hit.item.id for hit in engine.search(query, limit=5_000).hits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question found with expansion, and without it (`plain`)."""

    question: Question
    in_thesaurus: bool
    found: tuple[str, ...]
    plain: tuple[str, ...]
    dropped: frozenset[str]  # answers that only the search without expansion finds, on any page

    @property
    def recall(self) -> float:
        return self.question.recall(self.found)

    @property
    def plain_recall(self) -> float:
        return self.question.recall(self.plain)

    @property
    def has_loss(self) -> bool:
        return self.recall < self.plain_recall or bool(self.dropped)


def ask(engine: Engine, question: Question) -> Outcome:
    query = parse_query_text(question.text)
    expanded, understood = expand(query)
    return Outcome(
        question,
        are_understood(question, understood),
        tuple(first_page(engine, expanded)),
        tuple(first_page(engine, query)),
        question.answers & (all_results(engine, query) - all_results(engine, expanded)),
    )


# --- Printing ---------------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--details", action="store_true", help="print each question that misses an answer")
    parser.add_argument("--demo-only", action="store_true", help="leave out ../shared/documents")
    options = parser.parse_args()
    items = [*load_demo(), *(() if options.demo_only else load_documents())]
    questions = load_questions(items)
    unanswered = [question.id for question in questions if not question.answers]
    both_files = ("grades.csv", "later_grades.csv")
    regraded = {question.id: question for question in load_questions(items, grade_files=both_files)}
    later_questions = load_questions(items, name="later_questions.csv", grade_files=both_files)
    with tempfile.TemporaryDirectory() as folder:
        engine = build_index(items, Path(folder))
        outcomes = [ask(engine, question) for question in questions if question.answers]
        later = [ask(engine, question) for question in later_questions if question.answers]
    twice, equal, kappa = second_pass_agreement()
    print(f"{len(items):,} items; {len(questions)} questions, {len(unanswered)} without an answer in this world "
          f"({', '.join(unanswered) or 'none'})")  # fmt: skip
    print(f"grades: one machine reader; {twice} given again: {equal:.0%} equal, weighted kappa {kappa:.2f}")
    print(f"recall@{PAGE} of answers, at most {PAGE} a question")
    print(f"{'':14}{'questions':>10}{'one language':>14}{'expanded':>10}{'in thesaurus':>14}{'recall':>8}")
    by_language: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_language[outcome.question.language].append(outcome)
    for name, some in [*by_language.items(), ("all", outcomes)]:
        known = [outcome for outcome in some if outcome.in_thesaurus]
        print(f"{name:14}{len(some):10}{statistics.fmean(outcome.plain_recall for outcome in some):14.3f}"
              f"{statistics.fmean(outcome.recall for outcome in some):10.3f}{len(known):14}"
              f"{_mean_recall(known):>8}")  # fmt: skip
    shown = [outcome.question.grades.get(item) for outcome in outcomes for item in outcome.found]
    print(f"results shown: {len(shown):,}: "
          + ", ".join(f"grade {grade} {shown.count(grade) / max(1, len(shown)):.0%}" for grade in (2, 1, 0))
          + f", graded by no one {shown.count(None) / max(1, len(shown)):.0%}")  # fmt: skip
    if options.details:
        print_details(outcomes)
    print_parts([outcome for outcome in outcomes if outcome.in_thesaurus], regraded, later)
    known = [outcome for outcome in outcomes if outcome.in_thesaurus]
    reached = bool(known) and statistics.fmean(outcome.recall for outcome in known) >= RECALL_TARGET
    print(f"words in the thesaurus: recall {_mean_recall(known)} of {len(known)} questions "
          f"(wanted ≥ {RECALL_TARGET}){'' if reached else '  BROKEN'}")  # fmt: skip
    losses = [outcome for outcome in outcomes if outcome.has_loss]
    gains = sum(outcome.recall > outcome.plain_recall for outcome in outcomes)
    print(f"against one language: {gains} questions better, {len(losses)} with a loss"
          f"{'  BROKEN: ' + ', '.join(outcome.question.id for outcome in losses) if losses else ''}")  # fmt: skip
    return 0 if reached and not losses else 1


def print_parts(outcomes: list[Outcome], regraded: Mapping[str, Question], later: list[Outcome]) -> None:
    """Print the recall of the halves, of the paragraphs, with the grades given later, and of the later questions."""
    for name, some in {
        "subjects looked at": [outcome for outcome in outcomes if not outcome.question.is_held_out],
        "subjects held out": [outcome for outcome in outcomes if outcome.question.is_held_out],
        "both": outcomes,
    }.items():
        paragraphs = [
            recall_at(PAGE, outcome.found, outcome.question.paragraphs)
            for outcome in some
            if outcome.question.paragraphs
        ]
        with_later = [regraded[outcome.question.id].recall(outcome.found) for outcome in some]
        print(f"{name} ({len(some)} questions): recall@{PAGE} {_mean_recall(some)}, of paragraphs {_mean(paragraphs)}, "
              f"with the grades given later {_mean(with_later)}")  # fmt: skip
    subjects = {outcome.question.subject for outcome in outcomes}
    for name, page, some in (
        ("graded before", PAGE, [outcome for outcome in later if outcome.question.subject in subjects]),
        ("graded later", LATER_PAGE, [outcome for outcome in later if outcome.question.subject not in subjects]),
    ):
        recalls = [recall_at(page, outcome.found, outcome.question.answers) for outcome in some]
        known = [recall for recall, outcome in zip(recalls, some, strict=True) if outcome.in_thesaurus]
        print(f"later questions, subjects {name}: recall@{page} {_mean(recalls)} of {len(some)}, "
              f"{_mean(known)} of {len(known)} with their words in the thesaurus")  # fmt: skip


def _mean(values: list[float]) -> str:
    return f"{statistics.fmean(values):.3f}" if values else "–"


def _mean_recall(outcomes: list[Outcome]) -> str:
    return _mean([outcome.recall for outcome in outcomes])


def print_details(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        question = outcome.question
        if outcome.recall == 1 and not outcome.has_loss:
            continue
        missed = sorted(question.answers.difference(outcome.found))
        wrong = [item for item in outcome.found if question.grades.get(item, 0) < ANSWER]
        print(f"{question.id} “{question.text}” recall {outcome.recall:.2f}, one language {outcome.plain_recall:.2f}"
              f"{'' if outcome.in_thesaurus else ', not all words in the thesaurus'}"
              f"{', LOSS' if outcome.has_loss else ''}")  # fmt: skip
        print(f"    missed {len(missed)} of {len(question.answers)}: {', '.join(missed[:12])}")
        print(f"    instead: {', '.join(f'{item} ({question.grades.get(item, "–")})' for item in wrong[:12])}")
        if outcome.dropped:
            print(f"    found only without expansion: {', '.join(sorted(outcome.dropped)[:12])}")


if __name__ == "__main__":
    sys.exit(main())
