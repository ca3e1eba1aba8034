"""The list of a network's members taken out of the site: who did it and why is written down, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, override

from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.permissions import in_force
from samsvar.site.network.queries.directory import by_name
from samsvar.site.network.queries.networks import can_export, members_of
from samsvar.site.network.queries.people import PersonView, details_for
from samsvar.site.trail.actions import record

LEAST_REASON = 10  # characters; "needed" explains nothing to an auditor
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
    *, network: models.Network, by: models.Account, form: str, with_people_at_risk: bool = False, why: str = ""
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
            if len(why.strip()) < LEAST_REASON:
                raise RiskNeedsReason("The list would have people at risk in it, and no reason was given.")
            _alert(network, at_risk)
        views = details_for(by, people, subject=f"export of {network.slug}", fields=_FIELDS)
        rows = tuple(_rows(people, views, network))
        details = {"form": form, "people": len(rows), "at_risk": at_risk}
        record(by=by, verb="exported members", subject=f"network {network.slug}", details=details, why=why.strip())
    return MemberList(rows, at_risk)


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


def _alert(network: models.Network, count: int) -> None:
    """A letter to everybody who is of this network's secretariat, whoever made the list among them. It names nobody."""
    of_it = Q(network=network) | Q(network__isnull=True)
    grants = models.RoleGrant.objects.filter(in_force(timezone.now()), of_it, role=Role.SECRETARIAT)
    secretariat = models.Account.objects.filter(pk__in=grants.values("account"), is_active=True)
    for account in secretariat:
        with override(account.language or settings.LANGUAGE_CODE):
            models.Letter.objects.create(
                account=account,
                to=account.email,
                subject=gettext("A list with people at risk leaves the site"),
                body=gettext(
                    "A list of the members of %(network)s was made with %(count)s people in it who are marked as at "
                    "risk. Who made it and why stands in the trail. If you know of no reason for it, speak to each "
                    "other now, and tell these people."
                )
                % {"network": network.name, "count": count},
            )
