"""Write docs/reference/rights.md from the code: what each role may do, and who can open which address.

`python tools/rights.py` writes it, `python tools/rights.py check` says whether it is out of date. The test that visits
every address as every role (tests/site/test_every_address.py) uses the same functions to know what to expect.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samsvar.network.rights import (
    ALLOWED_SCOPES,
    CLAIM_SCOPES,
    INDEPENDENT_CLAIMS,
    REQUIRED_SCOPES,
    ROLE_CLAIMS,
    STAFF_ROLES,
    STAFF_SESSION_CLAIMS,
    UNREFUSABLE_CLAIMS,
    AccessDecision,
    Claim,
    Grant,
    Role,
    Scope,
    decide_access,
)

ROOT = Path(__file__).resolve().parent.parent
MISUSE = ROOT / "docs/reference/misuse.toml"
PAGE = ROOT / "docs/reference/rights.md"
ANY_DAY = datetime(2026, 11, 24, tzinfo=UTC)  # no role in the table has an end date

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

# An allauth function that calls a class internally; this cannot be detected from outside (65.21).
METHODS_BY_NAME = {"account_email_verification_sent": frozenset({"GET"})}


@dataclass(frozen=True, slots=True)
class Route:
    """An address: its name, its pattern, the claim it requires and the methods it accepts."""

    name: str  # with its namespace; the pattern if the address has no name
    pattern: str
    door: Claim | None
    methods: frozenset[str]


def main() -> int:
    """Write the page, or with `check` report whether it is out of date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.testing")
    import django

    django.setup()
    page = render_page()
    if sys.argv[1:] == ["check"]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is old. Run: python tools/rights.py\n")
            return 1
        return 0
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


# --- The page ---------------------------------------------------------------------------------------------------------


def all_routes() -> list[Route]:
    """Return every address of the site, in the order in which Django resolves them."""
    from django.urls import get_resolver

    return list(_walk_patterns(get_resolver().url_patterns, "/", ""))


def _walk_patterns(patterns: Iterable[Any], before: str, namespace: str) -> Iterator[Route]:
    from django.urls import LocalePrefixPattern, URLPattern

    from samsvar.site.shell.view_permissions import get_required_claim

    for one in patterns:
        if isinstance(one, URLPattern):
            written = before + _readable_pattern(one)
            name = f"{namespace}{one.name}" if one.name else written
            yield Route(
                name,
                written,
                get_required_claim(one.callback),
                METHODS_BY_NAME.get(name) or allowed_methods(one.callback),
            )
        else:
            prefix = "{language}/" if isinstance(one.pattern, LocalePrefixPattern) else str(one.pattern)
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk_patterns(one.url_patterns, before + prefix, inner)


def _readable_pattern(pattern: Any) -> str:
    """Return the pattern in readable form: `<slug:public_id>` and `(?P<key>…)` both become `{key}`."""
    said = re.sub(r"\(\?P<(\w+)>(?:[^()]|\[[^]]*\])*\)", r"{\1}", str(pattern.pattern))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", said).strip("^$").removesuffix("\\Z")


def allowed_methods(view: Callable[..., Any]) -> frozenset[str]:
    """Return which of GET and POST the view accepts, from Django's `require_…` decorators or the class's methods."""
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


# --- What a visitor gets ----------------------------------------------------------------------------------------------

OUTCOMES = {
    AccessDecision.ALLOWED: "opens",
    AccessDecision.SIGN_IN: "sign-in",
    AccessDecision.SECOND_FACTOR: "second factor",
    AccessDecision.STAFF_SESSION: "staff session",
    AccessDecision.REFUSED: "refused",
    AccessDecision.NOT_GRANTED: "refused",
}


def typical_grant(role: Role) -> Grant:
    """Return a typical grant of the role: a national desk with a country, an organiser with a meeting."""
    return Grant(role, Scope(**{REQUIRED_SCOPES[role]: "somewhere"}) if role in REQUIRED_SCOPES else Scope())


def cell_mark(claim: Claim, role: Role | None, *, signed_in: bool = True) -> str:
    """The content of a cell: what the permission check answers to this role, given everything it can have."""
    grants = [typical_grant(role)] if role else []

    def meets(factor: bool, session: bool) -> str:
        said = decide_access(
            claim,
            signed_in=signed_in,
            grants=grants,
            moment=ANY_DAY,
            second_factor=factor,
            staff_session=session,
        )
        return OUTCOMES[said]

    bare, proven = meets(False, False), meets(True, True)
    if proven != "opens" or bare == "opens":
        return MARKS[proven]
    return MARKS["staff session" if meets(True, False) == "staff session" else "second factor"]


# --- The page ---------------------------------------------------------------------------------------------------------

INTRODUCTION = """\
# Permissions by role

Generated by `python tools/rights.py` from `samsvar.network.rights` and from the permission decorators of the views; do
not edit. A test requests every address as every role and compares, and fails for an address that is not listed here.

● yes · `2` after a second factor · `2+s` after a second factor, in a staff session with a reason · `b` only within the
role's limit · `in` sign in first · a dot: no. A blocked permission overrides every role and is checked first.
"""


def render_page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_claims_table(), "", *_bindings(), "", *_misuse(), *_address_table(), ""])


def _claims_table() -> Iterator[str]:
    yield "## Permissions"
    yield ""
    yield "| permission | not signed in | no role | " + " | ".join(HEADINGS.values()) + " |"
    yield "| --- " * (3 + len(HEADINGS)) + "|"
    for claim in Claim:
        cells = [
            cell_mark(claim, None, signed_in=False),
            cell_mark(claim, None),
            *(_claim_cell(claim, role) for role in HEADINGS),
        ]
        yield f"| `{claim}` | " + " | ".join(cells) + " |"


def _claim_cell(claim: Claim, role: Role) -> str:
    bound = role in REQUIRED_SCOPES and claim in ROLE_CLAIMS[role] and CLAIM_SCOPES.get(claim) == REQUIRED_SCOPES[role]
    return cell_mark(claim, role) + (" b" if bound else "")


def _bindings() -> Iterator[str]:
    yield "## Limits and blocks"
    yield ""
    for role, dimension in ALLOWED_SCOPES.items():
        must = "is always limited to" if role in REQUIRED_SCOPES else "can be limited to"
        yield f"- `{role}` {must} one {dimension}."
    unbound = ", ".join(f"`{role}`" for role in Role if role not in ALLOWED_SCOPES)
    yield f"- {unbound} apply to the whole site."
    staff_roles = ", ".join(f"`{role}`" for role in Role if role in STAFF_ROLES)
    yield f"- These roles need a second factor: {staff_roles}."
    claims = ", ".join(f"`{claim}`" for claim in Claim if claim in STAFF_SESSION_CLAIMS)
    yield f"- These permissions need a staff session: {claims}."
    for dimension in ("state", "network", "meeting"):
        claims = ", ".join(f"`{claim}`" for claim in Claim if CLAIM_SCOPES.get(claim) == dimension)
        yield f"- Checked by {dimension}, and blocked for one {dimension} or for all: {claims}."
    yield f"- Cannot be blocked: {', '.join(f'`{c}`' for c in Claim if c in UNREFUSABLE_CLAIMS)}."
    claims = ", ".join(f"`{claim}`" for claim in Claim if claim in INDEPENDENT_CLAIMS)
    yield f"- Do not apply to a state that the account is bound to, whatever its other roles: {claims}. A role limited"
    yield "  to a state binds the account, after its end for as long as it lasted (at most a year); so does being"
    yield "  its national contact point in a network, or a member for its ministry or co-ordinating body."


def load_misuse() -> dict[str, dict[str, str]]:
    """Return who would gain from misusing each permission, what prevents it and what remains open, by claim."""
    return tomllib.loads(MISUSE.read_text(encoding="utf-8"))


def _misuse() -> Iterator[str]:
    yield "## Misuse"
    yield ""
    yield "Who would gain from misusing each permission, what prevents that, and what remains open. The text is from"
    yield "`docs/reference/misuse.toml`; a test fails for a permission without an entry."
    yield ""
    entries = load_misuse()
    for claim in Claim:
        entry = entries[claim]
        yield f"- **`{claim}`**"
        yield f"  - *Who gains:* {entry['gains']}"
        yield f"  - *What prevents it:* {entry['safeguards']}"
        if entry["open"]:
            yield f"  - *Open:* {entry['open']}"
    yield ""


def _address_table() -> Iterator[str]:
    yield "## Addresses"
    yield ""
    yield "The answer of the permission check to each role. Then the view checks the object itself: this country, this"
    yield "network, this person. Where even its existence is confidential, the answer is “not found”."
    yield ""
    yield "| address | methods | permission | not signed in | no role | " + " | ".join(HEADINGS.values()) + " |"
    yield "| --- " * (5 + len(HEADINGS)) + "|"
    for route in all_routes():
        if route.door is None:
            cells = [MARKS["refused"]] * (2 + len(HEADINGS))
        else:
            cells = [
                cell_mark(route.door, None, signed_in=False),
                cell_mark(route.door, None),
                *(cell_mark(route.door, role) for role in HEADINGS),
            ]
        takes = " ".join(sorted(route.methods))
        yield f"| `{route.pattern}` | {takes} | `{route.door or 'none'}` | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
