"""Who may know whom: the contracts of pyproject.toml, and what no contract of imports can say."""

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


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every dotted name a module uses, and every module it imports, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case ast.Attribute():
                yield node.lineno, ast.unparse(node)


def using(paths: list[Path], forbidden: tuple[str, ...]) -> list[str]:
    """The places that use one of the forbidden names or anything below it."""
    return [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in paths
        for line, name in names_in(path)
        if any(name == one or name.startswith(one + ".") for one in forbidden)
    ]


def test_every_contract_of_imports_is_kept():
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


def test_the_library_reads_no_clock():
    """Days are arguments, and a command knows today; a stop-watch (time.monotonic) may run anywhere, for limits."""
    rooms = [path for path in LIBRARY if PACKAGE / "cli" not in path.parents]
    assert using(rooms, CLOCKS) == []


def test_the_library_knows_no_network_and_no_database():
    known = (
        "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "sqlite3", "psycopg", "requests",
    )  # fmt: skip
    assert using(LIBRARY, known) == []


def test_a_clock_in_the_library_would_be_found(tmp_path):
    """The search itself is worth a test: it has to see a clock behind either way of importing it."""
    path = tmp_path / "clock.py"
    path.write_text("import datetime\nfrom datetime import date\nfrom time import time\n\nx = date.today()\n")
    found = [name for _line, name in names_in(path) if name in CLOCKS]
    assert found == ["time.time", "date.today"]


def test_people_have_one_door():
    """site/network/models is reached through site/network only: the door asks about consent. The demonstration's
    people are invented, and somebody has to write them down."""
    outside = [path for path in SITE_FILES if not {SITE / "network", SITE / "demo"} & set(path.parents)]
    assert using(outside, ("samsvar.site.network.models",)) == []


def without_a_door(path: Path) -> list[str]:
    """Views of a module (functions of a request) on which no door stands outermost: the gate opens them to nobody."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if not node.args.args or node.args.args[0].arg != "request":
            continue
        first = node.decorator_list[0] if node.decorator_list else None
        name = ast.unparse(first.func if isinstance(first, ast.Call) else first) if first else ""
        if name not in DOORS:
            found.append(f"{path.name}:{node.lineno}: {node.name}")
    return found


DOORS = {"door", "opens", "open_to_all"}  # `opens` is `door` where people have a door of their own
VIEWS = [path for path in SITE_FILES if path.name == "views.py" or path.parent.name == "views"]


def test_every_view_says_at_its_top_who_may_come_in():
    assert len(VIEWS) > 5
    assert [line for path in VIEWS for line in without_a_door(path)] == []


def test_a_view_without_a_door_would_be_found(tmp_path):
    path = tmp_path / "views.py"
    path.write_text(
        "@door(Claim.ASK)\n@require_safe\ndef one(request): ...\n@require_safe\ndef two(request): ...\n"
        "@require_safe\n@open_to_all\ndef three(request): ...\ndef _step(request): ...\n"
    )
    assert without_a_door(path) == ["views.py:5: two", "views.py:8: three"]


def test_nobody_asks_for_a_table_of_people_by_its_name():
    """`apps.get_model("samsvar_network", …)` would be a second door to people."""
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


def test_the_whole_library_can_be_imported_where_django_is_not_installed():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_DJANGO], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "samsvar.monitoring.report" in done.stdout.splitlines()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_room_is_called_by_an_empty_name(path):
    names = {path.stem, *path.relative_to(PACKAGE).parent.parts}
    assert not names & {"utils", "util", "helpers", "helper", "common", "core", "misc", "base", "manager", "service"}
