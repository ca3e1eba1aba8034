"""Whoever runs a site finds every setting on one page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""environ(?:ment)?(?:\.get|\.needed|\.setdefault)?[(\[]\s*["'](SAMSVAR_[A-Z_]+)["']""")
# settings of a demonstration and of tests
ELSEWHERE = {"SAMSVAR_DEMO_DATABASE", "SAMSVAR_TEST_DATABASE"}


def settings_that_are_read() -> set[str]:
    files = (ROOT / "src/samsvar/site").rglob("*.py")
    return {name for file in files for name in READ.findall(file.read_text(encoding="utf-8"))} - ELSEWHERE


def test_every_setting_stands_on_the_page_that_says_how_to_run_a_site():
    read = settings_that_are_read()
    assert {"SAMSVAR_SECRET_KEY", "SAMSVAR_SMTP", "SAMSVAR_PROXIES"} <= read  # the pattern finds them
    page = (ROOT / "docs/how-to/run-it-for-real.md").read_text(encoding="utf-8")
    named = set(re.findall(r"SAMSVAR_[A-Z_]+", page))
    named |= {f"SAMSVAR_OIDC{end}" for end in re.findall(r"`(_[A-Z_]+)`", page)}
    assert sorted(read - named) == []
