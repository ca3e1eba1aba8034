"""What the call for contributions holds of anybody, and what programmes of other systems brought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Subject, Whose

State = models.Contribution.State
ORGANISERS = _("those who run the meeting")
OTHERS = _("it is about somebody else")
WITH_THE_MEETING = _("with the programme of the meeting")
GROUNDS = (Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS)


def _links(subject: Subject) -> QuerySet[Any]:
    return models.ContributionLink.objects.filter(email__in=subject.addresses)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="contribution_links",
        model="samsvar_meetings.ContributionLink",
        what=_("Links by which somebody without an account offers a contribution"),
        whose=Whose.INVITED,
        through=(),
        rows=_links,
        given=("email", "language", "call", "sent_at"),
        withheld={"id": INSIDE, "public_id": INSIDE, "token_hash": _("only what a link hashes to; it opens nothing")},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=GROUNDS,
        recipients=_("nobody but the site itself"),
        stays="contribution_links",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="contributions",
        model="samsvar_meetings.Contribution",
        what=_("Contributions that the person offered to a meeting, and what was decided"),
        whose=Whose.PEOPLE,
        through=("person", "account"),
        given=(
            "public_id", "call", "title", "abstract", "language", "kind", "track", "articles", "with_others", "state",
            "reason", "session", "at", "decided_at",
        ),
        withheld={"id": INSIDE, "person": INSIDE, "account": INSIDE, "link": INSIDE, "decided_by": OTHERS},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=GROUNDS,
        recipients=_("those who run the meeting; reviewers, without the name"),
        stays="contributions",
        fate=Fate.DELETED,
        erasure=_("deleted with what reviewers said of it; a session that was made of it stays without the person"),
    ),
    Holding(
        key="contributions_decided",
        model="samsvar_meetings.Contribution",
        what=_("Contributions on which the person decided"),
        whose=Whose.STAFF,
        through=("decided_by",),
        given=("public_id", "state", "reason", "decided_at"),
        withheld={
            "id": INSIDE, "decided_by": INSIDE, "person": OTHERS, "account": OTHERS, "link": OTHERS, "title": OTHERS,
            "abstract": OTHERS, "with_others": OTHERS,
        },
        plain=("call", "language", "kind", "track", "articles", "session", "at"),
        purposes=(Purpose.MEETINGS,),
        grounds=GROUNDS,
        recipients=ORGANISERS,
        stays="contributions",
        fate=Fate.KEPT,
        erasure=_("the decision stays with its reason, from an emptied account"),
    ),
    Holding(
        key="contributions_reviewed",
        model="samsvar_meetings.ContributionReview",
        what=_("What the person said as a reviewer, and where they declared an interest"),
        whose=Whose.STAFF,
        through=("by",),
        given=("contribution", "score", "conflict", "text", "at"),
        withheld={"id": INSIDE, "by": INSIDE},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=GROUNDS,
        recipients=_("those who run the meeting; other reviewers as the call says"),
        stays="contributions",
        fate=Fate.KEPT,
        erasure=_("the review stays with the contribution, from an emptied account"),
    ),
    Holding(
        key="taken_people",
        model="samsvar_meetings.TakenPerson",
        what=_("That the person stood in a programme of another system which was taken in"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("meeting",),
        withheld={"id": INSIDE, "person": INSIDE, "key": _("only what a key of the other system hashes to")},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=GROUNDS,
        recipients=_("nobody but the site itself"),
        stays=WITH_THE_MEETING,
        fate=Fate.EMPTIED,
        erasure=_("that it was the person is removed; the rest keeps the same file from bringing them in again"),
        empty={"person": None},
    ),
)  # fmt: skip


def _unused_links(limit: datetime) -> QuerySet[Any]:
    return models.ContributionLink.objects.filter(sent_at__lt=limit)


def _not_chosen(limit: datetime) -> QuerySet[Any]:
    over = (State.DECLINED, State.WITHDRAWN)
    return models.Contribution.objects.filter(state__in=over, decided_at__lt=limit)


KINDS: tuple[Kind, ...] = (
    Kind(
        key="contribution_links",
        what=_("Links by which somebody without an account offers a contribution"),
        days=400,
        after=_("after the link was sent"),
        why=_("the call is over by then, and the decision was read"),
        rows=_unused_links,
        age="sent_at",
    ),
    Kind(
        key="contributions",
        what=_("Contributions that were declined or withdrawn, with their reviews"),
        days=365,
        after=_("after the decision"),
        why=_("a decision can be asked about for a year; what was accepted stays with the programme"),
        rows=_not_chosen,
        age="decided_at",
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.ContributionCall": HoldsNone(
        "the call itself", {"text": "what the organiser asks for", "languages": "in which something may be held"}
    ),
}
