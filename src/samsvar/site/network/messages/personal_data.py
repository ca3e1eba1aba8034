"""What questions through the secretariat hold of who asks, who is asked and who weighs them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.network import models
from samsvar.site.network.data_inventory import (
    INSIDE,
    INTEREST,
    OTHER,
    OTHERS_RIGHT,
    SECURITY,
    Fate,
    Holding,
    HoldsNone,
    Kind,
    Subject,
    Whose,
)


def forwarded(subject: Subject) -> QuerySet[Any]:
    """Questions that have reached the member: what the secretariat weighs, or has turned down, is the asker's alone."""
    reached = models.Ask.objects.filter(to=subject.person, handled_at__isnull=False, reason="")
    return reached.exclude(by=subject.account) if subject.account else reached


def _forwarded_lines(subject: Subject) -> QuerySet[Any]:
    return models.AskLine.objects.filter(ask__in=forwarded(subject))


def _closed_asks(limit: datetime) -> QuerySet[Any]:
    over = (models.Ask.Progress.ANSWERED, models.Ask.Progress.DECLINED, models.Ask.Progress.CLOSED)
    lately = models.AskLine.objects.filter(ask=OuterRef("pk"), at__gte=limit)
    return models.Ask.objects.filter(~Exists(lately), progress__in=over, at__lt=limit).exclude(handled_at__gte=limit)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="question_lines",
        model="samsvar_network.AskLine",
        what=_("What was written in questions that the person asked"),
        whose=Whose.ACCOUNTS,
        through=("ask__by",),
        given=("side", "text", "at"),
        withheld={"id": INSIDE, "ask": INSIDE},
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONTRACT,),
        recipients=_("the secretariat that forwards it, and the member who was asked, without the asker’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="received_lines",
        model="samsvar_network.AskLine",
        what=_("What was written in questions that reached the person"),
        whose=Whose.PEOPLE,
        through=("ask__to",),
        handed=_forwarded_lines,
        given=("side", "text", "at"),
        withheld={"id": INSIDE, "ask": INSIDE},
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONSENT, Ground.CONTRACT),
        recipients=_("the secretariat that forwards it, and the asker, without the member’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the question"),
    ),
    Holding(
        key="questions",
        model="samsvar_network.Ask",
        what=_("Questions that the person asked through the secretariat"),
        whose=Whose.ACCOUNTS,
        through=("by",),
        given=("public_id", "subject", "progress", "at", "handled_at", "reason"),
        withheld={
            "id": INSIDE,
            "by": INSIDE,
            "to": OTHER,
            "handled_by": OTHER,
            "network": _("that the member belongs to it is theirs to tell"),
        },
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONTRACT,),
        recipients=_("the secretariat that forwards it, and the member who was asked, without the asker’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="questions_received",
        model="samsvar_network.Ask",
        what=_("Questions that the secretariat forwarded to the person"),
        whose=Whose.PEOPLE,
        through=("to",),
        handed=forwarded,
        given=("public_id", "subject", "progress", "at", "handled_at", "network"),
        withheld={
            "id": INSIDE,
            "by": OTHER,
            "to": INSIDE,
            "handled_by": OTHER,
            "reason": _("speaks to the asker alone, and never of a question that was forwarded"),
        },
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONSENT, Ground.CONTRACT),
        recipients=_("the secretariat that forwards it, and the asker, without the member’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="questions_handled",
        model="samsvar_network.Ask",
        what=_("Questions of others that the person handled for the secretariat"),
        whose=Whose.STAFF,
        through=("handled_by",),
        given=("public_id", "progress", "handled_at"),
        withheld={
            "id": INSIDE,
            "by": OTHER,
            "to": OTHER,
            "handled_by": INSIDE,
            "subject": OTHER,
            "network": OTHER,
            "at": OTHER,
            "reason": OTHER,
        },
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("the secretariat of the network"),
        stays="questions",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
    ),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        key="questions",
        what=_("Questions through the secretariat that are answered, declined or closed"),
        days=365,
        after=_("after the last line"),
        why=_("an exchange may be taken up again at the next yearly meeting"),
        rows=_closed_asks,
        age="at",
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {}
