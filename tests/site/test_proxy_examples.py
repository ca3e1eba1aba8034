"""The proxy examples of the documentation write no secret of a link into the proxy's log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from samsvar.site.shell.cache import TOKEN_ARGUMENTS

GUIDE = (Path(__file__).resolve().parents[2] / "docs/how-to/deploy.md").read_text(encoding="utf-8")
SECRET_ARGUMENTS = TOKEN_ARGUMENTS | {"code"}  # what is printed below a visa for checking it
# below these, `code` is that of a state
PUBLIC_CODES = (
    "/en/countries/", "/en/evidence/states/", "/en/figures/", "/en/report-drafts/", "/en/exchange/leads/",
    "/en/exchange/countries/",
)  # fmt: skip
SECRET = "0123456789abcdefghij-ABCDEFGHIJ_0123456789ab"


def mask_as_nginx(address: str) -> str:
    """Return what the nginx example logs: the path without its query, through the map."""
    pattern, shown = re.search(r'"~(\S+)" "(\S+)";', GUIDE).groups()
    path = address.partition("?")[0]
    match = re.match(pattern.replace("(?<", "(?P<"), path)
    return re.sub(r"\$(\w+)", lambda name: match[name[1]], shown) if match else path


def mask_as_caddy(address: str) -> str:
    """Return what the Caddy example logs: the address with every match of its filter replaced."""
    pattern, shown = re.search(r'request>uri regexp "(.+)" "(.+)"', GUIDE).groups()
    return re.sub(pattern, shown, address)


def routes(
    resolver: URLResolver, above: str = "", arguments: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the name of each route, an address with our secret for each secret argument, and all its arguments."""
    for part in resolver.url_patterns:
        own = [
            *getattr(part.pattern, "converters", {}),
            *getattr(getattr(part.pattern, "regex", None), "groupindex", {}),
        ]
        address = above + fill(str(part.pattern))
        if isinstance(part, URLPattern):
            yield str(part.name), "/" + address, {*arguments, *own}
        else:
            yield from routes(part, address, (*arguments, *own))


def fill(route: str) -> str:
    """Return the route with a value for each argument: our secret for those that must not be logged."""
    named = r"<(?:\w+:)?(\w+)>" if "(?P" not in route else r"\(\?P<(\w+)>[^)]+\)"
    filled = re.sub(named, lambda match: SECRET if match[1] in SECRET_ARGUMENTS else "8", route)
    return filled.replace("^", "").replace("$", "")


@pytest.mark.parametrize("mask", [mask_as_nginx, mask_as_caddy])
def test_no_secret_of_any_route_is_logged(mask: Callable[[str], str]):
    secret_routes = 0
    for name, address, arguments in routes(get_resolver()):
        if arguments & SECRET_ARGUMENTS and not address.startswith(PUBLIC_CODES):
            assert SECRET in address, (name, address)
            for shown in (address, f"{address}?next={SECRET}", f"{address}?q=a%20name"):
                assert SECRET not in mask(shown), name
                assert "name" not in mask(shown).replace("/name", ""), name
            secret_routes += 1
    assert secret_routes >= 17  # the check is not vacuous


@pytest.mark.parametrize("mask", [mask_as_nginx, mask_as_caddy])
def test_other_addresses_are_logged_as_they_are(mask):
    for address in ("/en/", "/en/countries/NO/", "/nb/meetings/demo-meeting/programme/", "/en/meetings/commitments/"):
        assert mask(address) == address
        assert mask(f"{address}?q=someone").rstrip("-") == address
