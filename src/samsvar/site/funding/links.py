"""Resolving what funding links point to: each app registers a resolver for its keys (`link_target:…`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from samsvar.site.shell import hooks


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The target of a link, as displayed."""

    title: str
    href: str
    language: str = ""  # of the title, if it is a quotation
    invented: bool = False


def resolve(kind: str, keys: Collection[str]) -> Mapping[str, LinkTarget]:
    """Return the targets of the known keys; empty if no app resolves the kind."""
    targets: dict[str, LinkTarget] = {}
    for resolver in hooks.providers(f"link_target:{kind}") if keys else ():
        targets |= resolver(keys)
    return targets


def has_resolver(kind: str) -> bool:
    """Return whether an app can tell if keys of this kind exist."""
    return bool(hooks.providers(f"link_target:{kind}"))
