"""What came of a meeting: decisions, commitments, questions and practices, and when somebody asks how it goes."""

from __future__ import annotations

from enum import StrEnum


class OutcomeKind(StrEnum):
    """What was said that should last."""

    DECISION = "decision"
    COMMITMENT = "commitment"  # who does what until when
    QUESTION = "question"  # that stayed open
    PRACTICE = "practice"  # mentioned as one that works


class Keeping(StrEnum):
    """How it stands with a commitment, as its owner last said."""

    PROMISED = "promised"  # nobody has said anything since
    UNDER_WAY = "under_way"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    NOT_KEPT = "not_kept"
    GIVEN_UP = "given_up"  # released by the organiser, with a reason

    @property
    def is_over(self) -> bool:
        return self in {Keeping.KEPT, Keeping.PARTLY_KEPT, Keeping.NOT_KEPT, Keeping.GIVEN_UP}


class OutcomeState(StrEnum):
    """How sure it is that this was said."""

    RECORDED = "recorded"  # written down in the session
    CONFIRMED = "confirmed"  # shown to those present, corrected where they asked
    STRUCK = "struck"  # taken back before the end; stays for the record's own history only
