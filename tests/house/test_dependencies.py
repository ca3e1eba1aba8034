"""What the code imports is declared, and in the right place: a site is installed without the tools of work."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/samsvar"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared(requirements: list[str]) -> set[str]:
    """The plain names in a list of requirements."""
    return {re.split(r"[<>=\[;! ]", line)[0].lower() for line in requirements}


def imported(paths: list[Path]) -> set[str]:
    """The distributions from elsewhere that these modules import, wherever in the module they do."""
    names = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    names |= {alias.name.partition(".")[0] for alias in aliases}
                case ast.ImportFrom(module=str(module), level=0):
                    names.add(module.partition(".")[0])
    providers = metadata.packages_distributions()
    foreign = names - set(sys.stdlib_module_names) - {"samsvar"}
    return {min(providers.get(name, [name])).lower() for name in foreign}


LIBRARY = declared(PROJECT["dependencies"])
SITE = LIBRARY | declared(PROJECT["optional-dependencies"]["site"])
ALONG = {"brotli"}  # comes with whitenoise[brotli]


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ([path for path in PACKAGE.rglob("*.py") if PACKAGE / "site" not in path.parents], LIBRARY | ALONG),
        (list((PACKAGE / "site").rglob("*.py")), SITE | ALONG),
    ],
    ids=["library", "site"],
)
def test_what_is_imported_is_declared(place, allowed):
    assert imported(place) - allowed == set()


def test_what_is_declared_for_the_library_is_imported():
    assert LIBRARY - imported(list(PACKAGE.rglob("*.py"))) == set()
