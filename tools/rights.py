"""Writes docs/reference/rights.md from the code: what each role may do, and which address opens to whom.

`python tools/rights.py` writes it, `python tools/rights.py check` says whether it is old. The same functions tell the
test that goes to every address as every role (tests/site/test_every_address.py) what it should meet there.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samsvar.network.rights import (
    ASKED_BY,
    BOUND,
    HELD,
    IN_STAFF_SESSION,
    MAY_BE_BOUND,
    NEVER_REFUSED,
    STAFF,
    Answer,
    Claim,
    Grant,
    Role,
    Scope,
    answer,
)

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/rights.md"
ANY_DAY = datetime(2026, 11, 24, tzinfo=UTC)  # no role in the table has an end

HEADINGS = {
    Role.READER: "reader",
    Role.CONTRIBUTOR: "contrib.",
    Role.EDITOR: "editor",
    Role.REVIEWER: "reviewer",
    Role.SECRETARIAT: "secret.",
    Role.NATIONAL_DESK: "desk",
    Role.ORGANISER: "organ.",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "admin.",
}
MARKS = {"opens": "●", "second factor": "2", "staff session": "2+s", "refused": "·", "sign-in": "in"}

# A function of allauth's that calls a class inside: nothing about it says so from outside (65.21).
TAKES = {"account_email_verification_sent": frozenset({"GET"})}


@dataclass(frozen=True, slots=True)
class Route:
    """One address: what it is called, how it is written, which claim opens it and which requests it takes."""

    name: str  # with its namespace; an address without a name is called by its pattern
    pattern: str
    door: Claim | None
    methods: frozenset[str]


def main() -> int:
    """Write the page, or with `check` say whether it is old."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.testing")
    import django

    django.setup()
    page = table()
    if sys.argv[1:] == ["check"]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is old. Run: python tools/rights.py\n")
            return 1
        return 0
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


# --- What the addresses are -------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """Every address of the site, in the order in which they are looked through."""
    from django.urls import get_resolver

    return list(_walk(get_resolver().url_patterns, "/", ""))


def _walk(patterns: Iterable[Any], before: str, namespace: str) -> Iterator[Route]:
    from django.urls import LocalePrefixPattern, URLPattern

    from samsvar.site.shell.view_permissions import door_of

    for one in patterns:
        if isinstance(one, URLPattern):
            written = before + _written(one)
            name = f"{namespace}{one.name}" if one.name else written
            yield Route(name, written, door_of(one.callback), TAKES.get(name) or methods_of(one.callback))
        else:
            prefix = "{language}/" if isinstance(one.pattern, LocalePrefixPattern) else str(one.pattern)
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, before + prefix, inner)


def _written(pattern: Any) -> str:
    """The pattern as people write it: `<slug:public_id>` and `(?P<key>…)` both become `{key}`."""
    said = re.sub(r"\(\?P<(\w+)>(?:[^()]|\[[^]]*\])*\)", r"{\1}", str(pattern.pattern))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", said).strip("^$").removesuffix("\\Z")


def methods_of(view: Callable[..., Any]) -> frozenset[str]:
    """GET and POST as far as the view takes them: from Django's `require_…` decorators, or from the class's methods."""
    allowed = {"GET", "POST"}
    step: Any = view
    while step is not None:
        if (kind := getattr(step, "view_class", None)) is not None:
            allowed &= {name.upper() for name in kind.http_method_names if hasattr(kind, name)}
        if inspect.isfunction(step):
            said = inspect.getclosurevars(step).nonlocals.get("request_method_list")
            if said is not None:
                allowed &= set(said)
        step = getattr(step, "__wrapped__", None)
    return frozenset(allowed)


# --- What a visitor meets ---------------------------------------------------------------------------------------------

MEETS = {
    Answer.YES: "opens",
    Answer.SIGN_IN: "sign-in",
    Answer.SECOND_FACTOR: "second factor",
    Answer.STAFF_SESSION: "staff session",
    Answer.REFUSED: "refused",
    Answer.NO: "refused",
}


def bound_somewhere(role: Role) -> Grant:
    """The role as somebody has it who has it at all: a desk with a country, an organiser with a meeting."""
    return Grant(role, Scope(**{BOUND[role]: "somewhere"}) if role in BOUND else Scope())


def mark(claim: Claim, role: Role | None, *, signed_in: bool = True) -> str:
    """What stands in a cell: what this role meets at the door, with everything that can be shown to it."""
    grants = [bound_somewhere(role)] if role else []

    def meets(factor: bool, session: bool) -> str:
        said = answer(
            claim,
            signed_in=signed_in,
            grants=grants,
            moment=ANY_DAY,
            second_factor=factor,
            staff_session=session,
        )
        return MEETS[said]

    bare, proven = meets(False, False), meets(True, True)
    if proven != "opens" or bare == "opens":
        return MARKS[proven]
    return MARKS["staff session" if meets(True, False) == "staff session" else "second factor"]


# --- The page ---------------------------------------------------------------------------------------------------------

INTRODUCTION = """\
# Who may do what

Written by `python tools/rights.py` from `samsvar.network.rights` and from the doors of the views; do not edit. A test
goes to every address as every role and compares, and fails for an address that is not here.

● yes · `2` after a second factor · `2+s` after a second factor, in a staff session with a reason · `b` only for what
the role is bound to · `in` sign in first · a dot: no. A refusal stands above every role and is asked first; nothing in
these tables answers it back.
"""


def table() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_claims(), "", *_bonds(), "", *_addresses(), ""])


def _claims() -> Iterator[str]:
    yield "## Claims"
    yield ""
    yield "| claim | not signed in | no role | " + " | ".join(HEADINGS.values()) + " |"
    yield "| --- " * (3 + len(HEADINGS)) + "|"
    for claim in Claim:
        cells = [mark(claim, None, signed_in=False), mark(claim, None), *(_cell(claim, role) for role in HEADINGS)]
        yield f"| `{claim}` | " + " | ".join(cells) + " |"


def _cell(claim: Claim, role: Role) -> str:
    bound = role in BOUND and claim in HELD[role] and ASKED_BY.get(claim) == BOUND[role]
    return mark(claim, role) + (" b" if bound else "")


def _bonds() -> Iterator[str]:
    yield "## Bonds and refusals"
    yield ""
    for role, dimension in MAY_BE_BOUND.items():
        must = "is always bound to" if role in BOUND else "may be bound to"
        yield f"- `{role}` {must} one {dimension}."
    unbound = ", ".join(f"`{role}`" for role in Role if role not in MAY_BE_BOUND)
    yield f"- {unbound} hold for the whole site."
    yield f"- A second factor is asked for what these roles give: {', '.join(f'`{r}`' for r in Role if r in STAFF)}."
    yield f"- A staff session is asked for: {', '.join(f'`{c}`' for c in Claim if c in IN_STAFF_SESSION)}."
    for dimension in ("state", "network", "meeting"):
        claims = ", ".join(f"`{claim}`" for claim in Claim if ASKED_BY.get(claim) == dimension)
        yield f"- Asked by {dimension}, and refused for one {dimension} or for all: {claims}."
    yield f"- Cannot be refused: {', '.join(f'`{c}`' for c in Claim if c in NEVER_REFUSED)}."


def _addresses() -> Iterator[str]:
    yield "## Addresses"
    yield ""
    yield "What a role meets at the door. Behind it the view asks again about the thing itself: this country, this"
    yield "network, this person. What is nobody's business answers “not found”, as if it were not there."
    yield ""
    yield "| address | takes | door | not signed in | no role | " + " | ".join(HEADINGS.values()) + " |"
    yield "| --- " * (5 + len(HEADINGS)) + "|"
    for route in routes():
        if route.door is None:
            cells = [MARKS["refused"]] * (2 + len(HEADINGS))
        else:
            cells = [
                mark(route.door, None, signed_in=False),
                mark(route.door, None),
                *(mark(route.door, role) for role in HEADINGS),
            ]
        takes = " ".join(sorted(route.methods))
        yield f"| `{route.pattern}` | {takes} | `{route.door or 'none'}` | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
