"""Funded activities (programmes, calls, bilateral initiatives and projects), their partners and their totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount, FundingError, totals_by_currency
from samsvar.ids import make_slug as slug_of
from samsvar.network.loading import Confidence, Fact


class ActivityKind(StrEnum):
    """The kinds of activities.

    Amounts of different kinds must never be added up, because a project's money is part of its programme's.
    """

    PROGRAMME = "programme"
    CALL = "call"
    INITIATIVE = "initiative"  # bilateral: with partners on both sides, alongside the programme's projects
    PROJECT = "project"


# The kinds of activity that each kind can be part of.
PARENT_KINDS: dict[ActivityKind, tuple[ActivityKind, ...]] = {
    ActivityKind.PROGRAMME: (),
    ActivityKind.CALL: (ActivityKind.PROGRAMME,),
    ActivityKind.INITIATIVE: (ActivityKind.PROGRAMME,),
    ActivityKind.PROJECT: (ActivityKind.PROGRAMME, ActivityKind.CALL),
}


class ActivityFormat(StrEnum):
    """The form of a call, initiative or project, such as a workshop or an open call; set only if a source gives it."""

    OPEN_CALL = "open_call"
    SMALL_GRANTS = "small_grants"
    CONFERENCE = "conference"
    WORKSHOP = "workshop"
    PARTNERSHIP = "partnership"  # the preparation of a partnership
    STUDY_VISIT = "study_visit"
    PREDEFINED = "predefined"
    FROM_CALL = "from_call"


FORMS_BY_KIND: dict[ActivityKind, tuple[ActivityFormat, ...]] = {
    ActivityKind.PROGRAMME: (),
    ActivityKind.CALL: (ActivityFormat.OPEN_CALL, ActivityFormat.SMALL_GRANTS),
    ActivityKind.INITIATIVE: (
        ActivityFormat.CONFERENCE,
        ActivityFormat.WORKSHOP,
        ActivityFormat.PARTNERSHIP,
        ActivityFormat.STUDY_VISIT,
    ),
    ActivityKind.PROJECT: (ActivityFormat.PREDEFINED, ActivityFormat.FROM_CALL),
}


class GrantScheme(StrEnum):
    """The two grant schemes from which parts of a grant may come."""

    EEA = "eea"  # funded by Iceland, Liechtenstein and Norway
    NORWAY = "norway"  # funded only by Norway


class PartnerSide(StrEnum):
    """The side of a partner: donor, beneficiary or international."""

    DONOR = "donor"
    BENEFICIARY = "beneficiary"
    INTERNATIONAL = "international"


class PartnerRole(StrEnum):
    """The role of a partner in an activity."""

    OPERATOR = "operator"  # operates the programme
    PROMOTER = "promoter"  # promotes the project or initiative
    PARTNER = "partner"
    ADVISER = "adviser"


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that takes part in an activity.

    `state` is "" for an international organisation; `organisation` is its slug if it is listed on the site, or "".
    """

    name: str
    role: PartnerRole
    side: PartnerSide
    state: str = ""
    organisation: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or self.name != self.name.strip() or any(sign in self.name for sign in "|\r\n"):
            raise ValueError("a partner's name must be one line without a vertical bar")
        if self.side is PartnerSide.INTERNATIONAL and self.state:
            raise ValueError("an international partner cannot belong to a state")


class Contradiction(FundingError):
    """Raised when the values of an activity contradict each other; `column` is the column to check."""

    advice = "Check the source again."

    def __init__(self, column: str, message: str, code: str) -> None:
        super().__init__(message)
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Fact):
    """A programme, call, initiative or project as its sources describe it.

    `slug` identifies the activity and is part of its URL: it does not change when the code or the title is corrected.
    """

    slug: str
    kind: ActivityKind
    title: str
    language: str = "en"  # of the title
    code: str = ""  # as printed by the funds; "" if none was found
    form: ActivityFormat | None = None
    period: str = ""  # "2014-2021"
    part_of: str = ""  # slug of the programme or call
    donors: tuple[str, ...] = ()  # state codes
    beneficiaries: tuple[str, ...] = ()  # state codes
    areas: tuple[str, ...] = ()  # keys in areas.toml, the main area first
    grant: Amount | None = None
    parts: tuple[tuple[GrantScheme, Amount], ...] = ()
    cofinancing: Amount | None = None
    gbv: Amount | None = None  # the share known to address domestic and gender-based violence
    begins: PartialDate | None = None
    ends: PartialDate | None = None
    partners: tuple[Partner, ...] = ()
    about: str = ""  # in our own words
    from_memory: tuple[str, ...] = ()  # names of columns whose values no source confirms
    read_on: date | None = None  # the day on which the source was read
    fictional: bool = False

    def __post_init__(self) -> None:
        Fact.__post_init__(self)
        if not self.title.strip():
            raise Contradiction("title", "It has no title.", "no_title")
        if not self.slug or self.slug != slug_of(self.slug):
            raise Contradiction("id", f"“{self.slug}” cannot be used as a short name in a web address.", "no_slug")
        if self.form is not None and self.form not in FORMS_BY_KIND[self.kind]:
            raise Contradiction("form", f"A {self.kind} cannot be a {self.form.replace('_', ' ')}.", "wrong_form")
        if self.part_of and not PARENT_KINDS[self.kind]:
            raise Contradiction("part_of", "A programme cannot be part of something else.", "programme_in_programme")
        if self.part_of == self.slug:
            raise Contradiction("part_of", "It cannot be part of itself.", "part_of_itself")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise Contradiction("ends", f"It ends ({self.ends}) before it starts ({self.begins}).", "ends_first")
        self._check_amounts()

    def _check_amounts(self) -> None:
        amounts = [one for one in (self.grant, self.cofinancing, self.gbv, *(part for _, part in self.parts)) if one]
        if any(one.value < 0 for one in amounts):
            raise Contradiction("grant", "An amount cannot be negative.", "negative_amount")
        if len({one.currency for one in amounts}) > 1:
            raise Contradiction("currency", "Its amounts are in different currencies.", "different_currencies")
        if self.grant is None:
            return
        if self.parts and sum(part.value for _, part in self.parts) > self.grant.value:
            raise Contradiction("grant", "Its parts add up to more than the grant.", "parts_exceed_grant")
        if self.gbv and self.gbv.value > self.grant.value:
            raise Contradiction("gbv_share", "The share for this area is more than the grant.", "share_exceeds_grant")

    @property
    def currency(self) -> str:
        """The currency of the amounts; "" if there are none."""
        amounts = (self.grant, self.cofinancing, self.gbv, *(part for _, part in self.parts))
        return next((one.currency for one in amounts if one), "")

    def get_scheme_amount(self, scheme: GrantScheme) -> Amount | None:
        return dict(self.parts).get(scheme)

    def without_unverified_values(self) -> Activity:
        """Return a copy without the values that no source confirms, which are never published as facts."""
        fields: dict[str, Any] = {}
        for column in self.from_memory:
            if column in _SCHEMES:
                parts = fields.get("parts", self.parts)
                fields["parts"] = tuple(one for one in parts if one[0] is not _SCHEMES[column])
            else:
                fields |= _BLANK_VALUES[column]
        return replace(self, **fields, from_memory=()) if fields else self


_SCHEMES = {"grant_eea": GrantScheme.EEA, "grant_norway": GrantScheme.NORWAY}
_BLANK_VALUES: dict[str, dict[str, Any]] = {
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
class FactsheetTotal(Fact):
    """A total from a factsheet. Factsheets disagree, so each total is shown with its source and none is counted."""

    slug: str
    kind: str  # "area" or "sector"
    code: str
    name: str
    period: str
    amount: Amount
    on: PartialDate | None = None  # date of the factsheet, if it gives one
    read_on: date | None = None

    @property
    def counts(self) -> bool:
        """Always False, because the totals in factsheets contradict each other."""
        return False


@dataclass(frozen=True, slots=True)
class FundingTotals:
    """The totals of a list of activities, and the number of activities whose amounts are known."""

    grants: tuple[Amount, ...] = ()
    gbv: tuple[Amount, ...] = ()
    programmes: int = 0  # number of programmes counted
    with_grant: int = 0
    with_gbv: int = 0
    unverified: int = 0  # programmes left out because no source confirms them
    fictional: int = 0  # programmes left out because they are fictional


def programme_totals(activities: Iterable[Activity]) -> FundingTotals:
    """Return the totals of the programmes among the activities.

    Calls, initiatives and projects are not counted, because their money is part of their programme's.
    """
    programmes = [one for one in activities if one.kind is ActivityKind.PROGRAMME]
    real = [one for one in programmes if not one.fictional]
    counted = [one for one in real if one.confidence is not Confidence.UNVERIFIED]
    grants = [one.grant for one in counted if one.grant and "grant" not in one.from_memory]
    gbv = [one.gbv for one in counted if one.gbv and "gbv_share" not in one.from_memory]
    return FundingTotals(
        grants=totals_by_currency(grants),
        gbv=totals_by_currency(gbv),
        programmes=len(counted),
        with_grant=len(grants),
        with_gbv=len(gbv),
        unverified=len(real) - len(counted),
        fictional=len(programmes) - len(real),
    )


def totals_by_period(activities: Iterable[Activity]) -> Mapping[str, FundingTotals]:
    """Return separate totals for each period, latest first, because each period is an agreement of its own."""
    by_period: dict[str, list[Activity]] = {}
    for activity in activities:
        by_period.setdefault(activity.period, []).append(activity)
    return {period: programme_totals(by_period[period]) for period in sorted(by_period, reverse=True)}


@dataclass(frozen=True, slots=True)
class ProgrammeArea:
    """A programme area in the funds' own classification, with the matching OECD purpose code."""

    key: str
    code: str  # as printed; "" if none was found
    name: str  # as printed, in English
    sector: str  # five-digit OECD purpose code; "" if we know of none that fits
    source: str = field(default="")
