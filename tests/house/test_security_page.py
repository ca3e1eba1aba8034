"""The security checklist is whole and true: every number has its row, and what a row rests on exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/security.md"
ASKED = ROOT / "tests/house/asvs-5.0-level-2.txt"
STATES = ("met", "met by the operator", "not applicable", "not met")

# `tests/site/test_upload.py::test_…`, `src/…/base.py::SECURE_CSP`, `docs/how-to/….md`: a file, and what stands in it
REFERENCE = re.compile(
    r"`((?:tests|src|docs|tools|requirements)/[^`\s:]+|[A-Z]+\.md|Makefile|pyproject\.toml)(?:::(\w+))?`"
)
ANCHOR = re.compile(r"\]\(#([\w-]+)\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement as the page answers it."""

    number: str
    level: str
    asks: str
    state: str
    how: str


def rows(text: str) -> list[Row]:
    """Every row of every table that begins with a requirement's number."""
    found = []
    for line in text.splitlines():
        if re.match(r"\| V\d", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            assert len(cells) == 5, line
            found.append(Row(*cells))
    return found


TEXT = PAGE.read_text(encoding="utf-8")
ROWS = rows(TEXT)
LIST = [
    tuple(line.split())
    for line in ASKED.read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def test_the_list_has_the_numbers_of_levels_one_and_two():
    assert Counter(level for _number, level in LIST) == {"1": 70, "2": 183}
    assert len({number for number, _level in LIST}) == 253
    assert {number.partition(".")[0] for number, _level in LIST} == {f"V{chapter}" for chapter in range(1, 18)}


def test_every_requirement_has_one_row_in_the_order_of_the_list_and_with_its_level():
    assert [(row.number, row.level) for row in ROWS] == LIST


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_says_what_is_asked_how_it_stands_and_what_that_rests_on(row):
    assert row.asks
    assert row.state in STATES
    match row.state:
        case "met":
            assert REFERENCE.search(row.how) or ANCHOR.search(row.how), "a claim without a test, a setting or a section"
        case "met by the operator":
            assert REFERENCE.search(row.how) or ANCHOR.search(row.how), "what the operator does stands somewhere"
        case "not applicable":
            assert row.how.startswith("because "), row.how
        case "not met":
            assert len(row.how) > 20, "what is missing, and what there is instead"


@cache
def names_of(path: Path) -> frozenset[str]:
    """What a Python file defines or sets, at its top and in its classes."""
    defined: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                defined.add(name)
    return frozenset(defined)


def is_there(file: str, name: str | None) -> bool:
    """Whether a reference leads to a file and to something of that name in it."""
    path = ROOT / file
    if not path.is_file():
        return path.is_dir() and name is None
    if name is None:
        return True
    if path.suffix == ".py":
        return name in names_of(path)
    return re.search(rf"\b{re.escape(name)}\b", path.read_text(encoding="utf-8")) is not None


def lost(text: str) -> Iterator[str]:
    """References that lead nowhere."""
    for file, name in REFERENCE.findall(text):
        if not is_there(file, name or None):
            yield f"{file}::{name}" if name else file


def test_every_test_file_and_setting_that_the_page_names_exists():
    assert sorted(set(lost(TEXT))) == []


def test_what_looks_like_a_reference_is_one():
    """A path with a slip would otherwise be read past."""
    paths = {path for path in re.findall(r"`([^`\n]*)`", TEXT) if "::" in path or path.startswith(("tests/", "src/"))}
    assert {path for path in paths if not REFERENCE.fullmatch(f"`{path}`")} == set()


def test_a_test_that_was_renamed_is_missed():
    here = "tests/house/test_security_page.py"
    assert list(lost(f"`{here}::test_a_test_that_was_renamed_is_missed`")) == []
    assert list(lost(f"`{here}::test_something_else`")) == [f"{here}::test_something_else"]
    assert list(lost("`tests/house/test_nothing.py`")) == ["tests/house/test_nothing.py"]


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as Markdown readers make them."""
    return {
        re.sub(r"[^\w\s-]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


def test_every_section_that_a_row_names_exists():
    assert set(ANCHOR.findall(TEXT)) <= headings(TEXT)


def limits() -> dict[str, str]:
    """Every limit in code, by its name: the dictionaries of settings/accounts.py and the table of shell/limits.py."""
    found: dict[str, str] = {}
    for file in ("settings/accounts.py", "shell/limits.py"):
        for node in ast.walk(ast.parse((ROOT / "src/samsvar/site" / file).read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values))
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=keys, values=values))
                ) if name == "LIMITS" or name.endswith("_RATE_LIMITS"):
                    for key, value in zip(keys, values, strict=True):
                        rates = value.args[0] if isinstance(value, ast.Call) else value
                        found[ast.literal_eval(key)] = ast.literal_eval(rates)
    return found


NOT_OFFERED = {"change_phone", "request_login_code", "verify_phone"}


def test_the_page_names_every_limit_as_it_is_in_code():
    known = limits()
    assert {"login", "login_failed", "directory", "ask", "invite"} <= known.keys()
    table = TEXT.split("## Limits")[1].split("## ")[0]
    said = Counter(re.findall(r"\| `([^`]+)` \|$", table, re.MULTILINE))
    assert said.keys() == {rates for name, rates in known.items() if name not in NOT_OFFERED}


def test_the_page_counts_its_rows_rightly():
    counted = Counter(row.state for row in ROWS)
    said = dict(re.findall(r"^\| (met|met by the operator|not applicable|not met) \| (\d+) \|$", TEXT, re.MULTILINE))
    assert {state: int(number) for state, number in said.items()} == {state: counted[state] for state in STATES}
