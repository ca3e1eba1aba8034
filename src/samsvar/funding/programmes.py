"""What money was meant for: programmes, calls, bilateral initiatives and projects, with partners on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount, FundingError, totals
from samsvar.ids import slug as slug_of
from samsvar.network.loading import Confidence, Fact


class Kind(StrEnum):
    """What an activity is. A total must never add two kinds: a project's money is its programme's."""

    PROGRAMME = "programme"
    CALL = "call"
    INITIATIVE = "initiative"  # bilateral: of partners on both sides, beside the programme's projects
    PROJECT = "project"


# What an activity can be a part of.
PART_OF: dict[Kind, tuple[Kind, ...]] = {
    Kind.PROGRAMME: (),
    Kind.CALL: (Kind.PROGRAMME,),
    Kind.INITIATIVE: (Kind.PROGRAMME,),
    Kind.PROJECT: (Kind.PROGRAMME, Kind.CALL),
}


class Form(StrEnum):
    """How a call, an initiative or a project came about, or what it is; none where no source says."""

    OPEN_CALL = "open_call"
    SMALL_GRANTS = "small_grants"
    CONFERENCE = "conference"
    WORKSHOP = "workshop"
    PARTNERSHIP = "partnership"  # preparation of one
    STUDY_VISIT = "study_visit"
    PREDEFINED = "predefined"
    FROM_CALL = "from_call"


FORMS: dict[Kind, tuple[Form, ...]] = {
    Kind.PROGRAMME: (),
    Kind.CALL: (Form.OPEN_CALL, Form.SMALL_GRANTS),
    Kind.INITIATIVE: (Form.CONFERENCE, Form.WORKSHOP, Form.PARTNERSHIP, Form.STUDY_VISIT),
    Kind.PROJECT: (Form.PREDEFINED, Form.FROM_CALL),
}


class Scheme(StrEnum):
    """The two sets of grants from which a part of the money may come."""

    EEA = "eea"  # of Iceland, Liechtenstein and Norway
    NORWAY = "norway"  # of Norway alone


class Side(StrEnum):
    """On which side of the money a partner stands."""

    DONOR = "donor"
    BENEFICIARY = "beneficiary"
    INTERNATIONAL = "international"


class Role(StrEnum):
    """What a partner does."""

    OPERATOR = "operator"  # of the programme
    PROMOTER = "promoter"  # of the project or initiative
    PARTNER = "partner"
    ADVISER = "adviser"


@dataclass(frozen=True, slots=True)
class Partner:
    """A body that takes part. `state` is "" for an international one, `organisation` its slug where we list it."""

    name: str
    role: Role
    side: Side
    state: str = ""
    organisation: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or self.name != self.name.strip() or any(sign in self.name for sign in "|\r\n"):
            raise ValueError("a partner has a name of one line, without a stroke")
        if self.side is Side.INTERNATIONAL and self.state:
            raise ValueError("an international partner is of no state")


class Contradiction(FundingError):
    """What an activity says of itself does not go together. `column` is where to look."""

    code = "contradiction"
    advice = "Look at the source once more."

    def __init__(self, column: str, message: str, code: str) -> None:
        super().__init__(message)
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Fact):
    """A programme, call, initiative or project, as its sources tell of it.

    `slug` is its address and its identity: it stays when the code or the title is corrected.
    """

    slug: str
    kind: Kind
    title: str
    language: str = "en"  # of the title
    code: str = ""  # as the funds print it; "" where none was seen
    form: Form | None = None
    period: str = ""  # "2014-2021"
    part_of: str = ""  # slug of the programme or call
    donors: tuple[str, ...] = ()  # states
    beneficiaries: tuple[str, ...] = ()  # states
    areas: tuple[str, ...] = ()  # keys of areas.toml, the main one first
    grant: Amount | None = None
    parts: tuple[tuple[Scheme, Amount], ...] = ()
    cofinancing: Amount | None = None
    gbv: Amount | None = None  # the part known to serve domestic and gender-based violence
    begins: PartialDate | None = None
    ends: PartialDate | None = None
    partners: tuple[Partner, ...] = ()
    about: str = ""  # our own words
    from_memory: tuple[str, ...] = ()  # columns of it that no source says: only remembered
    read_on: date | None = None  # when the source was read
    invented: bool = False

    def __post_init__(self) -> None:
        Fact.__post_init__(self)
        if not self.title.strip():
            raise Contradiction("title", "It has no title.", "no_title")
        if not self.slug or self.slug != slug_of(self.slug):
            raise Contradiction("id", f"“{self.slug}” is no short name for an address.", "no_slug")
        if self.form is not None and self.form not in FORMS[self.kind]:
            raise Contradiction("form", f"A {self.kind} is no {self.form.replace('_', ' ')}.", "wrong_form")
        if self.part_of and not PART_OF[self.kind]:
            raise Contradiction("part_of", "A programme is a part of nothing.", "programme_in_programme")
        if self.part_of == self.slug:
            raise Contradiction("part_of", "It is a part of itself.", "part_of_itself")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise Contradiction("ends", f"It ends ({self.ends}) before it begins ({self.begins}).", "ends_first")
        self._amounts_go_together()

    def _amounts_go_together(self) -> None:
        amounts = [one for one in (self.grant, self.cofinancing, self.gbv, *(part for _, part in self.parts)) if one]
        if any(one.value < 0 for one in amounts):
            raise Contradiction("grant", "An amount is below nothing.", "negative_amount")
        if len({one.currency for one in amounts}) > 1:
            raise Contradiction("currency", "Its amounts are in different currencies.", "different_currencies")
        if self.grant is None:
            return
        if self.parts and sum(part.value for _, part in self.parts) > self.grant.value:
            raise Contradiction("grant", "Its parts are more than the grant.", "parts_exceed_grant")
        if self.gbv and self.gbv.value > self.grant.value:
            raise Contradiction("gbv_share", "The part for the field is more than the grant.", "share_exceeds_grant")

    @property
    def currency(self) -> str:
        """Of its amounts; "" where it has none."""
        amounts = (self.grant, self.cofinancing, self.gbv, *(part for _, part in self.parts))
        return next((one.currency for one in amounts if one), "")

    def part(self, scheme: Scheme) -> Amount | None:
        return dict(self.parts).get(scheme)

    def without_memory(self) -> Activity:
        """The activity without what no source says of it: that is told to nobody as a fact."""
        fields: dict[str, Any] = {}
        for column in self.from_memory:
            if column in _SCHEME_OF:
                kept = fields.get("parts", self.parts)
                fields["parts"] = tuple(one for one in kept if one[0] is not _SCHEME_OF[column])
            else:
                fields |= _BLANK[column]
        return replace(self, **fields, from_memory=()) if fields else self


_SCHEME_OF = {"grant_eea": Scheme.EEA, "grant_norway": Scheme.NORWAY}
_BLANK: dict[str, dict[str, Any]] = {
    "code": {"code": ""},
    "form": {"form": None},
    "period": {"period": ""},
    "areas": {"areas": ()},
    "grant": {"grant": None},
    "cofinancing": {"cofinancing": None},
    "gbv_share": {"gbv": None},
    "begins": {"begins": None},
    "ends": {"ends": None},
    "partners": {"partners": ()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Fact):
    """A total as a factsheet gives it. Others give others: each is shown with its source, and none is counted."""

    slug: str
    kind: str  # "area" or "sector"
    code: str
    name: str
    period: str
    amount: Amount
    on: PartialDate | None = None  # of the factsheet, where it says one
    read_on: date | None = None

    @property
    def counts(self) -> bool:
        """Never: what contradicts another figure can be believed of neither."""
        return False


@dataclass(frozen=True, slots=True)
class Sums:
    """What may be added of a list of activities, and of how many an amount is known."""

    grants: tuple[Amount, ...] = ()
    gbv: tuple[Amount, ...] = ()
    programmes: int = 0  # that may be counted
    with_grant: int = 0
    with_gbv: int = 0
    unverified: int = 0  # programmes left out: only remembered
    invented: int = 0  # programmes left out: they exist nowhere


def sums_of(activities: Iterable[Activity]) -> Sums:
    """The totals of programmes. Calls, initiatives and projects spend their programme's money: they add nothing."""
    programmes = [one for one in activities if one.kind is Kind.PROGRAMME]
    real = [one for one in programmes if not one.invented]
    counted = [one for one in real if one.confidence is not Confidence.FROM_MEMORY]
    grants = [one.grant for one in counted if one.grant and "grant" not in one.from_memory]
    gbv = [one.gbv for one in counted if one.gbv and "gbv_share" not in one.from_memory]
    return Sums(
        grants=totals(grants),
        gbv=totals(gbv),
        programmes=len(counted),
        with_grant=len(grants),
        with_gbv=len(gbv),
        unverified=len(real) - len(counted),
        invented=len(programmes) - len(real),
    )


def sums_by_period(activities: Iterable[Activity]) -> Mapping[str, Sums]:
    """The same for each period, the latest first: two periods are two agreements."""
    by_period: dict[str, list[Activity]] = {}
    for one in activities:
        by_period.setdefault(one.period, []).append(one)
    return {period: sums_of(by_period[period]) for period in sorted(by_period, reverse=True)}


@dataclass(frozen=True, slots=True)
class Area:
    """What a programme is for, as the funds divide their field, and where that stands in the OECD's purpose codes."""

    key: str
    code: str  # as printed; "" where none was seen
    name: str  # as printed, in English
    sector: str  # five digits of the OECD's purpose codes; "" where we know of none that fits
    source: str = field(default="")
