"""Personal data in evidence: who gave it and who decided on it. Readers see the organisation, never the person."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.implementation import models
from samsvar.site.network.data_inventory import FOR_THE_RECORD, data_category, keep

ORGANISATION = _("members of the person’s organisation; everyone else sees the organisation, not the person")
KEPT_FOR_ORGANISATION = _("the evidence belongs to the organisation; it is kept, attributed to an anonymised account")
evidence_category = partial(
    data_category,
    legal_bases=(LegalBasis.LEGITIMATE_INTERESTS,),
    recipients=ORGANISATION,
    retention=FOR_THE_RECORD,
    erasure=keep(KEPT_FOR_ORGANISATION),
)
_CONTENT = "public_id title text filename link"
_NOT_PERSONAL = (
    "state measure finding series side kind supports language begins ends received valid_until content_hash "
    "stored_hash format size organisation organisation_name revision revision_of form_fault status status_reason"
)

DATA_CATEGORIES = (
    evidence_category(
        models.Evidence, "evidence_given", _("Evidence that the person gave on behalf of an organisation"),
        exported=f"{_CONTENT} given_at", through="given_by",
        not_personal=f"{_NOT_PERSONAL} decided_at decided_role",
    ),
    evidence_category(
        models.Evidence, "evidence_decided", _("Decisions of the person to accept or set aside evidence"),
        exported="public_id status status_reason decided_at decided_role", through="decided_by",
        not_personal=f"{_NOT_PERSONAL.removesuffix(' status status_reason')} given_at title text filename link",
    ),
)  # fmt: skip
