"""Build hook of hatchling: a wheel has everything the site serves, and the versions that it was tested with.

Front-end files, fonts and translations are made by `make setup` and are not in git. Without them every page of an
installed site would answer 500, so the build fails and says what is missing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SITE = Path("src/samsvar/site")
# at least one file for each of these patterns, made by `make setup`
MADE = (
    "shell/static/vendor/designsystemet/designsystemet.css",
    "shell/static/vendor/jsqr/jsQR.js",
    "meetings/paper/fonts/*.[ot]tf",
    "locale/fr/LC_MESSAGES/django.mo",
    "locale/nb/LC_MESSAGES/django.mo",
    "locale/ro/LC_MESSAGES/django.mo",
)
LOCK = Path("requirements/site.txt")


class MissingBuildFiles(Exception):
    """Raised when files that a wheel needs have not been made."""

    def __init__(self, missing: list[str]) -> None:
        listed = ", ".join(missing)
        super().__init__(f"Nothing was built: {listed} is missing. Run `make setup` in a clone, and build again.")


def find_missing_files(root: Path) -> list[str]:
    """Return the patterns of `MADE` that match no file below a root folder."""
    return [(SITE / pattern).as_posix() for pattern in MADE if not any((root / SITE).glob(pattern))]


def constraints(lock: str) -> str:
    """Return the exact versions of a lock file as pip constraints, without hashes, markers kept."""
    return "".join(
        f"{line}\n" for line in re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?==[^\\\n]*?)\s*\\?$", lock, re.MULTILINE)
    )


class SamsvarBuildHook(BuildHookInterface[Any]):
    """Refuse to build without the files that `make setup` makes, and add the tested versions to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Check the files and write constraints.txt. An editable install needs neither."""
        if version == "editable":
            return
        root = Path(self.root)
        if missing := find_missing_files(root):
            raise MissingBuildFiles(missing)
        if self.target_name == "wheel":
            path = root / ".cache/constraints.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(constraints((root / LOCK).read_text(encoding="utf-8")), encoding="utf-8")
            build_data["force_include"][str(path)] = "samsvar/constraints.txt"
