"""What others may know of a person: visibility of each field, and the lawful ground it stands on.

A field is private unless the person, or a ground other than consent, says otherwise. `is_visible` is the one answer to
"may this viewer see this?"; it refuses whenever it does not know.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files

from samsvar.network.people import Field


class Visibility(StrEnum):
    """Who may see a field, from the narrowest to the widest."""

    ONLY_ME = "only_me"
    SECRETARIAT = "secretariat"  # the default of every field
    MY_NETWORKS = "my_networks"
    SIGNED_IN = "signed_in"
    PUBLIC = "public"

    @property
    def width(self) -> int:
        """0 for the narrowest to 4 for the widest: the order of the definition above."""
        return list(Visibility).index(self)


class Purpose(StrEnum):
    """What a person's details are used for; each use has a lawful ground of its own."""

    MEMBERSHIP = "membership"  # the network knows its members
    DIRECTORY = "directory"  # members and signed-in users find one another
    PUBLIC_ENTRY = "public_entry"  # everybody may read it, search engines included
    CONTACT = "contact"  # questions forwarded by the secretariat
    MEETINGS = "meetings"  # registration, attendance
    PROGRAMME = "programme"  # a speaker's name in a public programme
    PHOTOGRAPHS = "photographs"  # pictures taken at meetings
    MATCHING = "matching"  # proposed as somebody who may help with a gap
    SECURITY = "security"  # accounts, sessions, the trail


class Ground(StrEnum):
    """The lawful bases of Article 6(1) of the GDPR, points (a) to (f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


@dataclass(frozen=True, slots=True)
class Basis:
    """A lawful basis for one use of one person's details: consent, or another ground that somebody has recorded."""

    purpose: Purpose
    ground: Ground
    since: datetime
    until: datetime | None = None  # withdrawn, or no longer needed
    text_version: str = ""  # which text a consent was given to

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: nobody known (all False), a signed-in account, the person, a fellow member, or the secretariat."""

    signed_in: bool = False
    is_self: bool = False
    shares_network: bool = False
    is_secretariat: bool = False  # in an open staff session, for this person's network


ANYBODY = Viewer()

# The use that a visibility is: wider than the secretariat it needs a basis for that use.
PURPOSE_OF = {
    Visibility.MY_NETWORKS: Purpose.DIRECTORY,
    Visibility.SIGNED_IN: Purpose.DIRECTORY,
    Visibility.PUBLIC: Purpose.PUBLIC_ENTRY,
}

# No wider than this, whatever anybody chose: an address or a number on a public page is harvested by machines.
WIDEST = {
    Field.EMAIL: Visibility.SIGNED_IN,
    Field.TELEPHONE: Visibility.SIGNED_IN,
    Field.PHOTOGRAPH: Visibility.SIGNED_IN,  # a face on a public page is found again by search for faces
    Field.GENDER: Visibility.SECRETARIAT,
}


@cache  # of some hundred combinations, and asked of each field of each person on a page
def effective(field: Field, chosen: Visibility, held: frozenset[Purpose], *, at_risk: bool) -> Visibility:
    """The visibility that a field has now: what was chosen, narrowed by what is lawful and by safety.

    `held` are the purposes that a basis holds for at this moment. A person at risk is known to the secretariat alone.
    A public choice without its basis falls back to signed-in users where that has a basis, else to the secretariat.
    """
    widest = WIDEST.get(field, Visibility.PUBLIC)
    if at_risk:
        widest = Visibility.SECRETARIAT
    width = min(chosen.width, widest.width)
    for visibility in sorted(Visibility, key=lambda one: one.width, reverse=True):
        if visibility.width <= width and (visibility not in PURPOSE_OF or PURPOSE_OF[visibility] in held):
            return visibility
    return Visibility.ONLY_ME


def is_visible(visibility: Visibility, viewer: Viewer) -> bool:
    """Whether a viewer may see a field of this *effective* visibility."""
    if viewer.is_self:
        return True
    match visibility:
        case Visibility.ONLY_ME:
            return False
        case Visibility.SECRETARIAT:
            return viewer.is_secretariat
        case Visibility.MY_NETWORKS:
            return viewer.is_secretariat or viewer.shares_network
        case Visibility.SIGNED_IN:
            return viewer.is_secretariat or viewer.shares_network or viewer.signed_in
        case Visibility.PUBLIC:
            return True


# What each field is for: said beside it, and in the record of processing.
USED_FOR: dict[Field, tuple[Purpose, ...]] = {
    Field.NAME: (Purpose.MEMBERSHIP, Purpose.DIRECTORY, Purpose.MEETINGS),
    Field.TITLE: (Purpose.DIRECTORY, Purpose.MEETINGS),
    Field.ORGANISATION: (Purpose.MEMBERSHIP, Purpose.DIRECTORY, Purpose.MEETINGS),
    Field.COUNTRY: (Purpose.MEMBERSHIP, Purpose.DIRECTORY, Purpose.MEETINGS),
    Field.GROUP: (Purpose.MEMBERSHIP, Purpose.MEETINGS),
    Field.GENDER: (Purpose.MEETINGS,),
    Field.LANGUAGES: (Purpose.DIRECTORY, Purpose.MEETINGS, Purpose.MATCHING),
    Field.EXPERTISE: (Purpose.DIRECTORY, Purpose.MATCHING),
    Field.ABOUT: (Purpose.DIRECTORY,),
    Field.PHOTOGRAPH: (Purpose.DIRECTORY,),
    Field.EMAIL: (Purpose.CONTACT, Purpose.DIRECTORY),
    Field.TELEPHONE: (Purpose.CONTACT,),
    Field.NETWORKS: (Purpose.MEMBERSHIP, Purpose.DIRECTORY),
}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the text that somebody consents to; its sentences stand in the site's catalogue of words."""

    purpose: Purpose
    version: str  # "directory-1": kept with every consent given to it
    since: date


@cache
def consent_texts() -> tuple[ConsentText, ...]:
    """Every version of every text, the oldest of a purpose first."""
    return consent_texts_in(files("samsvar.network").joinpath("data", "consents.toml").read_text(encoding="utf-8"))


def consent_texts_in(text: str) -> tuple[ConsentText, ...]:
    """The versions of a TOML text, checked: each named once, and those of a purpose in the order of their days."""
    read = tuple(
        ConsentText(Purpose(one["purpose"]), one["version"], one["since"]) for one in tomllib.loads(text)["text"]
    )
    for place, one in enumerate(read):
        for other in read[:place]:
            if one.version == other.version:
                raise ValueError(f"the version “{one.version}” is named twice")
            if one.purpose == other.purpose and one.since < other.since:
                raise ValueError(f"“{one.version}” is older than “{other.version}”, which stands before it")
    return read


def current_text(purpose: Purpose) -> ConsentText | None:
    """The text that is asked for today; None for a use that nobody is asked to consent to."""
    return {one.purpose: one for one in consent_texts()}.get(purpose)


def purposes_asked() -> tuple[Purpose, ...]:
    """The uses that stand on consent here, unless another ground is recorded, in the order of the definition."""
    asked = {one.purpose for one in consent_texts()}
    return tuple(purpose for purpose in Purpose if purpose in asked)
