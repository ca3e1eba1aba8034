"""Personal data in measures: who on a desk decided what. Measures themselves name bodies, never people."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.implementation import models
from samsvar.site.network.data_inventory import (
    FOR_THE_RECORD,
    DataSubject,
    NoPersonalData,
    data_category,
    keep,
)

DESK = _("the national desk of the state; everyone else sees the role, not the name")
KEPT_WITH_RECORD = _("the record belongs to the state; it is kept, attributed to an anonymised account")
desk_category = partial(
    data_category,
    data_subject=DataSubject.STAFF,
    legal_bases=(LegalBasis.PUBLIC_TASK,),
    recipients=DESK,
    retention=FOR_THE_RECORD,
    erasure=keep(KEPT_WITH_RECORD),
)

DATA_CATEGORIES = (
    desk_category(
        models.Answer, "answers_linked", _("Links between measures and findings that the person recorded"),
        exported="measure finding scope part part_text reason role at ended_at", through="by",
    ),
    desk_category(
        models.Triage, "findings_triaged", _("Decisions of the person about findings, as a member of a national desk"),
        exported="finding decision reason note role at", through="by",
        not_personal="state cluster body body_name parts",
    ),
    desk_category(
        models.Change, "measure_changes",
        _("Changes that the person made to measures, links and decisions about findings"),
        exported="kind measure finding version cause before after reason role at", through="by",
        not_personal="state batch",
    ),
)  # fmt: skip

_FACT = "about a state’s measure"
_BODY = "an organisation's name"
NO_PERSONAL_DATA = {
    "samsvar_implementation.Region": NoPersonalData("regions and municipalities", {"name": "a territory's"}),
    "samsvar_implementation.Plan": NoPersonalData("a state’s plan", {"title": "a plan's"}),
    "samsvar_implementation.PlanChapter": NoPersonalData("a plan’s chapters", {"title": "a chapter's"}),
    "samsvar_implementation.Measure": NoPersonalData(
        _FACT, {"title": _FACT, "text": _FACT, "lead_name": _BODY, "stop_reason": "why a measure was stopped"}
    ),
    "samsvar_implementation.MeasureBody": NoPersonalData("bodies that carry out a measure", {"name": _BODY}),
    "samsvar_implementation.Cluster": NoPersonalData("findings that ask for the same", {"title": "a cluster's"}),
}
