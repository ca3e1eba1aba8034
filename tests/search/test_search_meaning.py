"""The files of the benchmark of search for meaning are complete, and the demonstration has the items that they name."""

import re
import tomllib
from collections import Counter

from benchmarks.search_meaning import DEMO, read_table
from samsvar.site.demo.sources import REPORTS_FOLDER, fictional_reports

LANGUAGES = ("en", "fr", "nb", "ro", "de", "es", "pl", "sv", "it", "fi")
ELSEWHERE = ("upr/", "grevio/", "greta/")  # items of ../shared/documents, which the repository does not contain


def test_there_are_twelve_questions_in_each_of_ten_languages_and_each_subject_is_graded():
    questions, grades = read_table("questions.csv"), read_table("grades.csv")
    assert Counter(row["language"] for row in questions) == dict.fromkeys(LANGUAGES, 12)
    assert len({row["id"] for row in questions}) == len({row["text"] for row in questions}) == 120
    assert all(name in row["text"] for row in questions for name in row["words"].split("|"))
    assert {row["subject"] for row in questions} == {row["subject"] for row in grades}


def test_each_pair_has_one_grade_and_the_second_pass_only_graded_pairs():
    grades, second = read_table("grades.csv"), read_table("second_pass.csv")
    pairs = Counter((row["subject"], row["item"]) for row in grades)
    assert set(pairs.values()) == {1}
    assert {row["grade"] for row in grades} == {row["second"] for row in second} == {"0", "1", "2"}
    assert {(row["subject"], row["item"]) for row in second} <= pairs.keys()


def test_every_graded_item_of_the_demonstration_exists():
    items = set()
    for report in fictional_reports():  # numbered in their sources: reading the documents would take a second
        paragraphs = re.findall(r"^#[pf]\[", (REPORTS_FOLDER / report.file).read_text(encoding="utf-8"), re.MULTILINE)
        items |= {f"{report.reference} § {number}" for number in range(1, len(paragraphs) + 1)}
    plan = tomllib.loads((DEMO / "implementation.toml").read_text(encoding="utf-8"))
    items |= {f"measure/{measure['reference']}" for measure in plan["measure"]}
    practices = tomllib.loads((DEMO / "practices.toml").read_text(encoding="utf-8"))["practice"]
    items |= {f"practice/{entry['key']}" for entry in practices if entry["status"] in {"published", "to_be_confirmed"}}
    graded = {row["item"] for row in read_table("grades.csv") if not row["item"].startswith(ELSEWHERE)}
    numbered = {item for item in graded if " passage " not in item}  # a few paragraphs without a number
    assert len(numbered) > 250
    assert numbered <= items


def test_later_questions_and_grades_are_complete_and_repeat_none():
    questions, grades = read_table("later_questions.csv"), read_table("later_grades.csv")
    first = {row["text"] for row in read_table("questions.csv")}
    assert len({row["id"] for row in questions}) == len({row["text"] for row in questions} - first) == len(questions)
    assert all(name in row["text"] for row in questions for name in row["words"].split("|"))
    pairs = Counter((row["subject"], row["item"]) for row in grades)
    assert set(pairs.values()) == {1}
    assert pairs.keys().isdisjoint((row["subject"], row["item"]) for row in read_table("grades.csv"))
    assert {row["grade"] for row in grades} == {"0", "1", "2"}
