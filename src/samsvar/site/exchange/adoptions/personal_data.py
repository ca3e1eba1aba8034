"""Personal data in adoptions: who recorded them. Adoptions themselves name states and organisations, never people."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.exchange import models
from samsvar.site.network.data_inventory import FOR_THE_RECORD, data_category, keep

adoption_category = partial(
    data_category,
    legal_bases=(LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS),
    recipients=_("the desk or organisation that takes up the practice; everyone else sees the role, not the name"),
    retention=FOR_THE_RECORD,
    erasure=keep(_("the adoption belongs to the state or organisation; it is kept, with an anonymised account")),
)

DATA_CATEGORIES = (
    adoption_category(
        models.Adoption, "adoptions", _("Adoptions of practices that the person recorded"),
        exported="public_id practice state kind status at", through="by",
        not_personal=(
            "practice_version organisation measure introduction changed reason language since is_public evidence_link "
            "origin_confirmed_at"
        ),
    ),
    adoption_category(
        models.AdoptionEvent, "adoption_events", _("Steps of the person in adoptions of practices"),
        exported="adoption status reason evidence_link role at", through="by",
    ),
)  # fmt: skip
