"""Tests of the boundaries between packages: the import contracts of pyproject.toml, and what they cannot express."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/samsvar"
SITE = PACKAGE / "site"

LIBRARY = sorted(path for path in PACKAGE.rglob("*.py") if SITE not in path.parents)
SITE_FILES = sorted(SITE.rglob("*.py"))


def names_used(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every dotted name that a module uses and every module it imports, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case ast.Attribute():
                yield node.lineno, ast.unparse(node)


def uses_of(paths: list[Path], forbidden: tuple[str, ...]) -> list[str]:
    """Return the places that use one of the forbidden names or anything below it."""
    return [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in paths
        for line, name in names_used(path)
        if any(name == one or name.startswith(one + ".") for one in forbidden)
    ]


def test_every_import_contract_is_kept():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


CLOCKS = (
    "date.today", "datetime.date.today", "datetime.now", "datetime.datetime.now", "datetime.utcnow", "datetime.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime",
)  # fmt: skip


def test_the_library_never_reads_the_clock():
    """Dates are arguments; only the command line knows today. time.monotonic is allowed everywhere, for limits."""
    rooms = [path for path in LIBRARY if PACKAGE / "cli" not in path.parents]
    assert uses_of(rooms, CLOCKS) == []


def test_only_the_fetcher_of_the_library_uses_the_network_and_nothing_a_database():
    """`interchange/fetching` reaches public servers when a harvest or a web address asks for it."""
    known = (
        "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "sqlite3", "psycopg", "requests",
    )  # fmt: skip
    others = [path for path in LIBRARY if path != PACKAGE / "interchange/fetching.py"]
    assert uses_of(others, known) == []


def test_the_search_finds_a_clock_however_it_is_imported(tmp_path):
    """The search must see a clock in either style of import."""
    path = tmp_path / "clock.py"
    path.write_text("import datetime\nfrom datetime import date\nfrom time import time\n\nx = date.today()\n")
    found = [name for _line, name in names_used(path) if name in CLOCKS]
    assert found == ["time.time", "date.today"]


def test_models_of_people_are_used_only_inside_the_network_app():
    """Other apps reach people only through functions of site/network, which check consent.

    The demonstration is an exception: its people are fictional, and it has to create them.
    """
    outside = [path for path in SITE_FILES if not {SITE / "network", SITE / "demo"} & set(path.parents)]
    assert uses_of(outside, ("samsvar.site.network.models",)) == []


def views_without_permission(path: Path) -> list[str]:
    """Return the views of a module (functions of a request) whose outermost decorator sets no permission.

    The access middleware would open them to no one.
    """
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if not node.args.args or node.args.args[0].arg != "request":
            continue
        first = node.decorator_list[0] if node.decorator_list else None
        name = ast.unparse(first.func if isinstance(first, ast.Call) else first) if first else ""
        if name not in PERMISSION_DECORATORS:
            found.append(f"{path.name}:{node.lineno}: {node.name}")
    return found


PERMISSION_DECORATORS = {"requires", "public"}
VIEWS = [path for path in SITE_FILES if path.stem.endswith("views") or path.parent.name == "views"]


def test_every_view_starts_with_a_permission_decorator():
    assert len(VIEWS) > 5
    assert [line for path in VIEWS for line in views_without_permission(path)] == []


def test_a_view_without_a_permission_decorator_is_found(tmp_path):
    path = tmp_path / "views.py"
    path.write_text(
        "@requires(Claim.ASK)\n@require_safe\ndef one(request): ...\n@require_safe\ndef two(request): ...\n"
        "@require_safe\n@public\ndef three(request): ...\ndef _step(request): ...\n"
    )
    assert views_without_permission(path) == ["views.py:5: two", "views.py:8: three"]


def test_models_of_people_are_never_looked_up_by_name():
    """`apps.get_model("samsvar_network", …)` would bypass the permission checks."""
    outside = [path for path in SITE_FILES if SITE / "network" not in path.parents]
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in outside
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("get_model", "get_app_config"))
        and any("samsvar_network" in ast.unparse(argument) for argument in node.args)
    ]
    assert asked == []


WITHOUT_DJANGO = """
import importlib, importlib.abc, pkgutil, sys

class NoDjango(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "psycopg", "whitenoise", "django_htmx", "gunicorn"}:
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)

sys.meta_path.insert(0, NoDjango())
import samsvar
for module in pkgutil.walk_packages(samsvar.__path__, "samsvar."):
    if not module.name.startswith("samsvar.site") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        print(module.name)
"""


def test_the_library_can_be_imported_without_django():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_DJANGO], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "samsvar.monitoring.report" in done.stdout.splitlines()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_has_a_meaningless_name(path):
    names = {path.stem, *path.relative_to(PACKAGE).parent.parts}
    assert not names & {"utils", "util", "helpers", "helper", "common", "core", "misc", "base", "manager", "service"}
