"""How one body writes its reports: the facts of its profile.toml, made into patterns that the steps of reading use."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from samsvar.errors import BadProfile, UnknownProfile

FOLDER: Final = "profiles"
GENERAL: Final = "general"  # the profile of reports whose body is not recognised
_WAYS_TO_CONCLUDE: Final = ("verbs", "recommendations", "nothing")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about one body's reports.

    `concludes_by` names how its conclusions are found: by its *verbs*, as numbered *recommendations* of a part of the
    report, or *nothing*. `annex` matches the start of an annex's heading; `part` the heading of the part in which a
    body that concludes by recommendations does so.
    """

    id: str
    version: int
    name: str
    concludes_by: str
    recognised_by: tuple[re.Pattern[str], ...]
    annex: re.Pattern[str] | None
    reference: re.Pattern[str] | None
    procedure: str | None  # where the body has one
    procedures: tuple[tuple[re.Pattern[str], str], ...]  # words of the first pages → procedure, first match counts
    part: re.Pattern[str] | None
    objects: re.Pattern[str] | None  # how a further thing is joined on to what was asked for ("as well as the …")
    about_the_convention: bool  # whether “Article 7” in a heading means the Istanbul Convention's

    @property
    def reader(self) -> str:
        """Who made the labels: "grevio 1"."""
        return f"{self.id} {self.version}"


def known_bodies() -> tuple[str, ...]:
    """The ids of all profiles but the general one, in the alphabet's order."""
    return tuple(body for body in _all_ids() if body != GENERAL)


@cache
def profile_of(body: str) -> Profile:
    """The profile with this id; UnknownProfile where there is none."""
    if body not in _all_ids():
        raise UnknownProfile(body, known_bodies())
    return _profile(body, _table_of(body))


def recognised(title: str, beginning: str) -> Profile:
    """The profile whose words speak from the title page, or else from the first pages; the general one for none."""
    best, most = profile_of(GENERAL), 0
    for body in known_bodies():
        profile = profile_of(body)
        score = sum(
            3 * bool(pattern.search(title)) + bool(pattern.search(beginning)) for pattern in profile.recognised_by
        )
        if score > most:
            best, most = profile, score
    return best


@cache
def _all_ids() -> tuple[str, ...]:
    folder = resources.files("samsvar.monitoring") / FOLDER
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / "profile.toml").is_file()))


@cache
def _table_of(body: str) -> Mapping[str, Any]:
    path = resources.files("samsvar.monitoring") / FOLDER / body / "profile.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"The profile “{body}” is no TOML: {error}") from error


def _profile(body: str, table: Mapping[str, Any]) -> Profile:
    """The profile that a table describes; BadProfile names what is missing or cannot be."""
    concludes_by = table.get("concludes_by", "verbs" if "wording" in table else "nothing")
    if concludes_by not in _WAYS_TO_CONCLUDE:
        raise BadProfile(f"The profile “{body}” concludes by “{concludes_by}”, which is none of {_WAYS_TO_CONCLUDE}.")
    for key in ("version", "name"):
        if key not in table:
            raise BadProfile(f"The profile “{body}” does not say its {key}.")
    document, recommendations = table.get("document", {}), table.get("recommendations", {})
    annex = [*table.get("asides", {}).get("annex", ())]
    if body != GENERAL:
        annex += _table_of(GENERAL)["asides"]["annex"]
    return Profile(
        id=body,
        version=table["version"],
        name=table["name"],
        concludes_by=concludes_by,
        recognised_by=tuple(_pattern(body, [words]) for words in table.get("recognise", {}).get("words", ())),
        annex=_pattern(body, annex, "(?:[IVXA-Z]{1,4}[.:]\\s*)?"),
        reference=_pattern(body, [document["reference"]], flags=0) if "reference" in document else None,
        procedure=document.get("procedure"),
        procedures=tuple((_pattern(body, [words]), name) for words, name in document.get("procedures", {}).items()),
        part=_pattern(body, recommendations["part"]) if "part" in recommendations else None,
        objects=_pattern(body, [recommendations["objects"]], flags=0) if "objects" in recommendations else None,
        about_the_convention=table.get("placing", {}).get("about_the_convention", False),
    )


def _pattern(body: str, words: Sequence[str], start: str = "", flags: int = re.IGNORECASE) -> re.Pattern[str]:
    try:
        return re.compile(f"{start}(?:{'|'.join(words)})", flags)
    except re.error as error:
        raise BadProfile(f"The profile “{body}” has a pattern that cannot be read: {error}") from error
