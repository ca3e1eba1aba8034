"""Models for accounts, people, organisations, networks, roles and messages.

Other apps do not use these models directly. Data about a person is in `Detail`, with one row per value and a visibility
for each; the legal basis for using it is in `Basis`. Whether a viewer may see a detail is decided from both at query
time (`queries.people`), so that withdrawing consent takes effect everywhere.
"""

from __future__ import annotations

from samsvar.site.network.access.models import Refusal, RoleGrant, StaffSession
from samsvar.site.network.accounts.models import Account, AccountManager, Invitation
from samsvar.site.network.directory.models import Basis, Detail, Person, Photograph
from samsvar.site.network.drafts.models import FormDraft
from samsvar.site.network.emails.models import OutgoingEmail
from samsvar.site.network.membership.models import Membership, Network, Organisation, Seat
from samsvar.site.network.messages.models import MemberQuestion, QuestionMessage

__all__ = [
    "Account",
    "AccountManager",
    "Basis",
    "Detail",
    "FormDraft",
    "Invitation",
    "MemberQuestion",
    "Membership",
    "Network",
    "Organisation",
    "OutgoingEmail",
    "Person",
    "Photograph",
    "QuestionMessage",
    "Refusal",
    "RoleGrant",
    "Seat",
    "StaffSession",
]
