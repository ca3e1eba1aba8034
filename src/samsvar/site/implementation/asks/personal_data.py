"""Personal data in asks: the officials who are asked, who signs, and the members of a desk who decide."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.implementation import models
from samsvar.site.network.data_inventory import (
    FOR_THE_RECORD,
    HASH_OF_LINK,
    INTERNAL_ID,
    NO_RECIPIENTS,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    anonymised,
    data_category,
    keep,
    staff_category,
    withhold,
)

DESK = _("the national desk of the state that asks")
PUBLIC_TASK = (LegalBasis.PUBLIC_TASK,)
_ANONYMOUS = {"official_name": "", "official_email": "", "token_hash": "", "device_hash": ""}
official_category = partial(data_category, data_subject=DataSubject.INVITED, legal_bases=PUBLIC_TASK, recipients=DESK)
desk_category = partial(staff_category, legal_bases=PUBLIC_TASK, recipients=DESK, retention=FOR_THE_RECORD)


def _anonymise_asks(asks: QuerySet[Any]) -> int:
    """Remove the official's name, address and link from asks, and who signed; the body and its answers are kept."""
    models.AskSubmission.objects.filter(ask__in=asks.values("pk")).update(signed_by="")
    return asks.update(**_ANONYMOUS)


DATA_CATEGORIES = (
    official_category(
        models.AskSubmission, "answers_signed", _("Who signed answers to a national desk’s request for information"),
        exported="ask number signed_by saved_at", by_address="ask__official_email",
        withheld={"entered_by": INTERNAL_ID},
        not_personal="edition via",
        retention="asks_received",
        erasure=anonymised(
            _("the answers of the body are kept; the name of the signatory is removed"), {"signed_by": ""}
        ),
    ),
    official_category(
        models.Ask, "asks_received",
        _("Requests for information from a national desk, with the name and address of the official asked"),
        exported=(
            "public_id state body_name official_name official_email language title message due status opened_at "
            "sent_at emailed_at emails_ended_at"
        ),
        by_address="official_email",
        withheld={"token_hash": HASH_OF_LINK, "device_hash": HASH_OF_LINK},
        not_personal=(
            "organisation edition link_number created_at returned_at accepted_version closed_at due_changed_at"
        ),
        erasure=anonymised(
            _(
                "the request for information and the answers of the body are kept; the name and address of the "
                "official are removed"
            ),
            _ANONYMOUS,
        ),
    ),
    official_category(
        models.AskEmail, "asks_emailed", _("The days on which the person was emailed about requests for information"),
        exported="email sent_on", by_address="email", recipients=NO_RECIPIENTS,
    ),
    desk_category(
        models.Ask, "asks_made", _("Requests for information that the person made, as a member of a national desk"),
        exported="public_id state title created_at", through="created_by",
        withheld=withhold("official_name official_email token_hash device_hash opened_at"),
        not_personal=(
            "organisation body_name language message due status edition link_number sent_at returned_at emailed_at "
            "accepted_version closed_at due_changed_at emails_ended_at"
        ),
    ),
    desk_category(
        models.AskSubmission, "answers_entered", _("Returned files that the person entered for an official"),
        exported="ask number saved_at", through="entered_by",
        withheld=withhold("signed_by"), not_personal="edition via",
    ),
    desk_category(
        models.AskEvent, "asks_decided", _("Steps of the person in requests for information, with notes"),
        exported="ask act note version at", through="by", not_personal="actor due_before due_after",
        erasure=keep(_("the history belongs to the state; it is kept, attributed to an anonymised account")),
    ),
)  # fmt: skip

_QUESTION = "what a desk asks a body"
_ANSWER = "what a body answers; the form asks to name no victim or private person"
NO_PERSONAL_DATA = {
    "samsvar_implementation.AskQuestion": NoPersonalData(
        _QUESTION, {"text": _QUESTION, "quotation": "the words of a public report"}
    ),
    "samsvar_implementation.AskAnswer": NoPersonalData(
        _ANSWER,
        {"text": _ANSWER, "figures": _ANSWER, "evidence": "links to publications", "no_answer_because": _ANSWER},
    ),
}

RETENTION_RULES = (
    RetentionRule(
        models.Ask, "due", "asks_received", _("Names and addresses of officials who were asked for information"),
        days=365, after=_("after the answer was due"),
        why=_("the national desk may have further questions while it writes its report"),
        condition=~Q(official_name="", official_email=""), remove=_anonymise_asks,
    ),
    RetentionRule(
        models.AskEmail, "sent_on", "asks_emailed", _("Days of emails about requests for information"),
        days=30, after=_("after the email was sent"),
        why=_("no one gets more than one such email a week"),
    ),
)  # fmt: skip
