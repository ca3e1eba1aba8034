"""The list of a network's members taken out of the site: who did it and why is written down, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import SHORTEST_REASON
from samsvar.site.network.access.queries import secretariats
from samsvar.site.network.directory.queries.directory import by_name
from samsvar.site.network.directory.queries.people import PersonView, details_for
from samsvar.site.network.emails.actions import tell
from samsvar.site.network.membership.queries import can_export, members_of

COLUMNS = (
    "id", "name", "title", "organisation", "country", "group", "gender", "languages", "expertise", "email", "telephone",
    "offices", "at_risk",
)  # fmt: skip
_FIELDS = (
    Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.GROUP, Field.GENDER, Field.LANGUAGES,
    Field.EXPERTISE, Field.EMAIL, Field.TELEPHONE,
)  # fmt: skip


class RiskNeedsReason(NetworkError):
    """A list with people at risk in it leaves the site for a reason, or not at all."""

    code = "risk_needs_reason"
    kept = "No list was made."
    advice = "Say in a sentence for what the list is needed, or leave these people out."


@dataclass(frozen=True, slots=True)
class MemberList:
    """The rows of an export, and how many people at risk are among them."""

    rows: tuple[dict[str, object], ...]
    at_risk: int


def export_members(
    *,
    network: models.Network,
    by: models.Account,
    form: str,
    site: str,
    with_people_at_risk: bool = False,
    why: str = "",
) -> MemberList:
    """The members of a network with all that the secretariat may see, as rows of `COLUMNS`.

    People at risk are left out unless somebody says for what they are needed; then every secretariat of the network
    gets a letter before the list is handed over.
    """
    if not can_export(by, network):
        raise PermissionDenied
    members = members_of(by, network)
    if not with_people_at_risk:
        members = members.filter(at_risk=False)
    with transaction.atomic():
        people = list(by_name(by, members))
        at_risk = sum(person.at_risk for person in people)
        if at_risk:
            tell_before_it_leaves(
                count=at_risk, why=why, networks=[network], site=site, kind="network/list_with_people_at_risk",
                page="network:network-members", args=[network.slug], network=network.name,
            )  # fmt: skip
        views = details_for(by, people, subject=f"export of {network.slug}", fields=_FIELDS)
        rows = tuple(_rows(people, views, network))
        details = {"form": form, "people": len(rows), "at_risk": at_risk}
        record(by=by, verb="exported members", subject=f"network {network.slug}", details=details, why=why.strip())
    return MemberList(rows, at_risk)


def tell_before_it_leaves(
    *,
    count: int,
    why: str,
    networks: Collection[models.Network],
    site: str,
    kind: str,
    page: str,
    args: Sequence[str],
    **context: object,
) -> None:
    """Before a list with people at risk leaves: a reason is asked for, and every secretariat of these networks is told.

    The letter names nobody, and goes to whoever made the list too. Every list of people that can leave asks here.
    """
    if len(why.strip()) < SHORTEST_REASON:
        raise RiskNeedsReason("The list would have people at risk in it, and no reason was given.")
    for account in secretariats(networks, Claim.MANAGE_PEOPLE):
        tell(account=account, kind=kind, site=site, page=page, args=args, count=count, **context)


def _rows(
    people: Iterable[models.Person], views: Iterable[PersonView], network: models.Network
) -> Iterable[dict[str, object]]:
    terms: dict[int, list[str]] = {}
    for term in network.memberships.order_by("begins", "pk"):
        days = f"{term.begins or ''}/{term.ends or ''}" if term.begins or term.ends else ""
        terms.setdefault(term.person_id, []).append(" ".join(filter(None, (term.office, term.state_id, days))))
    for person, view in zip(people, views, strict=True):
        yield {
            "id": view.public_id,
            "name": view.name,
            "title": view.title,
            "organisation": view.organisation.shown if view.organisation else "",
            "country": view.country,
            "group": view.group,
            "gender": view.gender,
            "languages": list(view.languages),
            "expertise": list(view.expertise),
            "email": view.email,
            "telephone": view.telephone,
            "offices": terms.get(person.pk, []),
            "at_risk": person.at_risk,
        }
