"""Tests that what the project says about itself is true: docstrings, licence, links and reasons for skipped tests."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import samsvar
from tools import tracked

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/samsvar"


def resolve(name: str) -> object:
    """Return the module, function or value that a dotted name refers to."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


STEPS = re.findall(r"`(samsvar[\w.]*)`", samsvar.__doc__ or "")


def test_the_package_docstring_lists_the_steps_of_a_report():
    assert STEPS[0] == "samsvar.monitoring.pipeline.read_report"
    assert len(STEPS) >= 8


@pytest.mark.parametrize("name", STEPS)
def test_every_step_of_a_report_exists(name):
    assert resolve(name) is not None


@pytest.mark.parametrize(
    "room", sorted(path.parent for path in PACKAGE.rglob("__init__.py")), ids=lambda path: path.name
)
def test_every_package_has_a_docstring(room):
    if room.name in {"migrations", "management", "commands", "templatetags"}:
        return  # folders whose names Django prescribes
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    assert docstring, f"{room.relative_to(ROOT)}/__init__.py says nothing"


def skips_in(path: Path) -> Iterator[tuple[int, bool]]:
    """Yield each place that skips a test or expects a failure, and whether it gives a reason."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=function, args=args, keywords=keywords):
                name = ast.unparse(function)
                reasons = [word.value for word in keywords if word.arg == "reason"]
                if name in {"pytest.skip", "pytest.xfail", "self.skipTest"}:
                    yield node.lineno, bool(args or reasons)
                elif name in {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}:
                    yield node.lineno, bool(reasons) or (name == "pytest.mark.skip" and bool(args))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                if ast.unparse(decorator) in {"pytest.mark.skip", "pytest.mark.xfail"}:
                    yield decorator.lineno, False


def test_every_skip_has_a_reason():
    silent = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, has_reason in skips_in(path)
        if not has_reason
    ]
    assert silent == []


def test_the_licence_file_is_the_complete_eupl():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016\n")
    assert [int(number) for number in re.findall(r"^(\d+)\.[A-Z]", text, re.MULTILINE)] == list(range(1, 16))
    assert "‘Compatible Licences’ according to Article 5 EUPL are:" in text
    assert text.endswith(
        "All other changes or additions to this Appendix require the production of a new EUPL version.\n"
    )


def links_in(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links and pictures inside the repository, without `#…`."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def test_every_link_between_pages_resolves():
    pages = [path for path in tracked.tracked_files() if path.suffix == ".md"]
    assert ROOT / "README.md" in pages
    lost = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in links_in(page)
        if not (page.parent / target).exists()
    ]
    assert lost == []


def test_every_make_command_named_on_a_page_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (page.name, command)
        for page in tracked.tracked_files()
        if page.suffix == ".md"
        for command in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert ("README.md", "demo") in named
    assert {(page, command) for page, command in named if command not in targets} == set()
