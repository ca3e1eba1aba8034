"""The visibility of a person's details, and the legal bases for showing them.

A field is private unless the person, or a legal basis other than consent, makes it visible. `is_visible` is
the only function that decides whether a viewer may see a field; when in doubt, it returns False.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache

from samsvar.network.people import Field
from samsvar.text import read_data_file


class Visibility(StrEnum):
    """The people who may see a field, from the narrowest choice to the widest."""

    ONLY_ME = "only_me"
    SECRETARIAT = "secretariat"  # the default of every field
    MY_NETWORKS = "my_networks"
    SIGNED_IN = "signed_in"
    PUBLIC = "public"

    @property
    def width(self) -> int:
        """Return the rank of the visibility, from 0 (narrowest) to 4 (widest)."""
        return list(Visibility).index(self)


class Purpose(StrEnum):
    """The purposes for which a person's details are processed; each needs its own legal basis."""

    MEMBERSHIP = "membership"  # the network's record of its members
    DIRECTORY = "directory"  # members and signed-in users find one another
    PUBLIC_ENTRY = "public_entry"  # visible to everyone, including search engines
    CONTACT = "contact"  # questions forwarded by the secretariat
    MEETINGS = "meetings"  # registration, attendance
    PROGRAMME = "programme"  # a speaker's name in a public programme
    PHOTOGRAPHS = "photographs"  # pictures taken at meetings
    MATCHING = "matching"  # suggested as someone who may help to close a gap
    SECURITY = "security"  # accounts, sessions, the audit log


class LegalBasis(StrEnum):
    """The legal bases of Article 6(1) GDPR, points (a) to (f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


@dataclass(frozen=True, slots=True)
class Basis:
    """A recorded legal basis (consent or another) for processing one person's details for one purpose."""

    purpose: Purpose
    ground: LegalBasis
    since: datetime
    until: datetime | None = None  # when consent was withdrawn, or the basis was no longer needed
    text_version: str = ""  # the version of the text that the person consented to

    def is_active_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The relation of a viewer to the person viewed; all fields are False for an anonymous viewer."""

    signed_in: bool = False
    is_self: bool = False
    shares_network: bool = False
    is_secretariat: bool = False  # in an open staff session, and responsible for this person's network


ANONYMOUS = Viewer()

# The purpose of each visibility wider than the secretariat, which needs a legal basis for that purpose.
PURPOSE_FOR_VISIBILITY = {
    Visibility.MY_NETWORKS: Purpose.DIRECTORY,
    Visibility.SIGNED_IN: Purpose.DIRECTORY,
    Visibility.PUBLIC: Purpose.PUBLIC_ENTRY,
}

# The widest visibility allowed, whatever the person chose, because addresses and phone numbers on public
# pages are harvested.
WIDEST_VISIBILITY = {
    Field.EMAIL: Visibility.SIGNED_IN,
    Field.TELEPHONE: Visibility.SIGNED_IN,
    Field.PHOTOGRAPH: Visibility.SIGNED_IN,  # public photographs can be found through face search
    Field.GENDER: Visibility.SECRETARIAT,
}


@cache  # about a hundred combinations, used for each field of each person on a page
def effective_visibility(
    field: Field, chosen: Visibility, allowed_purposes: frozenset[Purpose], *, at_risk: bool
) -> Visibility:
    """Return the visibility that applies now: the chosen one, limited by legal bases and by the person's safety.

    `allowed_purposes` are the purposes that currently have a valid legal basis. Details of a person at risk are
    visible to the secretariat at most. A public field without a legal basis for publication is visible to
    signed-in users if there is a basis for that, and otherwise only to the secretariat.
    """
    widest = WIDEST_VISIBILITY.get(field, Visibility.PUBLIC)
    if at_risk:
        widest = Visibility.SECRETARIAT
    max_rank = min(chosen.width, widest.width)
    for visibility in reversed(Visibility):
        if visibility.width <= max_rank and (
            visibility not in PURPOSE_FOR_VISIBILITY or PURPOSE_FOR_VISIBILITY[visibility] in allowed_purposes
        ):
            return visibility
    return Visibility.ONLY_ME


def is_visible(visibility: Visibility, viewer: Viewer) -> bool:
    """Return whether a viewer may see a field with this *effective* visibility."""
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


# The purposes of each field, shown next to it and in the record of processing activities.
FIELD_PURPOSES: dict[Field, tuple[Purpose, ...]] = {
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
    """One version of a consent text; its sentences are translatable strings of the site."""

    purpose: Purpose
    version: str  # for example "directory-1"; saved with every consent to this text
    since: date


@cache
def consent_texts() -> tuple[ConsentText, ...]:
    """Return every version of every consent text, oldest first within each purpose."""
    return parse_consent_texts(read_data_file("samsvar.network", "consents.toml"))


def parse_consent_texts(text: str) -> tuple[ConsentText, ...]:
    """Parse consent texts from TOML.

    Raises ValueError if a version occurs twice or the versions of a purpose are not in chronological order.
    """
    texts = tuple(
        ConsentText(Purpose(entry["purpose"]), entry["version"], entry["since"])
        for entry in tomllib.loads(text)["text"]
    )
    for index, entry in enumerate(texts):
        for other in texts[:index]:
            if entry.version == other.version:
                raise ValueError(f"the version “{entry.version}” occurs twice")
            if entry.purpose == other.purpose and entry.since < other.since:
                raise ValueError(f"“{entry.version}” is older than “{other.version}”, which comes before it")
    return texts


def current_consent_text(purpose: Purpose) -> ConsentText | None:
    """Return the current consent text for a purpose, or None if the purpose is not based on consent."""
    return {one.purpose: one for one in consent_texts()}.get(purpose)
