"""What public sources say of the networks in the field: what each is, who is named around it, what it has done."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from samsvar.dates import PartialDate, UnreadableDate, partial_date
from samsvar.languages import INTERFACE
from samsvar.network.membership import NetworkError
from samsvar.network.people import OrganisationKind
from samsvar.territories import territory


class BadFact(NetworkError):
    """An entry in a file of public facts cannot be believed."""

    code = "bad_fact"
    advice = "Mend the entry and load the file again."

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}, {place}: {problem}")
        self.file, self.place, self.problem = file, place, problem


class Confidence(StrEnum):
    """How sure a fact is, surest first; the same words as of the treaty's events."""

    CONFIRMED = "confirmed"  # two sources agree, or one official source says it
    SINGLE_SOURCE = "single-source"  # one source that is not official, or an official one that supports only a part
    FROM_MEMORY = "from-memory"  # no source: shown as unverified, counted nowhere


class Part(StrEnum):
    """What a source says of an organisation and a network. None of these makes it a member."""

    LEADS = "leads"
    ORGANISES = "organises"  # something that the network held
    PARTNER = "partner"  # of the network, of a meeting or of a practice
    ATTENDS = "attends"
    FIELD = "field"  # works in the field on the same funds; no source connects it with the network


class Tie(StrEnum):
    """What a gathering has to do with a network."""

    HELD = "held"  # by the network, or for it
    ATTENDED = "attended"  # held by others; a source says that members of the network took part
    BESIDE = "beside"  # of the same field and funds; no source says that it was the network's


class GatheringKind(StrEnum):
    """What kind of gathering it was."""

    CONFERENCE = "conference"
    NETWORK_MEETING = "network_meeting"
    STUDY_VISIT = "study_visit"
    PROGRAMME_EVENT = "programme_event"


class Form(StrEnum):
    """How people took part, where a source says so."""

    ONLINE = "online"
    HYBRID = "hybrid"


class Reckoning(StrEnum):
    """How a source puts the number of participants."""

    STATED = "stated"  # the bare number
    ABOUT = "about"
    NEARLY = "nearly"
    MORE_THAN = "more_than"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact carries: how sure it is, who says so, and what to know before relying on it."""

    confidence: Confidence
    source: str = ""
    second_source: str = ""
    note: str = ""  # in English, our own words

    def __post_init__(self) -> None:
        if not self.source and (self.second_source or self.confidence is not Confidence.FROM_MEMORY):
            raise ValueError("without a source it can only be from memory")

    @property
    def counts(self) -> bool:
        """Whether a number may rest on it."""
        return self.confidence is not Confidence.FROM_MEMORY

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.source, self.second_source)))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesNamed(Fact):
    """The states in which a source says, on a day, that a network has members."""

    on: PartialDate
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFact(Fact):
    """A network. `about` and `members` are sentences of our own, one for each language of the interface."""

    slug: str
    name: str  # as printed
    led_by: str  # code of a state
    lead: str  # slug of an organisation
    website: str
    about: tuple[tuple[str, str], ...]  # (language, sentence): what it is
    members: tuple[tuple[str, str], ...]  # (language, sentence): what its members are
    states: StatesNamed


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFact(Fact):
    """An organisation that sources name around a network."""

    slug: str
    names: tuple[tuple[str, str], ...]  # (language, name), as printed; always one in English
    kind: OrganisationKind
    state: str  # code; "" for an international organisation
    part: Part
    website: str = ""

    def name(self, language: str = "en") -> str:
        """The name in `language` where a source prints one, in English elsewhere."""
        names = dict(self.names)
        return names.get(language, names["en"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering(Fact):
    """A conference, meeting or visit. Without a day that a source gives, `begins` and `ends` are None."""

    network: str
    tie: Tie
    kind: GatheringKind
    form: Form | None  # None where no source says how people took part
    begins: PartialDate | None
    ends: PartialDate | None
    place: str  # "" online, and where no source names it
    state: str  # code; "" likewise
    title: str  # as printed; "" where it has none or none was seen
    language: str  # of the title
    about: str  # our own words, in English, where the title does not say what it was
    organiser: str  # in English; "" where none was seen
    organisations: tuple[str, ...]  # slugs of those among the organisers that we list
    participants: int | None
    reckoning: Reckoning | None  # None where there is no number
    meeting: str  # its key in samsvar.meetings.loading; "" where no source gives the days that a meeting needs

    def __post_init__(self) -> None:
        Fact.__post_init__(self)
        if (self.begins is None) is not (self.ends is None):
            raise ValueError("it has one end of its time and not the other")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise ValueError("it ends before it begins")
        if (self.participants is None) is not (self.reckoning is None):
            raise ValueError("a number of participants and how a source puts it go together")

    @property
    def precision(self) -> str:
        """ "day", "month" or "year", as exact as the source; "none" without a date."""
        return self.begins.precision if self.begins else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Fact):
    """Something that a network, or a gathering of it, brought out. `published` is None where no source gives a date."""

    network: str
    published: PartialDate | None
    state: str  # code of the state that it comes from or speaks of
    title: str  # as printed; "" where none was seen
    language: str  # of the title
    about: str  # our own words, in English
    by: str  # in English; "" where none was seen
    organisations: tuple[str, ...]  # slugs of those that made it and that we list


@cache
def networks() -> dict[str, NetworkFact]:
    """Every network by its slug."""
    return networks_in(data_file("networks.toml"))


@cache
def organisations() -> dict[str, OrganisationFact]:
    """Every organisation by its slug, those that lead and organise first."""
    return organisations_in(data_file("organisations.toml"))


@cache
def gatherings() -> tuple[Gathering, ...]:
    """Every gathering that we know of, by date, those without one last."""
    return gatherings_in(data_file("gatherings.csv"))


@cache
def publications() -> tuple[Publication, ...]:
    """Every publication that we know of."""
    return publications_in(data_file("publications.csv"))


def gatherings_of(network: str) -> tuple[Gathering, ...]:
    """What a network held itself, unverified ones too; `counted` leaves those out."""
    return tuple(one for one in gatherings() if one.network == network and one.tie is Tie.HELD)


def publications_of(network: str) -> tuple[Publication, ...]:
    """What a network brought out, unverified ones too."""
    return tuple(one for one in publications() if one.network == network)


def counted[F: Fact](facts: Iterable[F]) -> tuple[F, ...]:
    """Those of them that a number may rest on: what is only remembered is left out."""
    return tuple(one for one in facts if one.counts)


def data_file(name: str) -> str:
    """The text of one of the data files."""
    return files("samsvar.network").joinpath("data", name).read_text(encoding="utf-8")


def networks_in(text: str, file: str = "networks.toml") -> dict[str, NetworkFact]:
    """The networks of a TOML text. Raises BadFact for the first entry that does not hold."""
    return {slug: _built(file, slug, entry, _network) for slug, entry in _entries(text, file)}


def organisations_in(text: str, file: str = "organisations.toml") -> dict[str, OrganisationFact]:
    """The organisations of a TOML text. Raises BadFact for the first entry that does not hold."""
    return {slug: _built(file, slug, entry, _organisation) for slug, entry in _entries(text, file)}


def gatherings_in(text: str, file: str = "gatherings.csv") -> tuple[Gathering, ...]:
    """The gatherings of a CSV text. Raises BadFact for the first row that does not hold."""
    return tuple(_built(file, line, row, _gathering) for line, row in _rows(text, file, GATHERING))


def publications_in(text: str, file: str = "publications.csv") -> tuple[Publication, ...]:
    """The publications of a CSV text. Raises BadFact for the first row that does not hold."""
    return tuple(_built(file, line, row, _publication) for line, row in _rows(text, file, PUBLICATION))


SOURCED = ("confidence", "source", "second_source", "note")  # what `Fact` holds
NETWORK = ("name", "led_by", "lead", "website", "about", "members", "states", *SOURCED)
STATES = ("on", "codes", *SOURCED)
ORGANISATION = ("names", "kind", "state", "part", "website", *SOURCED)
GATHERING = (
    "network", "tie", "kind", "form", "from", "to", "place", "state", "title", "language", "about", "organiser",
    "organisations", "participants", "reckoning", "meeting", *SOURCED,
)  # fmt: skip
PUBLICATION = (
    "network", "published", "state", "title", "language", "about", "by", "organisations", *SOURCED,
)  # fmt: skip


def _entries(text: str, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table of a TOML text, by its slug."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as unreadable:
        raise BadFact(file, "the whole file", f"{unreadable}.") from unreadable
    for slug, entry in tables.items():
        if not isinstance(entry, dict):
            raise BadFact(file, slug, "it stands outside any entry.")
        yield slug, {"slug": slug, **entry}


def _rows(text: str, file: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of a CSV text, by its line."""
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if tuple(row) != columns or None in row.values():
            raise BadFact(file, f"line {line}", f"its columns are not {', '.join(columns)}.")
        yield f"line {line}", row


def _built[F: Fact](file: str, place: str, entry: dict[str, Any], build: Callable[[Mapping[str, Any]], F]) -> F:
    """The fact that an entry gives; whatever keeps it from holding becomes a BadFact with its place."""
    try:
        return build(entry)
    except UnreadableDate as unreadable:
        raise BadFact(file, place, unreadable.message) from unreadable
    except KeyError as missing:
        raise BadFact(file, place, f"“{missing.args[0]}” is missing.") from missing
    except (ValueError, TypeError, AttributeError) as wrong:
        raise BadFact(file, place, f"{wrong}.") from wrong


def _network(entry: Mapping[str, Any]) -> NetworkFact:
    _only(entry, NETWORK)
    return NetworkFact(
        slug=entry["slug"],
        name=entry["name"],
        led_by=_state(entry["led_by"]),
        lead=entry["lead"],
        website=entry["website"],
        about=_sentences(entry["about"]),
        members=_sentences(entry["members"]),
        states=_states(entry["states"]),
        **_sourced(entry),
    )


def _states(entry: Mapping[str, Any]) -> StatesNamed:
    _only(entry, STATES)
    on = partial_date(entry["on"])
    if on is None:
        raise ValueError("the states are named on no day")
    return StatesNamed(on=on, codes=tuple(_state(code) for code in entry["codes"]), **_sourced(entry))


def _organisation(entry: Mapping[str, Any]) -> OrganisationFact:
    _only(entry, ORGANISATION)
    if "en" not in entry["names"]:
        raise ValueError("it has no name in English")
    return OrganisationFact(
        slug=entry["slug"],
        names=tuple(entry["names"].items()),
        kind=OrganisationKind(entry["kind"]),
        state=_state(entry["state"], or_none=entry["kind"] == OrganisationKind.INTERNATIONAL_ORGANISATION),
        part=Part(entry["part"]),
        website=entry.get("website", ""),
        **_sourced(entry),
    )


def _gathering(row: Mapping[str, Any]) -> Gathering:
    return Gathering(
        network=row["network"],
        tie=Tie(row["tie"]),
        kind=GatheringKind(row["kind"]),
        form=Form(row["form"]) if row["form"] else None,
        begins=partial_date(row["from"]),
        ends=partial_date(row["to"]),
        place=row["place"],
        state=_state(row["state"], or_none=not row["place"]),
        title=row["title"],
        language=row["language"],
        about=row["about"],
        organiser=row["organiser"],
        organisations=_slugs(row["organisations"]),
        participants=_number(row["participants"]),
        reckoning=Reckoning(row["reckoning"]) if row["reckoning"] else None,
        meeting=row["meeting"],
        **_sourced(row),
    )


def _publication(row: Mapping[str, Any]) -> Publication:
    return Publication(
        network=row["network"],
        published=partial_date(row["published"]),
        state=_state(row["state"], or_none=True),
        title=row["title"],
        language=row["language"],
        about=row["about"],
        by=row["by"],
        organisations=_slugs(row["organisations"]),
        **_sourced(row),
    )


def _sourced(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What every fact carries, from its entry."""
    return {
        "confidence": Confidence(entry["confidence"]),
        "source": entry["source"],
        "second_source": entry.get("second_source", ""),
        "note": entry.get("note", ""),
    }


def _only(entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """A misspelt key would be lost unseen."""
    if unknown := entry.keys() - {"slug", *known}:
        raise ValueError(f"nothing is known of “{min(unknown)}”")


def _sentences(entry: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if tuple(entry) != INTERFACE:
        raise ValueError(f"a sentence is asked for in {', '.join(INTERFACE)}, and in this order")
    return tuple(entry.items())


def _state(code: str, *, or_none: bool = False) -> str:
    """The code again, if there is such a state; "" only where there may be none."""
    known = territory(code)
    if known and known.code == code and not known.invented:
        return code
    if or_none and not code:
        return code
    raise ValueError(f"“{code}” is no known state")


def _slugs(written: str) -> tuple[str, ...]:
    return tuple(written.split("|")) if written else ()


def _number(written: str) -> int | None:
    """A whole number above nothing; None for ""."""
    if written and not re.fullmatch(r"[1-9][0-9]*", written):
        raise ValueError(f"“{written}” is no number of people")
    return int(written) if written else None
