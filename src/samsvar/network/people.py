"""People in networks: the four groups, the kinds of organisation, and the fields of a person's profile."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """The four groups that met in Bucharest in June 2019, as named by the ministry that co-organised the conference."""

    POLITICIANS = "politicians"
    PRACTITIONERS = "practitioners"
    RESEARCHERS = "researchers"
    CIVIL_SOCIETY = "civil_society"


class OrganisationKind(StrEnum):
    """The kind of an organisation."""

    MINISTRY = "ministry"
    CO_ORDINATING_BODY = "co_ordinating_body"  # Article 10 of the Convention
    POLICE = "police"
    JUSTICE = "justice"
    HEALTH = "health"
    SOCIAL_SERVICE = "social_service"
    SHELTER_NGO = "shelter_ngo"
    RESEARCH = "research"
    NATIONAL_INSTITUTION = "national_institution"  # a national human rights institution or equality body
    INTERNATIONAL_ORGANISATION = "international_organisation"


class Field(StrEnum):
    """A field of a person's profile, with a visibility of its own."""

    NAME = "name"
    TITLE = "title"  # the person's position: "head of section"
    ORGANISATION = "organisation"  # a listed organisation's public id, or free text: see `format_unlisted_organisation`
    COUNTRY = "country"
    GROUP = "group"
    GENDER = "gender"  # self-described, for attendance figures
    LANGUAGES = "languages"
    EXPERTISE = "expertise"  # articles and concepts
    ABOUT = "about"
    PHOTOGRAPH = "photograph"
    EMAIL = "email"  # a contact address, not the one used to sign in
    TELEPHONE = "telephone"
    NETWORKS = "networks"  # the person's memberships and their offices


MAX_ORGANISATION_LENGTH = 120  # characters of free text
FREE_TEXT_MARK = "“"  # values of `Field.ORGANISATION` that begin with this mark are free text, not public ids


def format_unlisted_organisation(name: str) -> str:
    """Return the value of `Field.ORGANISATION` for an unlisted organisation: its name in quotation marks.

    No public id begins with a quotation mark, so a value such as “House by the Sea” cannot be confused with
    one.
    """
    return f"{FREE_TEXT_MARK}{' '.join(name.split())[:MAX_ORGANISATION_LENGTH].strip()}”"


def parse_unlisted_organisation(value: str) -> str:
    """Return the name of an unlisted organisation from a value of `Field.ORGANISATION`; "" for a public id."""
    return value[1:-1] if value.startswith(FREE_TEXT_MARK) and value.endswith("”") else ""


def group_shares(groups: list[Group | None]) -> dict[Group | None, tuple[int, float]]:
    """Return the number of people in each group and their share (0 to 1); None is the key for people without a group.

    All four groups are always included, so that a missing one is noticed. Shares are of all people, including
    those without a group.
    """
    total = len(groups)
    listed_groups: list[Group | None] = [*Group, *([None] if None in groups else [])]
    counts = {kind: groups.count(kind) for kind in listed_groups}
    return {kind: (count, count / total if total else 0.0) for kind, count in counts.items()}
