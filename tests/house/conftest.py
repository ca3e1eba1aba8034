"""The production site that several files of tests open: installed from a wheel, as an operator does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.build_hook import find_missing_files

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "SAMSVAR_SECRET_KEY": "made for one run of one test, and long enough for Django's own check of its length",
    "SAMSVAR_HOSTS": "samsvar.example",
    "SAMSVAR_SMTP": "smtps://samsvar:a-password@mail.samsvar.example:465?from=samsvar@samsvar.example",
    "SAMSVAR_SECURITY_CONTACT": "security@samsvar.example",
    "SAMSVAR_CONTROLLER": "The Ministry of Fictional Affairs of Nordmark",
    "SAMSVAR_PRIVACY_CONTACT": "privacy@samsvar.example",
    "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.production",
}


class ProductionSite:
    """A folder with an installed wheel in `code`, and the site's `data`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code, self.data = folder, folder / "code", folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAMSVAR", "DJANGO"))}
        # the installed wheel comes before the editable install
        return {**kept, **ENVIRONMENT, "SAMSVAR_DATA": str(self.data), "PYTHONPATH": str(self.code)}

    def run(self, *command: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Run Python in the site's environment, with `said` as its standard input."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture(scope="session")
def production_site(tmp_path_factory: pytest.TempPathFactory) -> ProductionSite:
    """Build and install a wheel, create an empty site with its tables and static files, and return it."""
    if find_missing_files(ROOT):
        pytest.skip("front-end files, fonts or translations are not made; run `make setup`")
    site = ProductionSite(tmp_path_factory.mktemp("site"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(site.folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = site.folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site.code)], check=True)
    site.data.mkdir()
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        done = site.run("-m", "samsvar.site.manage", *command)
        assert done.returncode == 0, done.stderr[-2000:]
    return site
