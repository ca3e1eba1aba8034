"""Practices: the steps from a draft to a published and confirmed practice, the review by peers, and evidence levels.

A listed practice is not endorsed: two peers of other organisations have read it. Its owner confirms it every 18 months.
A retired practice stays readable with its reason, because measures and reports cite it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from samsvar.dates import add_months
from samsvar.errors import SamsvarError
from samsvar.thesaurus.concepts import ConceptKind, concepts

MONTHS_UNTIL_CONFIRMATION: Final = 18
REVIEWS_NEEDED: Final = 2  # by peers of two other organisations
MAX_TEXT_LENGTH: Final = 4_000  # characters of one field; a longer one describes several practices
MAX_TITLE_LENGTH: Final = 120
MAX_BLOCKS: Final = 8
MAX_RESULTS: Final = 12
MAX_LINKS: Final = 6

# The concepts that are forms of violence; the others are topics and groups of people.
FORMS_OF_VIOLENCE: Final = tuple(key for key, known in concepts().items() if known.kind is ConceptKind.VIOLENCE)
# What a reader needs to judge a practice, in the order of its page; a draft may lack any of it.
REQUIRED_FIELDS: Final = (
    "title", "problem", "solution", "for_whom", "conditions", "went_wrong", "since", "articles",
)  # fmt: skip


class ExchangeError(SamsvarError):
    """Base class of errors in practices, requests, offers, introductions and adoptions."""


class PracticeStatus(StrEnum):
    """The statuses of the text that a practice's owner works on; a published version stays public meanwhile."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SENT_BACK = "sent_back"  # by a reviewer, with what is missing
    PUBLISHED = "published"
    RETIRED = "retired"  # with a reason; earlier versions stay readable


class PracticeOrigin(StrEnum):
    """What a practice began with."""

    MEMBER = "member"
    PRAISE = "praise"  # a monitoring report welcomes it
    IMPORT = "import"


class PracticeAct(StrEnum):
    """What can be done with a practice: see `PRACTICE_ACTS`."""

    SUBMIT = "submit"  # for review
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    REVISE = "revise"
    CONFIRM = "confirm"  # that it is still done as described
    RETIRE = "retire"
    TAKE_UP_AGAIN = "take_up_again"


class PracticeActor(StrEnum):
    """The parties that act on a practice."""

    OWNER = "owner"
    REVIEWER = "reviewer"  # a peer of another organisation
    SECRETARIAT = "secretariat"


class EvidenceLevel(StrEnum):
    """How well it is known that a practice works, as a documented scale from the weakest to the strongest."""

    DESCRIBED = "described"  # by those who do it; no figures on whether it works
    MONITORED = "monitored"  # figures are collected over time, without a comparison
    EVALUATED = "evaluated"  # by someone outside the organisation
    COMPARED = "compared"  # with places or times without it
    REPEATED = "repeated"  # evaluations in more than one place found that it works

    @property
    def rank(self) -> int:
        """Return the rank of the level, from 0 (weakest) to 4 (strongest)."""
        return list(EvidenceLevel).index(self)


class ReviewCheck(StrEnum):
    """What a reviewer checks. Without a tick at each, a review cannot approve."""

    ONE_PROBLEM = "one_problem"  # it describes how one problem was solved
    WENT_WRONG = "went_wrong"  # it says what went wrong
    RESULTS_SUPPORTED = "results_supported"  # the evidence level fits the results and their sources
    CONDITIONS = "conditions"  # it says what others need to have in place
    NO_SHELTER_ADDRESS = "no_shelter_address"  # in the text, in captions or in files
    NO_METHOD_FOR_OFFENDERS = "no_method_for_offenders"
    NO_RECOGNISABLE_PERSON = "no_recognisable_person"


class ReviewVerdict(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    SEND_BACK = "send_back"
    CONFLICT = "conflict"  # of interest: the reviewer steps back, and the review does not count


# The only table of the acts on a practice: who can do it, from which statuses, and the status it leads to.
PRACTICE_ACTS: Mapping[PracticeAct, tuple[frozenset[PracticeActor], frozenset[PracticeStatus], PracticeStatus]] = {
    PracticeAct.SUBMIT: (
        frozenset({PracticeActor.OWNER}),
        frozenset({PracticeStatus.DRAFT, PracticeStatus.SENT_BACK}),
        PracticeStatus.IN_REVIEW,
    ),
    PracticeAct.SEND_BACK: (
        frozenset({PracticeActor.REVIEWER, PracticeActor.SECRETARIAT}),
        frozenset({PracticeStatus.IN_REVIEW}),
        PracticeStatus.SENT_BACK,
    ),
    PracticeAct.PUBLISH: (
        frozenset({PracticeActor.SECRETARIAT}),
        frozenset({PracticeStatus.IN_REVIEW}),
        PracticeStatus.PUBLISHED,
    ),
    PracticeAct.REVISE: (
        frozenset({PracticeActor.OWNER}),
        frozenset({PracticeStatus.PUBLISHED}),
        PracticeStatus.DRAFT,
    ),
    PracticeAct.CONFIRM: (
        frozenset({PracticeActor.OWNER}),
        frozenset({PracticeStatus.PUBLISHED}),
        PracticeStatus.PUBLISHED,
    ),
    PracticeAct.RETIRE: (
        frozenset({PracticeActor.OWNER, PracticeActor.SECRETARIAT}),
        frozenset({PracticeStatus.PUBLISHED, PracticeStatus.DRAFT, PracticeStatus.SENT_BACK, PracticeStatus.IN_REVIEW}),
        PracticeStatus.RETIRED,
    ),
    PracticeAct.TAKE_UP_AGAIN: (
        frozenset({PracticeActor.OWNER}),
        frozenset({PracticeStatus.RETIRED}),
        PracticeStatus.DRAFT,
    ),
}
ACTS_WITH_REASON = frozenset({PracticeAct.SEND_BACK, PracticeAct.RETIRE})


class PracticeActNotPossible(ExchangeError):
    """Raised when an act does not fit the status of a practice, or the person who wants it."""

    message = "This step is not possible: the practice has another status."
    advice = "Reload the page: someone may have changed it in the meantime."


class ReviewsMissing(ExchangeError):
    """Raised when a practice is published before two peers of other organisations have approved its text."""

    message = "Two peers of other organisations have to approve this text first."
    advice = "Ask someone of another organisation to review it."


class PracticeIncomplete(ExchangeError):
    """Raised when a practice is submitted without something that a reader needs; `fields` names what is missing."""

    message = "The practice is not complete."
    advice = "Fill in what is missing. A practice that does not say what went wrong cannot be published."

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(f"Missing: {', '.join(fields)}.")
        self.fields = ", ".join(fields)


def missing_fields(
    values: Mapping[str, object], *, evidence_level: EvidenceLevel, results: Sequence[Mapping[str, str]]
) -> list[str]:
    """Return the names of what a practice lacks before it can be submitted, in the order of its page.

    `values` contains the fields of `REQUIRED_FIELDS`; a blank text is missing. Every evidence level above *described*
    needs a result with its source, which is then named "results".
    """
    missing = [name for name in REQUIRED_FIELDS if not _has_content(values.get(name))]
    if evidence_level.rank and not any(result.get("what") and result.get("source") for result in results):
        missing.append("results")
    return missing


def _has_content(value: object) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def next_practice_status(act: PracticeAct, status: PracticeStatus, actor: PracticeActor) -> PracticeStatus:
    """Return the status after an act. Raise `PracticeActNotPossible` if it fits neither the status nor the actor."""
    actors, before, after = PRACTICE_ACTS[act]
    if actor not in actors or status not in before:
        raise PracticeActNotPossible
    return after


@dataclass(frozen=True, slots=True)
class Review:
    """A peer's review of one version of a practice: the reviewer's organisation, the ticks and the verdict."""

    organisation: str  # public ID
    verdict: ReviewVerdict
    version: int
    checks: frozenset[ReviewCheck] = frozenset()

    @property
    def approves(self) -> bool:
        """Whether it approves: with every tick, and without a conflict of interest."""
        return self.verdict is ReviewVerdict.APPROVE and self.checks == frozenset(ReviewCheck)


def approving_organisations(reviews: Collection[Review], *, owner: str, version: int) -> frozenset[str]:
    """Return the organisations other than the owner that approve this version and do not also send it back."""
    current = [review for review in reviews if review.version == version and review.organisation != owner]
    against = {review.organisation for review in current if review.verdict is ReviewVerdict.SEND_BACK}
    return frozenset(review.organisation for review in current if review.approves) - against


def check_reviews(reviews: Collection[Review], *, owner: str, version: int) -> None:
    """Raise `ReviewsMissing` unless peers of two organisations other than the owner approve this version."""
    if len(approving_organisations(reviews, owner=owner, version=version)) < REVIEWS_NEEDED:
        raise ReviewsMissing


def confirmation_due(confirmed: date) -> date:
    """Return the day from which a practice is shown as "not confirmed since"."""
    return add_months(confirmed, MONTHS_UNTIL_CONFIRMATION)
