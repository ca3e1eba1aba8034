"""Accounts, people, organisations, networks, rights, and what goes between them. Nobody outside this app reads these.

What is known of a person stands in `Detail`, one row a value, each with its visibility; what makes a use lawful stands
in `Basis`. Whether a viewer may see a detail is asked of both at the moment of looking (`queries.people`), so that a
withdrawn consent has nothing to be forgotten in.
"""

from __future__ import annotations

from samsvar.site.network.access.models import Refusal, RoleGrant, StaffSession
from samsvar.site.network.accounts.models import Account, Accounts, Invitation
from samsvar.site.network.directory.models import Basis, Detail, Person, Photograph
from samsvar.site.network.emails.models import Letter
from samsvar.site.network.membership.models import Membership, Network, Organisation, Seat
from samsvar.site.network.messages.models import Ask, AskLine

__all__ = [
    "Account",
    "Accounts",
    "Ask",
    "AskLine",
    "Basis",
    "Detail",
    "Invitation",
    "Letter",
    "Membership",
    "Network",
    "Organisation",
    "Person",
    "Photograph",
    "Refusal",
    "RoleGrant",
    "Seat",
    "StaffSession",
]
