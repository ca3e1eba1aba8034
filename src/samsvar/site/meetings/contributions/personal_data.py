"""Personal data in the call for contributions and in imported programmes."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.personal_data import MEETING_BASES, MEETINGS, ORGANISERS, meeting_category
from samsvar.site.network.data_inventory import (
    HASH_OF_LINK,
    INTERNAL_ID,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    anonymised,
    deleted,
    keep,
    staff_category,
    withhold,
)

State = models.Contribution.State
OTHERS = _("the data concerns someone else")
SYSTEM_ONLY = _("no one (used only by the system)")

DATA_CATEGORIES = (
    meeting_category(
        models.ContributionLink, "contribution_links", _("Links for submitting a proposal without an account"),
        exported="email language call sent_at",
        withheld={"token_hash": HASH_OF_LINK, "public_id": INTERNAL_ID},
        data_subject=DataSubject.INVITED, recipients=SYSTEM_ONLY,
        by_address="email",
    ),
    meeting_category(
        models.Contribution, "contributions", _("Proposals the person submitted for a meeting, and the decisions"),
        exported=(
            "public_id call title abstract language kind track articles with_others state reason session at decided_at"
        ),
        withheld={"decided_by": OTHERS, "link": INTERNAL_ID},
        recipients=_("the organisers; reviewers, without the name"),
        erasure=deleted(_("deleted together with its reviews; a session created from it is kept, without the "
"person’s name")),
    ),
    staff_category(
        models.Contribution, "contributions_decided", _("Proposals the person decided on"),
        exported="public_id state reason decided_at", through="decided_by",
        withheld=withhold("person account link title abstract with_others", OTHERS),
        not_personal="call language kind track articles session at",
        purposes=MEETINGS, legal_bases=MEETING_BASES, recipients=ORGANISERS, retention="contributions",
        erasure=keep(_("the decision and its reason are kept, attributed to an anonymised account")),
    ),
    meeting_category(
        models.ContributionReview, "contributions_reviewed",
        _("The person’s reviews, and any conflicts of interest they declared"),
        exported="contribution score conflict text at", through="by",
        data_subject=DataSubject.STAFF,
        recipients=_("the organisers; other reviewers, depending on the settings of the call"),
        retention="contributions",
        erasure=keep(_("the review is kept with the proposal, attributed to an anonymised account")),
    ),
    meeting_category(
        models.ImportedPerson, "taken_people",
        _("Record that the person appeared in a programme imported from another system"),
        exported="meeting",
        withheld={"key": _("this is only a hash of a key from the other system")},
        recipients=SYSTEM_ONLY, retention=_("for as long as the meeting’s programme is kept"),
        erasure=anonymised(
            _(
                "the link to the person is removed; the rest of the record is kept so that their data is not "
"imported again from the same file"
            ),
            {"person": None},
        ),
    ),
)  # fmt: skip


RETENTION_RULES = (
    RetentionRule(
        models.ContributionLink, "sent_at", "contribution_links",
        _("Links for submitting a proposal without an account"),
        days=400, after=_("after the link was sent"),
        why=_("by then, the call has closed and the author has been able to read the decision"),
    ),
    RetentionRule(
        models.Contribution, "decided_at", "contributions", _("Declined or withdrawn proposals, with their reviews"),
        days=365, after=_("after the decision"),
        why=_("a decision can be questioned for a year; accepted proposals are kept with the programme"),
        condition=Q(state__in=(State.DECLINED, State.WITHDRAWN)),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_meetings.ContributionCall": NoPersonalData(
        "the call itself", {"text": "the text of the call", "languages": "languages of contributions"}
    )
}
