"""The rules of a server's robots.txt (RFC 9309) for one program.

`urllib.robotparser` takes the first rule that fits and knows no wildcards: it allows what "Disallow: /*/html" forbids,
and forbids what a longer "Allow" allows.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final
from urllib.parse import quote

_TOKEN: Final = re.compile(r"[a-z_-]*", re.IGNORECASE)  # of a program's name, without its version
_ESCAPED: Final = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_UNRESERVED: Final = frozenset(string.ascii_letters + string.digits + "-._~")


@dataclass(frozen=True, slots=True)
class RobotRules:
    """The rules for one program: patterns of paths, each allowed or not, and the seconds between two requests."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allows(self, path: str) -> bool:
        """Return whether a path, with its query, may be fetched: the longest rule counts, of two the allowing one."""
        plain = _normalise(path)
        matching = [(len(pattern), is_allowed) for pattern, is_allowed in self.rules if _matches(pattern, plain)]
        return max(matching, default=(0, True))[1]


def read_robot_rules(content: bytes, program: str) -> RobotRules:
    """Return the rules for a program: those of the groups with its name, or those for all (*) if there is none."""
    groups: dict[str, list[tuple[str, str]]] = {}
    names: list[str] = []
    is_open = False  # whether further names belong to the same group
    for key, value in _iter_lines(content):
        if key == "user-agent":
            names = [*names, _find_token(value)] if is_open else [_find_token(value)]
            is_open = True
            groups.setdefault(names[-1], [])
        elif key in ("allow", "disallow", "crawl-delay"):
            is_open = False
            for name in names:
                groups[name].append((key, value))
    lines = groups.get(_find_token(program), groups.get("*", []))
    rules = tuple((_normalise(value), key == "allow") for key, value in lines if key != "crawl-delay" and value)
    return RobotRules(rules, max((_parse_delay(value) for key, value in lines if key == "crawl-delay"), default=0.0))


def _iter_lines(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the keys, in small letters, and the values of the lines that have both parts."""
    for line in content.decode("utf-8-sig", "replace").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _find_token(name: str) -> str:
    match = _TOKEN.match(name.strip())
    return "*" if name.strip().startswith("*") else match[0].lower() if match else ""


def _parse_delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if isfinite(seconds) and seconds > 0 else 0.0


def _normalise(path: str) -> str:
    """Return a path as rules compare it: letters outside ASCII escaped, and no letter escaped that need not be."""

    def unescape(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPED.sub(unescape, quote(path, safe=string.punctuation))


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern fits the beginning of a path; * is any text, and $ at the end the end of the path."""
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    last = others.pop() if is_whole and others else None
    for piece in others:
        start = path.find(piece, place)
        if start < 0:
            return False
        place = start + len(piece)
    if not is_whole:
        return True
    return place == len(path) if last is None else path.endswith(last) and len(path) - len(last) >= place
