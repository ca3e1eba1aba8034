"""Export of a network's list of members. The audit log records who exported it and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import MIN_REASON_LENGTH
from samsvar.site.network.access.queries import secretariat_accounts
from samsvar.site.network.directory.queries.directory import order_by_name
from samsvar.site.network.directory.queries.people import VisiblePerson, get_visible_people
from samsvar.site.network.emails.actions import notify
from samsvar.site.network.membership.queries import can_export_members, manageable_members, select_columns
from samsvar.site.shell.errors import SiteError

_PROFILE_COLUMNS = (
    "id", "name", "title", "organisation", "country", "group", "gender", "languages", "expertise", "email", "telephone",
)  # fmt: skip
COLUMNS = (*_PROFILE_COLUMNS, "offices", "at_risk")
_FIELDS = (
    Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.GROUP, Field.GENDER, Field.LANGUAGES,
    Field.EXPERTISE, Field.EMAIL, Field.TELEPHONE,
)  # fmt: skip


class RiskReasonMissing(SiteError):
    """Raised when a list with people at risk is requested without a reason."""

    message = _("The list would include people at risk, but no reason was given.")
    advice = _("Explain in one sentence why the list is needed, or leave these people out.")


@dataclass(frozen=True, slots=True)
class MemberList:
    """The rows of an export, and the number of people at risk among them."""

    rows: tuple[dict[str, object], ...]
    at_risk_count: int


def export_members(
    *,
    network: models.Network,
    by: models.Account,
    file_format: str,
    with_people_at_risk: bool = False,
    reason: str = "",
) -> MemberList:
    """Return the members of a network with all details that the secretariat may see, as rows of `COLUMNS`.

    People at risk are left out by default. Including them requires a reason, and every secretariat of the network is
    notified by email before the list is returned.
    """
    if not can_export_members(by, network):
        raise PermissionDenied
    members = manageable_members(by, network)
    if not with_people_at_risk:
        members = members.filter(at_risk=False)
    with transaction.atomic():
        people = list(order_by_name(by, members))
        at_risk = sum(person.at_risk for person in people)
        if at_risk:
            notify_before_export(
                count=at_risk, reason=reason, networks=[network], kind="network/list_with_people_at_risk",
                page="network:network-members", args=[network.slug], network=network.name,
            )  # fmt: skip
        views = get_visible_people(by, people, subject=f"export of {network.slug}", fields=_FIELDS)
        rows = tuple(_build_export_rows(people, views, network))
        details = {"form": file_format, "people": len(rows), "at_risk": at_risk}
        record(
            by=by, verb="exported members", subject=f"network {network.slug}", details=details, reason=reason.strip()
        )
    return MemberList(rows, at_risk)


def notify_before_export(
    *,
    count: int,
    reason: str,
    networks: Collection[models.Network],
    kind: str,
    page: str,
    args: Sequence[str],
    **context: str,
) -> None:
    """Require a reason, and notify every secretariat of these networks before data on people at risk is exported.

    The email names no one, and is also sent to the account that exports the list. Every export that includes people at
    risk must call this.
    """
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise RiskReasonMissing
    for account in secretariat_accounts(networks, Claim.MANAGE_PEOPLE):
        notify(account, kind, page=page, args=args, count=count, **context)


def _build_export_rows(
    people: Iterable[models.Person], views: Iterable[VisiblePerson], network: models.Network
) -> Iterable[dict[str, object]]:
    terms: dict[int, list[str]] = {}
    for term in network.memberships.order_by("begins", "pk"):
        days = f"{term.begins or ''}/{term.ends or ''}" if term.begins or term.ends else ""
        terms.setdefault(term.person_id, []).append(" ".join(filter(None, (term.office, term.state_id, days))))
    for person, view in zip(people, views, strict=True):
        membership = {"offices": terms.get(person.pk, []), "at_risk": person.at_risk}
        yield select_columns(view, _PROFILE_COLUMNS) | membership
