"""Tests that every setting is documented on one page for site operators."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT_VARIABLE = re.compile(
    r"""environ(?:ment)?(?:\.get|\.require|\.integer|\.setdefault)?[(\[]\s*["'](SAMSVAR_[A-Z_]+)["']"""
)
# settings of the demonstration and of tests
NOT_FOR_PRODUCTION = {"SAMSVAR_DEMO_DATABASE", "SAMSVAR_TEST_DATABASE"}


def settings_read_by_the_code() -> set[str]:
    files = (ROOT / "src/samsvar/site").rglob("*.py")
    return {
        name for file in files for name in ENVIRONMENT_VARIABLE.findall(file.read_text(encoding="utf-8"))
    } - NOT_FOR_PRODUCTION


def test_every_setting_is_documented_on_the_deployment_page():
    read = settings_read_by_the_code()
    assert {"SAMSVAR_SECRET_KEY", "SAMSVAR_SMTP", "SAMSVAR_PROXIES"} <= read  # the pattern finds them
    page = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")
    named = set(re.findall(r"SAMSVAR_[A-Z_]+", page))
    named |= {f"SAMSVAR_OIDC{end}" for end in re.findall(r"`(_[A-Z_]+)`", page)}
    assert sorted(read - named) == []
