"""How a link of money finds the thing it leads to: each room says at the start how its keys are resolved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resolved:
    """A thing as a link shows it."""

    title: str
    href: str
    language: str = ""  # of the title, where it is a quotation
    invented: bool = False


type Resolver = Callable[[Collection[str]], Mapping[str, Resolved]]

_RESOLVERS: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """Say how keys of a kind are resolved, all of them in one question. The latest word holds."""
    _RESOLVERS[kind] = resolver


def resolved(kind: str, keys: Collection[str]) -> Mapping[str, Resolved]:
    """What those of the keys lead to that are known; nothing where no room speaks for the kind."""
    resolver = _RESOLVERS.get(kind)
    return resolver(keys) if resolver and keys else {}


def speaks_for(kind: str) -> bool:
    """Whether a room can say if a key of this kind leads anywhere."""
    return kind in _RESOLVERS
