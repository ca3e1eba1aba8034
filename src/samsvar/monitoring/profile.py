"""The profile of a monitoring body: the data of its profile.toml, compiled into patterns for the pipeline."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from samsvar.errors import InvalidProfile, UnknownProfile

FOLDER: Final = "profiles"
GENERAL: Final = "general"  # the profile for reports whose body is not recognised
_CONCLUSION_METHODS: Final = ("verbs", "recommendations", "nothing")


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of a body: how to recognise its reports and find its conclusions.

    `concludes_by` says how conclusions are found: by *verbs*, as numbered *recommendations* in one part of the
    report, or not at all (*nothing*). `annex` matches the start of an annex's heading, and
    `recommendations_part` matches the heading of the part with the recommendations.
    """

    id: str
    version: int
    name: str
    concludes_by: str
    recognition_patterns: tuple[re.Pattern[str], ...]
    annex: re.Pattern[str] | None
    reference: re.Pattern[str] | None
    state_under_review: re.Pattern[str] | None  # on the title page; its group `state` begins with the state's name
    procedure: str | None  # if the body has only one procedure
    procedures: tuple[tuple[re.Pattern[str], str], ...]  # pattern on the first pages → procedure; the first match wins
    recommendations_part: re.Pattern[str] | None
    about_the_convention: bool  # whether “Article 7” in a heading is an article of the Istanbul Convention

    @property
    def reader(self) -> str:
        """Return the id and version of the profile, such as "grevio 1", which are recorded with each finding."""
        return f"{self.id} {self.version}"


def known_bodies() -> tuple[str, ...]:
    """Return the ids of all profiles except the general one, sorted."""
    return tuple(body for body in _profile_ids() if body != GENERAL)


@cache
def get_profile(body: str) -> Profile:
    """Return the profile with this id. Raises UnknownProfile if there is none."""
    if body not in _profile_ids():
        raise UnknownProfile(body, known_bodies())
    return _build_profile(body, load_profile_table(body))


def recognise_profile(title: str, beginning: str) -> Profile:
    """Return the profile whose patterns best match the title page and first pages; the general one if none match.

    Where two match equally well, it is the one that matches the title page better.
    """
    best, best_score = get_profile(GENERAL), 0
    profiles = [get_profile(body) for body in known_bodies()]
    title_scores = {profile.id: 3 * _count_matches(profile, title) for profile in profiles}
    for profile in sorted(profiles, key=lambda profile: -title_scores[profile.id]):
        score = title_scores[profile.id]
        if score + len(profile.recognition_patterns) > best_score:  # otherwise no match on the first pages is enough
            score += _count_matches(profile, beginning)
        if score > best_score:
            best, best_score = profile, score
    return best


def _count_matches(profile: Profile, text: str) -> int:
    """Return how many of a profile's recognition patterns match in a text."""
    return sum(pattern.search(text) is not None for pattern in profile.recognition_patterns)


@cache
def _profile_ids() -> tuple[str, ...]:
    folder = resources.files("samsvar.monitoring") / FOLDER
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / "profile.toml").is_file()))


@cache
def load_profile_table(body: str) -> Mapping[str, Any]:
    """Return the contents of a profile.toml. Raises InvalidProfile if it is not valid TOML."""
    path = resources.files("samsvar.monitoring") / FOLDER / body / "profile.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidProfile(f"The profile “{body}” is not valid TOML: {error}") from error


def _build_profile(body: str, table: Mapping[str, Any]) -> Profile:
    """Build a profile from its TOML table. Raises InvalidProfile if a key is missing or invalid."""
    concludes_by = table.get("concludes_by", "verbs" if "wording" in table else "nothing")
    if concludes_by not in _CONCLUSION_METHODS:
        raise InvalidProfile(
            f"The profile “{body}” sets concludes_by to “{concludes_by}”, which is not one of {_CONCLUSION_METHODS}."
        )
    for key in ("version", "name"):
        if key not in table:
            raise InvalidProfile(f"The profile “{body}” has no {key}.")
    document, recommendations = table.get("document", {}), table.get("recommendations", {})
    annex = [*table.get("asides", {}).get("annex", ())]
    if body != GENERAL:
        annex += load_profile_table(GENERAL)["asides"]["annex"]
    return Profile(
        id=body,
        version=table["version"],
        name=table["name"],
        concludes_by=concludes_by,
        recognition_patterns=tuple(
            _compile_pattern(body, [words]) for words in table.get("recognise", {}).get("words", ())
        ),
        annex=_compile_pattern(body, annex, "(?:[IVXA-Z]{1,4}[.:]\\s*)?"),
        reference=_compile_pattern(body, [document["reference"]], flags=0) if "reference" in document else None,
        state_under_review=_compile_pattern(body, [document["state"]]) if "state" in document else None,
        procedure=document.get("procedure"),
        procedures=tuple(
            (_compile_pattern(body, [words]), name) for words, name in document.get("procedures", {}).items()
        ),
        recommendations_part=_compile_pattern(body, recommendations["part"]) if "part" in recommendations else None,
        about_the_convention=table.get("placing", {}).get("about_the_convention", False),
    )


def _compile_pattern(body: str, words: Sequence[str], start: str = "", flags: int = re.IGNORECASE) -> re.Pattern[str]:
    try:
        return re.compile(f"{start}(?:{'|'.join(words)})", flags)
    except re.error as error:
        raise InvalidProfile(f"The profile “{body}” contains an invalid pattern: {error}") from error
