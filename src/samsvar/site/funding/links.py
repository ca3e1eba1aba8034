"""The targets of funding links, found by functions that other apps register as `link_target:…` hooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from samsvar.site.shell import hooks


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The page that a link points to, as displayed."""

    title: str
    href: str
    language: str = ""  # language of the title, if it is quoted
    fictional: bool = False


def resolve_targets(kind: str, keys: Collection[str]) -> Mapping[str, LinkTarget]:
    """Return the targets of those keys that exist; empty if no app can resolve links of this kind."""
    targets: dict[str, LinkTarget] = {}
    for resolver in hooks.providers(f"link_target:{kind}") if keys else ():
        targets |= resolver(keys)
    return targets


def has_resolver(kind: str) -> bool:
    """Return whether an app can check that keys of this kind exist."""
    return bool(hooks.providers(f"link_target:{kind}"))
