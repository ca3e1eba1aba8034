"""Public facts about networks, read from data files: networks, organisations, gatherings and publications."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.network.membership import NetworkError
from samsvar.network.people import OrganisationKind
from samsvar.territories import territory
from samsvar.text import read_data_file


class InvalidFact(NetworkError):
    """Raised when an entry in a file of public facts is invalid."""

    advice = "Correct the entry and load the file again."

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}, {place}: {problem}")
        self.file, self.place, self.problem = file, place, problem


class Confidence(StrEnum):
    """The reliability of a fact, highest first; the same values as for treaty events."""

    CONFIRMED = "confirmed"  # two sources agree, or one official source says it
    # a single unofficial source, or an official one that supports only part of the fact
    SINGLE_SOURCE = "single-source"
    UNVERIFIED = "from-memory"  # no source: shown as unverified and never counted


class OrganisationRole(StrEnum):
    """The role of an organisation in a network, according to a source. No role makes the organisation a member."""

    LEADS = "leads"
    ORGANISES = "organises"  # organised an event that the network held
    PARTNER = "partner"  # of the network, of a meeting or of a practice
    ATTENDS = "attends"
    FIELD = "field"  # works in the same field with the same funds; no source links it to the network


class GatheringRelation(StrEnum):
    """The relation of a gathering to a network."""

    HELD = "held"  # by the network, or for it
    ATTENDED = "attended"  # held by others; a source says that members of the network took part
    SAME_FIELD = "beside"  # same field and funds, but no source says that it is the network's


class GatheringKind(StrEnum):
    """The kind of a gathering."""

    CONFERENCE = "conference"
    NETWORK_MEETING = "network_meeting"
    STUDY_VISIT = "study_visit"
    PROGRAMME_EVENT = "programme_event"


class GatheringFormat(StrEnum):
    """The way in which people took part in a gathering, if a source says so."""

    ONLINE = "online"
    HYBRID = "hybrid"


class CountPrecision(StrEnum):
    """The precision with which a source gives the number of participants."""

    STATED = "stated"  # the number is given without qualification
    ABOUT = "about"
    NEARLY = "nearly"
    MORE_THAN = "more_than"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The base class of all facts, with their reliability, their sources, and a note on their limits."""

    confidence: Confidence
    source: str = ""
    second_source: str = ""
    note: str = ""  # in English, in our own words

    def __post_init__(self) -> None:
        if not self.source and (self.second_source or self.confidence is not Confidence.UNVERIFIED):
            raise ValueError("without a source it can only be marked “from-memory”")

    @property
    def counts(self) -> bool:
        """Return whether the fact is verified; only verified facts may be included in figures."""
        return self.confidence is not Confidence.UNVERIFIED

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.source, self.second_source)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStates(Fact):
    """The states in which a network had members on a given date, according to a source."""

    on: PartialDate
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFact(Fact):
    """A network. `about` and `members` are our own sentences, one per interface language."""

    slug: str
    name: str  # as printed
    led_by: str  # state code
    lead: str  # organisation slug
    website: str
    about: tuple[tuple[str, str], ...]  # (language, sentence): what the network is
    members: tuple[tuple[str, str], ...]  # (language, sentence): who its members are
    states: MemberStates


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFact(Fact):
    """An organisation that sources mention in connection with a network."""

    slug: str
    names: tuple[tuple[str, str], ...]  # (language, name), as printed; always includes English
    kind: OrganisationKind
    state: str  # state code; "" for an international organisation
    part: OrganisationRole
    website: str = ""

    def name(self, language: str = "en") -> str:
        """Return the name in `language` if a source prints one, otherwise in English."""
        names = dict(self.names)
        return names.get(language, names["en"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering(Fact):
    """A conference, meeting or visit. `begins` and `ends` are None if no source gives a date."""

    network: str
    relation: GatheringRelation
    kind: GatheringKind
    form: GatheringFormat | None  # None if no source says how people took part
    begins: PartialDate | None
    ends: PartialDate | None
    place: str  # "" if it was online or no source names the place
    state: str  # state code; "" in the same cases as `place`
    title: str  # as printed; "" if it has none or we do not know it
    language: str  # of the title
    about: str  # in our own words, in English, if the title does not describe it
    organiser: str  # in English; "" if unknown
    organisations: tuple[str, ...]  # slugs of the organisers that we list
    participants: int | None
    reckoning: CountPrecision | None  # None if the number is not known
    meeting: str  # its key in samsvar.meetings.loading; "" if no source gives the dates that a meeting needs

    def __post_init__(self) -> None:
        Fact.__post_init__(self)
        if (self.begins is None) is not (self.ends is None):
            raise ValueError("it has a start or an end, but not both")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise ValueError("it ends before it starts")
        if (self.participants is None) is not (self.reckoning is None):
            raise ValueError("a number of participants requires the source's way of counting, and vice versa")

    @property
    def precision(self) -> str:
        """Return the precision of the date in the source: "day", "month" or "year"; "none" without a date."""
        return self.begins.precision if self.begins else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Fact):
    """A publication by a network or from one of its gatherings. `published` is None if no source gives a date."""

    network: str
    published: PartialDate | None
    state: str  # code of the state that it comes from or is about
    title: str  # as printed; "" if we do not know it
    language: str  # of the title
    about: str  # in our own words, in English
    by: str  # in English; "" if unknown
    organisations: tuple[str, ...]  # slugs of the authoring organisations that we list


@cache
def networks() -> dict[str, NetworkFact]:
    """Return every network by slug."""
    return parse_networks(read_data_file("samsvar.network", "networks.toml"))


@cache
def organisations() -> dict[str, OrganisationFact]:
    """Return every organisation by slug, in the order of organisations.toml."""
    return parse_organisations(read_data_file("samsvar.network", "organisations.toml"))


@cache
def gatherings() -> tuple[Gathering, ...]:
    """Return every known gathering in the order of gatherings.csv: by date, with undated gatherings last."""
    return parse_gatherings(read_data_file("samsvar.network", "gatherings.csv"))


@cache
def publications() -> tuple[Publication, ...]:
    """Return every known publication."""
    return parse_publications(read_data_file("samsvar.network", "publications.csv"))


def gatherings_held_by(network: str) -> tuple[Gathering, ...]:
    """Return the gatherings that a network itself held, including unverified ones (see `filter_verified`)."""
    return tuple(one for one in gatherings() if one.network == network and one.relation is GatheringRelation.HELD)


def network_publications(network: str) -> tuple[Publication, ...]:
    """Return the publications of a network, including unverified ones."""
    return tuple(one for one in publications() if one.network == network)


def filter_verified[F: Fact](facts: Iterable[F]) -> tuple[F, ...]:
    """Return only the verified facts, because unverified ones may not be included in figures."""
    return tuple(one for one in facts if one.counts)


def parse_networks(text: str, file: str = "networks.toml") -> dict[str, NetworkFact]:
    """Parse networks from TOML. Raises InvalidFact for the first invalid entry."""
    return {slug: _build_fact(file, slug, entry, _build_network) for slug, entry in _iter_toml_entries(text, file)}


def parse_organisations(text: str, file: str = "organisations.toml") -> dict[str, OrganisationFact]:
    """Parse organisations from TOML. Raises InvalidFact for the first invalid entry."""
    return {slug: _build_fact(file, slug, entry, _build_organisation) for slug, entry in _iter_toml_entries(text, file)}


def parse_gatherings(text: str, file: str = "gatherings.csv") -> tuple[Gathering, ...]:
    """Parse gatherings from CSV. Raises InvalidFact for the first invalid row."""
    return tuple(
        _build_fact(file, line, row, _build_gathering) for line, row in _iter_csv_rows(text, file, GATHERING_COLUMNS)
    )


def parse_publications(text: str, file: str = "publications.csv") -> tuple[Publication, ...]:
    """Parse publications from CSV. Raises InvalidFact for the first invalid row."""
    return tuple(
        _build_fact(file, line, row, _build_publication)
        for line, row in _iter_csv_rows(text, file, PUBLICATION_COLUMNS)
    )


FACT_KEYS = ("confidence", "source", "second_source", "note")  # the fields of `Fact`
NETWORK_KEYS = ("name", "led_by", "lead", "website", "about", "members", "states", *FACT_KEYS)
STATES_KEYS = ("on", "codes", *FACT_KEYS)
ORGANISATION_KEYS = ("names", "kind", "state", "part", "website", *FACT_KEYS)
GATHERING_COLUMNS = (
    "network", "tie", "kind", "form", "from", "to", "place", "state", "title", "language", "about", "organiser",
    "organisations", "participants", "reckoning", "meeting", *FACT_KEYS,
)  # fmt: skip
PUBLICATION_COLUMNS = (
    "network", "published", "state", "title", "language", "about", "by", "organisations", *FACT_KEYS,
)  # fmt: skip


def _iter_toml_entries(text: str, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (slug, entry) for each table in a TOML text."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as unreadable:
        raise InvalidFact(file, "the whole file", f"{unreadable}.") from unreadable
    for slug, entry in tables.items():
        if not isinstance(entry, dict):
            raise InvalidFact(file, slug, "it is outside any entry.")
        yield slug, {"slug": slug, **entry}


def _iter_csv_rows(text: str, file: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (line label, row) for each row in a CSV text."""
    for number, record in enumerate(csv.DictReader(text.splitlines()), start=2):
        if tuple(record) != columns or None in record.values():
            raise InvalidFact(file, f"line {number}", f"the columns must be {', '.join(columns)}.")
        yield f"line {number}", record


def _build_fact[F: Fact](file: str, place: str, entry: dict[str, Any], build: Callable[[Mapping[str, Any]], F]) -> F:
    """Build a fact from an entry. Raises InvalidFact, with the place of the entry, if anything in it is invalid."""
    try:
        return build(entry)
    except UnreadableDate as date_error:
        raise InvalidFact(file, place, date_error.message) from date_error
    except KeyError as error:
        raise InvalidFact(file, place, f"“{error.args[0]}” is missing.") from error
    except (ValueError, TypeError, AttributeError) as value_error:
        raise InvalidFact(file, place, f"{value_error}.") from value_error


def _build_network(entry: Mapping[str, Any]) -> NetworkFact:
    _reject_unknown_keys(entry, NETWORK_KEYS)
    return NetworkFact(
        **select_values(entry, "slug", "name", "lead", "website"),
        led_by=check_state_code(entry["led_by"]),
        about=tuple(parse_translations(entry["about"]).items()),
        members=tuple(parse_translations(entry["members"]).items()),
        states=_build_member_states(entry["states"]),
        **fact_values(entry),
    )


def _build_member_states(entry: Mapping[str, Any]) -> MemberStates:
    _reject_unknown_keys(entry, STATES_KEYS)
    on = parse_partial_date(entry["on"])
    if on is None:
        raise ValueError("the states have no date")
    return MemberStates(on=on, codes=tuple(check_state_code(code) for code in entry["codes"]), **fact_values(entry))


def _build_organisation(entry: Mapping[str, Any]) -> OrganisationFact:
    _reject_unknown_keys(entry, ORGANISATION_KEYS)
    if "en" not in entry["names"]:
        raise ValueError("it has no name in English")
    return OrganisationFact(
        slug=entry["slug"],
        names=tuple(entry["names"].items()),
        kind=OrganisationKind(entry["kind"]),
        state=check_state_code(
            entry["state"], allow_empty=entry["kind"] == OrganisationKind.INTERNATIONAL_ORGANISATION
        ),
        part=OrganisationRole(entry["part"]),
        website=entry.get("website", ""),
        **fact_values(entry),
    )


def _build_gathering(entry: Mapping[str, Any]) -> Gathering:
    return Gathering(
        **select_values(entry, "network", "place", "title", "language", "about", "organiser", "meeting"),
        relation=GatheringRelation(entry["tie"]),
        kind=GatheringKind(entry["kind"]),
        form=GatheringFormat(entry["form"]) if entry["form"] else None,
        begins=parse_partial_date(entry["from"]),
        ends=parse_partial_date(entry["to"]),
        state=check_state_code(entry["state"], allow_empty=not entry["place"]),
        organisations=_split_slugs(entry["organisations"]),
        participants=_parse_participants(entry["participants"]),
        reckoning=CountPrecision(entry["reckoning"]) if entry["reckoning"] else None,
        **fact_values(entry),
    )


def _build_publication(entry: Mapping[str, Any]) -> Publication:
    return Publication(
        **select_values(entry, "network", "title", "language", "about", "by"),
        published=parse_partial_date(entry["published"]),
        state=check_state_code(entry["state"], allow_empty=True),
        organisations=_split_slugs(entry["organisations"]),
        **fact_values(entry),
    )


def select_values(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some values of an entry, for the fields with the same names."""
    return {name: entry[name] for name in names}


def fact_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields that all facts have in common."""
    return {
        "confidence": Confidence(entry["confidence"]),
        "source": entry["source"],
        "second_source": entry.get("second_source", ""),
        "note": entry.get("note", ""),
    }


def _reject_unknown_keys(entry: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """Raise ValueError for an unknown key, because a misspelt key would otherwise be ignored."""
    if unknown := entry.keys() - {"slug", *allowed}:
        raise ValueError(f"there is no field “{min(unknown)}”")


def parse_translations(entry: Mapping[str, str]) -> dict[str, str]:
    """Return our own sentence in each interface language. Raises ValueError if a language is missing."""
    if tuple(entry) != INTERFACE_LANGUAGES:
        raise ValueError(f"a sentence is required in {', '.join(INTERFACE_LANGUAGES)}, in this order")
    return dict(entry)


def check_state_code(code: str, *, allow_empty: bool = False) -> str:
    """Return the code of a real state; raise ValueError for any other code, or for "" without `allow_empty`."""
    state = territory(code)
    if state and state.code == code and not state.fictional:
        return code
    if allow_empty and not code:
        return code
    raise ValueError(f"“{code}” is not a known state")


def _split_slugs(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _parse_participants(text: str) -> int | None:
    """Parse a positive whole number, or "" as None. Raises ValueError for anything else."""
    if text and not re.fullmatch(r"[1-9][0-9]*", text):
        raise ValueError(f"“{text}” is not a number of people")
    return int(text) if text else None
