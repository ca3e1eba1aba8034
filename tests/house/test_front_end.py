"""Tests that pages contain nothing their Content-Security-Policy would block, and load nothing from another host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "src/samsvar/site"
TEMPLATES = sorted(SITE.rglob("templates/**/*.html"))
STATIC_FILES = sorted(path for path in SITE.glob("*/static/**/*") if "vendor" not in path.parts and path.is_file())

REFUSED = {
    "an inline style": r"\sstyle\s*=|<style\b",
    "an inline handler": r"\son(?!ly=)[a-z]+\s*=\s*[\"']",  # `only=` is an argument of our tags
    "an inline script": r"<script(?![^>]*\ssrc=)(?![^>]*type=\"(?:application|speculationrules)[^\"]*\")[^>]*>",
    "a script or picture from another host":
        r"<(?:script|img|iframe|source|video|audio|embed|object)[^>]*\s(?:src|data)=\"(?:https?:)?//",
    "a style or a hint that leads to another host":
        r"<link[^>]*rel=\"(?:stylesheet|preload|icon|modulepreload|preconnect|dns-prefetch)[^>]*href=\"(?:https?:)?//",
}  # fmt: skip
REFUSED_IN_FILES = {
    "a style or font from another host": r"@import\s+(?:url\()?[\"']?(?:https?:)?//|url\([\"']?(?:https?:)?//",
    "a call to another host": r"(?:fetch|import|open|sendBeacon|EventSource|WebSocket)\(\s*[\"'`](?:https?|wss?):",
}


def find_refused(text: str, patterns: dict[str, str]) -> list[str]:
    """Return what in a text would be blocked, each match with its description."""
    return [
        f"{what}: {match[0]}"
        for what, pattern in patterns.items()
        for match in re.finditer(pattern, re.sub(r"\{#.*?#\}", "", text), re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_template_contains_nothing_the_content_security_policy_blocks(path):
    assert find_refused(path.read_text(encoding="utf-8"), REFUSED) == []


@pytest.mark.parametrize("path", STATIC_FILES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_static_file_calls_no_other_host(path):
    assert find_refused(path.read_text(encoding="utf-8", errors="replace"), REFUSED_IN_FILES) == []


@pytest.mark.parametrize(
    ("html", "answer"),
    [
        ('<p style="color: red">', ["an inline style:  style="]),
        ('<button onclick="leave()">', ['an inline handler:  onclick="']),
        ("<script>leave()</script>", ["an inline script: <script>"]),
        ('<script src="{% static "leave.js" %}" defer></script>', []),
        ('<script type="application/json" id="days">{{ days }}</script>', []),
        ('<a href="https://www.coe.int/">the official text</a>', []),
    ],
)
def test_content_blocked_by_the_policy_is_detected(html, answer):
    assert find_refused(html, REFUSED) == answer
