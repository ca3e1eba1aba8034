"""Tests that every import is declared in the right place: a site is installed without development tools."""

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


def requirement_names(requirements: list[str]) -> set[str]:
    """Return the package names in a list of requirements."""
    return {re.split(r"[<>=\[;! ]", line)[0].lower() for line in requirements}


def imported_distributions(paths: list[Path]) -> set[str]:
    """Return the third-party distributions that these modules import, anywhere in the module."""
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


LIBRARY = requirement_names(PROJECT["dependencies"])
SITE = LIBRARY | requirement_names(PROJECT["optional-dependencies"]["site"])
FROM_EXTRAS = {"brotli"}  # installed by whitenoise[brotli]


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ([path for path in PACKAGE.rglob("*.py") if PACKAGE / "site" not in path.parents], LIBRARY | FROM_EXTRAS),
        (list((PACKAGE / "site").rglob("*.py")), SITE | FROM_EXTRAS),
    ],
    ids=["library", "site"],
)
def test_every_imported_package_is_declared(place, allowed):
    assert imported_distributions(place) - allowed == set()


def test_every_declared_library_dependency_is_imported():
    assert LIBRARY - imported_distributions(list(PACKAGE.rglob("*.py"))) == set()
