"""Who takes part: the four groups of people, the kinds of organisation, and what is known of a person."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """The four groups that met in Bucharest in June 2019, as the ministry's own text names them."""

    POLITICIANS = "politicians"
    PRACTITIONERS = "practitioners"
    RESEARCHERS = "researchers"
    CIVIL_SOCIETY = "civil_society"


class OrganisationKind(StrEnum):
    """What kind of body an organisation is."""

    MINISTRY = "ministry"
    CO_ORDINATING_BODY = "co_ordinating_body"  # Article 10 of the Convention
    POLICE = "police"
    JUSTICE = "justice"
    HEALTH = "health"
    SOCIAL_SERVICE = "social_service"
    SHELTER_NGO = "shelter_ngo"
    RESEARCH = "research"
    INTERNATIONAL_ORGANISATION = "international_organisation"


class Field(StrEnum):
    """What a person's entry can hold; each has a visibility of its own."""

    NAME = "name"
    TITLE = "title"  # what they do: "head of section"
    ORGANISATION = "organisation"  # a public id of the list, or words: `organisation_in_words`
    COUNTRY = "country"
    GROUP = "group"
    GENDER = "gender"  # as the person gives it, for attendance figures
    LANGUAGES = "languages"
    EXPERTISE = "expertise"  # articles and concepts
    ABOUT = "about"
    PHOTOGRAPH = "photograph"
    EMAIL = "email"  # a contact address, not the one that signs in
    TELEPHONE = "telephone"
    NETWORKS = "networks"  # memberships: that one belongs to a network, and as what


LONGEST_ORGANISATION = 120  # said in words
IN_WORDS = "“"  # a value of `Field.ORGANISATION` that begins so is no public id


def organisation_in_words(said: str) -> str:
    """The value of `Field.ORGANISATION` for one that the list has not: “House by the Sea”, in quotation marks.

    No public id begins with such a mark, so that one value says which of the two it is, and nobody has both.
    """
    return f"{IN_WORDS}{' '.join(said.split())[:LONGEST_ORGANISATION].strip()}”"


def words_of_organisation(value: str) -> str:
    """The words of a value of `Field.ORGANISATION`; "" of one that is a public id."""
    return value[1:-1] if value.startswith(IN_WORDS) and value.endswith("”") else ""


def share_of_groups(groups: list[Group | None]) -> dict[Group | None, tuple[int, float]]:
    """How many of each group, and their share of all (0 to 1); None stands for people whose group nobody has said.

    All four groups are always there, so that an absent one is seen. Shares are of all people, the unsaid included.
    """
    whole = len(groups)
    kinds: list[Group | None] = [*Group, *([None] if None in groups else [])]
    counted = {kind: groups.count(kind) for kind in kinds}
    return {kind: (count, count / whole if whole else 0.0) for kind, count in counted.items()}
