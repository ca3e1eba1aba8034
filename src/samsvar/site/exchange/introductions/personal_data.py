"""Personal data in introductions: who asks, who helps, and what they write to each other.

Erasure and retention remove both the people and their words; what is left counts introductions by country.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.introductions import IntroductionStatus
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.exchange import models
from samsvar.site.network.data_inventory import (
    CONTRACT,
    RetentionRule,
    anonymised,
    data_category,
    deleted,
    staff_category,
    withhold,
)

_SIDES_AND_SECRETARIAT = _("the secretariat of the network, and the other side as far as the person chose")
_OTHER_SIDE = _("only the other side of the introduction")
_COUNTED = _("the introduction still counts for its two countries, without the name, the words or the reasons")
_FACTS = (
    "request network practice offer asker_state helper_state articles concepts weights changed_weights score meeting "
    "at_meeting"
)
_STEPS = "is_by_consent reminded_at asked_at follow_up_at"
introduction_category = partial(
    data_category, models.Introduction, retention="introductions", recipients=_SIDES_AND_SECRETARIAT
)
message_category = partial(
    data_category, models.IntroductionMessage, exported="side text at", retention="introductions",
    purposes=(Purpose.CONTACT,), recipients=_OTHER_SIDE, legal_bases=CONTRACT,
    erasure=deleted(_("deleted, along with those of the other side")),
)  # fmt: skip


def _status_without_a_side(introduction: Any) -> str:
    """Return the status once one side is gone: what is not over ends as if the side had left."""
    is_over = IntroductionStatus(introduction.status).is_over
    return introduction.status if is_over else IntroductionStatus.LEFT.value


def _anonymise(introductions: QuerySet[Any]) -> int:
    """Remove both sides, the words and the reasons from introductions; return how many there were."""
    models.IntroductionMessage.objects.filter(introduction__in=introductions.values("pk")).delete()
    return introductions.update(asker=None, helper=None, proposed_by=None, outcome="", reasons=[])


DATA_CATEGORIES = (
    message_category(
        key="introduction_messages", description=_("Messages to someone who could help the person"),
        through="introduction__asker",
    ),
    message_category(
        key="introduction_messages_helping", description=_("Messages to someone whom the person could help"),
        through="introduction__helper",
    ),
    introduction_category(
        key="introductions", description=_("Introductions of the person to someone who could help"),
        exported=(
            "public_id help status at invited_at asker_accepted_at asker_shown_as introduced_at held_on outcome "
            "ended_at"
        ),
        through="asker",
        withheld=withhold("helper_accepted_at helper_shown_as"),
        not_personal=f"reasons {_FACTS} {_STEPS}",
        purposes=(Purpose.CONTACT,), legal_bases=CONTRACT,
        erasure=anonymised(_COUNTED, {"asker": None, "outcome": "", "status": _status_without_a_side}),
    ),
    introduction_category(  # the outcome is in the asker's words, and theirs
        key="introductions_helping", description=_("Introductions of someone whom the person could help"),
        exported=(
            "public_id help status at invited_at helper_accepted_at helper_shown_as introduced_at held_on ended_at "
            "reasons"
        ),
        through="helper",
        withheld=withhold("asker_accepted_at asker_shown_as"),
        not_personal=f"outcome {_FACTS} {_STEPS}",
        purposes=(Purpose.MATCHING,), legal_bases=(LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTERESTS),
        find_exported_rows=lambda subject: models.Introduction.objects.filter(
            helper=subject.account, invited_at__isnull=False
        ),
        erasure=anonymised(_COUNTED, {"helper": None, "reasons": [], "status": _status_without_a_side}),
    ),
    staff_category(
        models.Introduction, "introductions_proposed", _("Introductions of other people that the person proposed"),
        exported="public_id help status at", through="proposed_by",
        withheld=withhold(
            "asker_accepted_at asker_shown_as helper_accepted_at helper_shown_as outcome reasons held_on invited_at "
            "introduced_at ended_at"
        ),
        not_personal=f"{_FACTS} {_STEPS}",
        recipients=_("the secretariat of the network"), retention="introductions",
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.Introduction, "ended_at", "introductions",
        _("Names of the two sides of introductions that are over, and what they wrote"),
        days=3 * 365, after=_("after the end"),
        why=_("as long as a programme that reports on what became of them"),
        condition=~Q(asker=None, helper=None, outcome=""), remove=_anonymise,
    ),
)  # fmt: skip
