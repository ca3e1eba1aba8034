"""A wheel that people install shows pages; one without what `make setup` makes is not built."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.build_hook import LOCK, MADE, constraints, find_missing_files

ROOT = Path(__file__).resolve().parents[2]
OPEN_A_PAGE = """
from pathlib import Path
import samsvar
assert "site-from-wheel" in samsvar.__file__, samsvar.__file__
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
settings.DATA.mkdir(parents=True)
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
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


def test_an_installed_wheel_shows_pages_with_styles_and_translations(tmp_path):
    """Some seconds, because nothing else tries what an operator does: build, install, fill a database, open a page."""
    if find_missing_files(ROOT):
        pytest.skip("front-end files, fonts or translations are not made; run `make setup`")
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "site-from-wheel"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(installed)], check=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),  # before the editable install
        "SAMSVAR_DATA": str(tmp_path / "data"),
        "SAMSVAR_SECRET_KEY": "only for this test, and long enough for Django's check of its length",
        "SAMSVAR_HOSTS": "samsvar.example",
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.production",
    }
    page = subprocess.run(  # noqa: PLW1510 - the assertion below shows what it printed
        [sys.executable, "-c", OPEN_A_PAGE], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert page.returncode == 0, page.stderr[-2000:]
