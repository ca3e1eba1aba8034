"""Roles and refusals: who gave them to whom, why, and until when."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from samsvar.network.membership import NetworkError
from samsvar.network.rights import BOUND, Claim, Role
from samsvar.site.network import models
from samsvar.site.network.permissions import holds
from samsvar.site.trail.actions import record


class RoleNeedsScope(NetworkError):
    """A role that holds for one country or one meeting was given without it."""

    code = "role_needs_scope"
    advice = "Say for which country, or for which meeting."


def give_role(
    *,
    account: models.Account,
    role: Role,
    by: models.Account | None,
    reason: str = "",
    state: str | None = None,
    network: models.Network | None = None,
    meeting: str = "",
    until: datetime | None = None,
) -> models.RoleGrant:
    """Give an account a role; nobody gives one to themselves. `by` None: a command, on the machine itself."""
    if by is not None and (by == account or not holds(by, Claim.GIVE_ROLES)):
        raise PermissionDenied
    said = {"state": state, "meeting": meeting}
    if role in BOUND and not said[BOUND[role]]:
        raise RoleNeedsScope(f"The role “{role}” holds for one {BOUND[role]} only.")
    with transaction.atomic():
        grant = models.RoleGrant.objects.create(
            account=account,
            role=role,
            state_id=state,
            network=network,
            meeting=meeting,
            since=timezone.now(),
            until=until,
            reason=reason,
            given_by=by,
        )
        details = {"role": role, "state": state or "", "network": network.slug if network else "", "meeting": meeting}
        record(by=by, verb="gave a role", subject=f"account {account.public_id}", details=details, why=reason)
    return grant
