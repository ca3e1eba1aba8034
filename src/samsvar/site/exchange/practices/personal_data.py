"""Personal data in practices: who wrote, reviewed or decided. Practices themselves name organisations, never people."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.exchange import models
from samsvar.site.network.data_inventory import (
    FOR_THE_RECORD,
    DataSubject,
    NoPersonalData,
    data_category,
    keep,
)

_KEPT = _("the history of a practice is kept, attributed to an anonymised account")
practice_category = partial(
    data_category,
    legal_bases=(LegalBasis.PUBLIC_TASK,),
    retention=FOR_THE_RECORD,
    erasure=keep(_KEPT),
)

DATA_CATEGORIES = (
    practice_category(
        models.PracticeReview, "practice_reviews", _("Reviews of practices that the person wrote as a peer"),
        exported="practice version organisation verdict checks comment at", through="by",
        recipients=_("the owner reads the comment and the secretariat also the organisation, without the name"),
    ),
    practice_category(
        models.PracticeEvent, "practice_events", _("What the person did with practices"),
        exported="practice act version reason role at", through="by",
        recipients=_("the owner of the practice and the secretariat, who see the role and not the name"),
    ),
    practice_category(
        models.LeadDecision, "practice_leads",
        _("Decisions of the person, as a member of a national desk, to write no practice about praise in a report"),
        exported="finding reason at", through="by", not_personal="state",
        data_subject=DataSubject.STAFF, recipients=_("the national desk of the state"),
    ),
)  # fmt: skip

_PRACTICE = "about a practice"
_TEXTS = (
    "title", "problem", "solution", "for_whom", "conditions", "went_wrong", "legal_basis", "staff", "cost_note",
    "results", "blocks",
)  # fmt: skip
NO_PERSONAL_DATA = {
    "samsvar_exchange.Practice": NoPersonalData(
        "a practice of an organisation",
        {
            "place": "a region or town", "status_reason": _PRACTICE, "retired_reason": _PRACTICE,
            "articles": "numbers of articles", "concepts": "keys of the thesaurus", "results": _PRACTICE,
            "links": "titles and addresses of documents",
        },
    ),
    "samsvar_exchange.PracticeText": NoPersonalData(
        "the text of a practice; reviewers tick that no one can be recognised in it",
        dict.fromkeys(_TEXTS, _PRACTICE),
    ),
    "samsvar_exchange.PracticeVersion": NoPersonalData(
        "a published practice", {"content": _PRACTICE, "tags": "what the list of practices filters by"}
    ),
}  # fmt: skip
