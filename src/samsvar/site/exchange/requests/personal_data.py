"""Personal data in requests for help, replies and offers: who asks, who replies, and which staff handled it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.exchange import models
from samsvar.site.exchange.requests.queries import UNANSWERED
from samsvar.site.network.data_inventory import (
    CONTRACT,
    FOR_THE_RECORD,
    DataSubject,
    RetentionRule,
    data_category,
    deleted,
    keep,
    staff_category,
)

_REQUEST = (
    "public_id shown_as problem situation language finding measure articles concepts part help languages needed_by "
    "status at waiting_since changed_at answered_at judged_at judgement counts translation_language "
    "translated_problem translated_situation state organisation network"
)
_REPLY = "text language finding link shown_as is_asker by_secretariat at state organisation"
_STEPS = "overdue_notice_at follow_up_at"
request_category = partial(data_category, purposes=(Purpose.CONTACT,), retention="help_requests")
_staff_request = partial(
    staff_category,
    models.HelpRequest,
    exported="public_id status at",
    recipients=_("the secretariat of the network"),
    retention="help_requests",
)


def _finished_requests(limit: datetime) -> QuerySet[Any]:
    """Return the requests that no one waits for and in which nothing has changed since a moment."""
    return models.HelpRequest.objects.exclude(status__in=UNANSWERED).filter(changed_at__lt=limit)


def _not_exported(exported: str, columns: str) -> str:
    """Return the columns, as a list separated by spaces, without those that are exported."""
    return " ".join(name for name in columns.split() if name not in exported.split())


DATA_CATEGORIES = (
    request_category(
        models.HelpRequest, "help_requests", _("Requests for help that the person made to a network"),
        exported=_REQUEST, through="by", not_personal=_STEPS,
        legal_bases=CONTRACT,
        recipients=_(
            "members of the network, who see as much about who asks as the person chose; the secretariat, which always "
            "sees who asks"
        ),
        erasure=deleted(_("deleted, along with the replies")),
    ),
    request_category(
        models.Reply, "help_replies", _("Replies to requests for help, and messages about the person’s own"),
        exported=_REPLY, through="by", not_personal="request practice body",
        legal_bases=CONTRACT,
        recipients=_("members who see the request, who see as much about who replies as the person chose"),
        erasure=deleted(_("deleted")),
    ),
    _staff_request(
        key="help_requests_entered", description=_("Requests for help that the person entered for someone else"),
        through="typed_by", not_personal=_not_exported("public_id status at", f"{_REQUEST} {_STEPS}"),
    ),
    _staff_request(
        key="help_requests_taken", description=_("Other people’s requests for help that the person took in hand"),
        through="taken_by", not_personal=_not_exported("public_id status at", f"{_REQUEST} {_STEPS}"),
    ),
    data_category(
        models.Offer, "help_offers", _("Offers of help that the person entered for an organisation or a desk"),
        exported="public_id title text at", through="by",
        not_personal="organisation state language articles concepts help languages per_year until status",
        data_subject=DataSubject.ACCOUNTS, legal_bases=(LegalBasis.LEGITIMATE_INTERESTS,),
        recipients=_("all members, who see the organisation and not the person"),
        retention=FOR_THE_RECORD,
        erasure=keep(_("the offer belongs to the organisation; it is kept, attributed to an anonymised account")),
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.HelpRequest, "changed_at", "help_requests", _("Requests for help with a reply or that have ended"),
        days=3 * 365, after=_("after the last change"),
        why=_("as long as a programme that reports on whether the network helped"),
        find_rows=_finished_requests,
    ),
)  # fmt: skip
