"""A wheel that people install shows pages; one without what `make setup` makes is not built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.build_hook import LOCK, MADE, constraints, find_missing_files

ROOT = Path(__file__).resolve().parents[2]
OPEN_A_PAGE = """
from pathlib import Path
import sys
import samsvar
assert Path(samsvar.__file__).is_relative_to(sys.argv[1]), samsvar.__file__
import django
django.setup()
from django.test import Client
for address, text in (("/fr/", "Convention d’Istanbul"), ("/en/about-the-data/", "About the data")):
    response = Client(headers={"host": "samsvar.example", "x-forwarded-proto": "https"}).get(address)
    assert response.status_code == 200, (address, response.status_code)
    assert text in response.content.decode(), address
assert "django==" in (Path(samsvar.__file__).parent / "constraints.txt").read_text()
"""


def test_every_file_that_a_wheel_needs_is_named_where_it_is_missing(tmp_path):
    assert len(find_missing_files(tmp_path)) == len(MADE)
    assert find_missing_files(ROOT) == []


def test_a_build_without_these_files_fails_and_says_what_to_do(tmp_path):
    for name in ("pyproject.toml", "README.md", "LICENSE", "tools/build_hook.py", LOCK.as_posix()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "src/samsvar").mkdir(parents=True)
    (tmp_path / "src/samsvar/__init__.py").touch()
    build = subprocess.run(  # noqa: PLW1510 - its failure is the test
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=tmp_path, capture_output=True, text=True
    )
    assert build.returncode != 0
    assert "Nothing was built" in build.stderr
    assert "make setup" in build.stderr
    assert not list(tmp_path.glob("dist/*"))


def test_constraints_are_the_locked_versions_without_hashes():
    lock = "a==1.0 \\\n    --hash=sha256:00\nb-c==2.1 ; sys_platform == 'win32' \\\n    --hash=sha256:01\n"
    assert constraints(lock) == "a==1.0\nb-c==2.1 ; sys_platform == 'win32'\n"


def test_an_installed_wheel_shows_pages_with_styles_and_translations(production_site):
    """Nothing else tries what an operator does: build, install, fill a database, open a page."""
    page = production_site.run("-c", OPEN_A_PAGE, str(production_site.code))
    assert page.returncode == 0, page.stderr[-2000:]
