"""The rules of robots.txt as RFC 9309 has them: the longest rule, wildcards, groups of several programs."""

from __future__ import annotations

import pytest

from samsvar.interchange.robots import read_robot_rules

AGENT = "Samsvar/0.1.0 (secretariat@example.org)"


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("Disallow: /app/", "/app/html", False),
        ("Disallow: /app/", "/eng", True),
        ("Disallow:", "/app", True),
        ("Allow: /\nDisallow: /app/", "/app/html", False),  # the longest rule, not the first one
        ("Disallow: /\nAllow: /app/", "/app/html", True),
        ("Disallow: /app\nAllow: /app", "/app", True),  # of two equal ones, the one that allows
        ("Disallow: /*/html", "/app/conversion/html?id=1", False),
        ("Disallow: /*?id=", "/app/html?library=A&id=1", True),
        ("Disallow: /*?*id=", "/app/html?library=A&id=1", False),
        ("Disallow: /*.rss$", "/feed.rss", False),
        ("Disallow: /*.rss$", "/feed.rss?start=1", True),
        ("Disallow: /feed$", "/feed/more", True),
        ("Disallow: /a*a$", "/a", True),
        ("Disallow: /r%C3%A9sum%C3%A9", "/r%c3%a9sum%c3%a9/1", False),
        ("Disallow: /résumé", "/r%C3%A9sum%C3%A9/1", False),
        ("Disallow: /%61pp", "/app", False),
        ("Disallow: /app # all of it", "/app", False),
        ("disallow : /app\r\nSitemap: https://example.org/map.xml", "/app", False),
    ],
)  # fmt: skip
def test_the_longest_rule_that_fits_counts(rules: str, path: str, is_allowed: bool) -> None:
    assert read_robot_rules(f"User-agent: *\n{rules}\n".encode(), AGENT).allows(path) is is_allowed


def test_a_programs_own_groups_replace_those_for_all_and_are_joined() -> None:
    content = (
        "\ufeffUser-agent: other\nUser-agent: SAMSVAR/2\nDisallow: /a\nCrawl-delay: 2.5\n\n"
        "User-agent: *\nDisallow: /\nCrawl-delay: 60\n\nUser-agent: samsvar\nDisallow: /b\n"
    ).encode()
    rules = read_robot_rules(content, AGENT)
    assert [rules.allows(path) for path in ("/a", "/b", "/c")] == [False, False, True]
    assert rules.delay == 2.5
    assert read_robot_rules(content, "Stranger/1").allows("/c") is False


@pytest.mark.parametrize("delay", ["-1", "nan", "inf", "soon", ""])
def test_a_delay_that_is_no_time_is_none(delay: str) -> None:
    assert read_robot_rules(f"User-agent: *\nCrawl-delay: {delay}\n".encode(), AGENT).delay == 0


@pytest.mark.parametrize("content", [b"", b"<!doctype html><html><body>Not found</body></html>", b"\xff\xfe\x00", b":"])
def test_a_file_without_rules_allows_everything(content: bytes) -> None:
    assert read_robot_rules(content, AGENT).allows("/app/html")


def test_a_rule_of_many_wildcards_is_compared_at_once() -> None:
    rules = read_robot_rules(b"User-agent: *\nDisallow: /" + b"*a" * 5_000 + b"b$\n", AGENT)
    assert rules.allows("/" + "a" * 20_000)
