"""Participants: the four groups of people, the kinds of organisation, and the fields of a person's profile."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """The four groups that met in Bucharest in June 2019, as named by the ministry."""

    POLITICIANS = "politicians"
    PRACTITIONERS = "practitioners"
    RESEARCHERS = "researchers"
    CIVIL_SOCIETY = "civil_society"


class OrganisationKind(StrEnum):
    """The kinds of organisation."""

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
    """The fields of a person's profile, each with its own visibility."""

    NAME = "name"
    TITLE = "title"  # the person's position: "head of section"
    ORGANISATION = "organisation"  # public id of a listed organisation, or free text: see `unlisted_organisation`
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


MAX_ORGANISATION_LENGTH = 120  # in characters, as free text
FREE_TEXT_MARK = "“"  # values of `Field.ORGANISATION` that begin with this mark are free text, not public ids


def unlisted_organisation(name: str) -> str:
    """Return the value of `Field.ORGANISATION` for an unlisted organisation: “House by the Sea”, in quotation marks.

    No public id begins with a quotation mark, so a single value can hold either and the two cannot be confused.
    """
    return f"{FREE_TEXT_MARK}{' '.join(name.split())[:MAX_ORGANISATION_LENGTH].strip()}”"


def unlisted_organisation_name(value: str) -> str:
    """Return the free text in a value of `Field.ORGANISATION`, or "" if the value is a public id."""
    return value[1:-1] if value.startswith(FREE_TEXT_MARK) and value.endswith("”") else ""


def group_shares(groups: list[Group | None]) -> dict[Group | None, tuple[int, float]]:
    """Return the number of people in each group and their share (0 to 1). None is for people without a group.

    All four groups are always included, so that a missing one is noticed. Shares are of all people, including
    those without a group.
    """
    total = len(groups)
    listed_groups: list[Group | None] = [*Group, *([None] if None in groups else [])]
    counts = {kind: groups.count(kind) for kind in listed_groups}
    return {kind: (count, count / total if total else 0.0) for kind, count in counts.items()}
