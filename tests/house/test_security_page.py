"""Tests that the security checklist is complete and true: every requirement has a row, and its evidence exists."""

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
ASVS_FILE = ROOT / "tests/house/asvs-5.0-level-2.txt"
STATES = ("met", "met by the operator", "not applicable", "not met")

# `tests/site/test_upload.py::test_…`, `src/…/base.py::SECURE_CSP`, `docs/how-to/….md`: a file, and a name in it
REFERENCE = re.compile(
    r"`((?:tests|src|docs|tools|requirements)/[^`\s:]+|[A-Z]+\.md|Makefile|pyproject\.toml)(?:::(\w+))?`"
)
ANCHOR = re.compile(r"\]\(#([\w-]+)\)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement as answered on the page."""

    number: str
    level: str
    asks: str
    state: str
    how: str


def parse_requirements(text: str) -> list[Requirement]:
    """Return every table row that begins with a requirement's number."""
    found = []
    for line in text.splitlines():
        if re.match(r"\| V\d", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            assert len(cells) == 5, line
            found.append(Requirement(*cells))
    return found


TEXT = PAGE.read_text(encoding="utf-8")
REQUIREMENTS = parse_requirements(TEXT)
ASVS_REQUIREMENTS = [
    tuple(line.split())
    for line in ASVS_FILE.read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def test_the_list_has_every_requirement_of_levels_1_and_2():
    assert Counter(level for _number, level in ASVS_REQUIREMENTS) == {"1": 70, "2": 183}
    assert len({number for number, _level in ASVS_REQUIREMENTS}) == 253
    assert {number.partition(".")[0] for number, _level in ASVS_REQUIREMENTS} == {
        f"V{chapter}" for chapter in range(1, 18)
    }


def test_every_requirement_has_one_row_in_order_and_with_its_level():
    assert [(row.number, row.level) for row in REQUIREMENTS] == ASVS_REQUIREMENTS


@pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: row.number)
def test_a_row_has_a_requirement_a_status_and_its_evidence(row):
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
def names_defined_in(path: Path) -> frozenset[str]:
    """Return the functions and classes that a Python file defines and the names it assigns."""
    defined: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                defined.add(name)
    return frozenset(defined)


def reference_exists(file: str, name: str | None) -> bool:
    """Return whether the file of a reference exists and contains the name."""
    path = ROOT / file
    if not path.is_file():
        return path.is_dir() and name is None
    if name is None:
        return True
    if path.suffix == ".py":
        return name in names_defined_in(path)
    return re.search(rf"\b{re.escape(name)}\b", path.read_text(encoding="utf-8")) is not None


def broken_references(text: str) -> Iterator[str]:
    """Yield the references that lead nowhere."""
    for file, name in REFERENCE.findall(text):
        if not reference_exists(file, name or None):
            yield f"{file}::{name}" if name else file


@pytest.mark.parametrize("page", ["security", "exchange", "search-and-following"])
def test_every_test_file_and_setting_named_on_a_page_exists(page):
    text = (ROOT / f"docs/explanation/{page}.md").read_text(encoding="utf-8")
    assert sorted(set(broken_references(text))) == []


@pytest.mark.parametrize("page", ["security", "exchange", "search-and-following"])
def test_everything_that_looks_like_a_reference_is_one(page):
    """A misspelt path would otherwise be ignored."""
    text = (ROOT / f"docs/explanation/{page}.md").read_text(encoding="utf-8")
    paths = {path for path in re.findall(r"`([^`\n]*)`", text) if "::" in path or path.startswith(("tests/", "src/"))}
    assert {path for path in paths if not REFERENCE.fullmatch(f"`{path}`")} == set()


def test_a_test_that_was_renamed_is_missed():
    here = "tests/house/test_security_page.py"
    assert list(broken_references(f"`{here}::test_a_test_that_was_renamed_is_missed`")) == []
    assert list(broken_references(f"`{here}::test_something_else`")) == [f"{here}::test_something_else"]
    assert list(broken_references("`tests/house/test_nothing.py`")) == ["tests/house/test_nothing.py"]


def heading_anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as Markdown renderers generate them."""
    return {
        re.sub(r"[^\w\s-]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


def test_every_section_named_in_a_row_exists():
    assert set(ANCHOR.findall(TEXT)) <= heading_anchors(TEXT)


def rate_limits() -> dict[str, str]:
    """Return every rate limit in the code by name: those of the settings, of shell/limits.py and of meetings."""
    found: dict[str, str] = {}
    for file in (
        "settings/accounts.py", "shell/limits.py", "meetings/meeting/view_helpers.py", "meetings/letters/views.py",
    ):  # fmt: skip
        for node in ast.walk(ast.parse((ROOT / "src/samsvar/site" / file).read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values))
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=keys, values=values))
                ) if name == "LIMITS" or name.endswith(("_RATE_LIMITS", "_RATE_LIMIT")):
                    for key, value in zip(keys, values, strict=True):
                        rates = value.args[0] if isinstance(value, ast.Call) else value
                        found[ast.literal_eval(key)] = ast.literal_eval(rates)
    return found


NOT_OFFERED = {"change_phone", "request_login_code", "verify_phone"}


def test_the_page_lists_every_rate_limit_as_set_in_the_code():
    known = rate_limits()
    assert {"login", "login_failed", "directory", "ask", "invite"} <= known.keys()
    table = TEXT.split("## Limits")[1].split("## ")[0]
    said = Counter(re.findall(r"\| `([^`]+)` \|$", table, re.MULTILINE))
    assert said.keys() == {rates for name, rates in known.items() if name not in NOT_OFFERED}


def test_the_page_counts_its_rows_correctly():
    counted = Counter(row.state for row in REQUIREMENTS)
    said = dict(re.findall(r"^\| (met|met by the operator|not applicable|not met) \| (\d+) \|$", TEXT, re.MULTILINE))
    assert {state: int(number) for state, number in said.items()} == {state: counted[state] for state in STATES}
