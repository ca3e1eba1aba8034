"""Factories for plans, measures, answers and evidence of fictional states."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from samsvar.implementation.duties import DutyKind
from samsvar.implementation.evidence import EvidenceKind, EvidenceStatus, Side
from samsvar.implementation.measures import MeasureVisibility, Stage
from samsvar.network.rights import Role
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.actions import record_duty
from samsvar.site.implementation.evidence.permissions import Giver
from samsvar.site.implementation.measures import actions
from samsvar.site.implementation.rooms import actions as room_actions
from samsvar.site.monitoring.models import Finding
from samsvar.site.network import models as network
from tests.factories.people import make_account, make_membership, make_person


def make_measure(title: str = "Open a second shelter", *, state: str = "XA", **how: Any) -> models.Measure:
    """Add a measure through the site's own action; it is public and decided unless `how` says otherwise."""
    stage = how.pop("stage", Stage.DECIDED)
    options = {name: how.pop(name) for name in ("bodies", "reason", "commitment", "by") if name in how}
    values = {"visibility": MeasureVisibility.PUBLIC, "title": title, **how}
    return actions.save_measure(state=state, values=values, stage=stage, **{"by": None, **options})


def make_bulk_edit(*measures: models.Measure, by: network.Account) -> UUID:
    """Change when measures are due by a bulk edit, and return its ID, by which it can be undone."""
    batch = uuid4()
    actions.change_measures(
        by=by, state=measures[0].state_id, measures=measures, values={"due": "2031"}, reason="A new budget", batch=batch
    )
    return batch


def make_evidence(
    about: models.Measure | Finding, *, side: Side = Side.STATE, supports: bool = True, **columns: Any
) -> models.Evidence:
    """Create accepted evidence for a measure or a finding."""
    thing = {"measure": about} if isinstance(about, models.Measure) else {"finding": about}
    defaults = {
        "kind": EvidenceKind.REPORT,
        "title": "What was counted in March",
        "received": date(2026, 4, 2),
        "status": EvidenceStatus.ACCEPTED,
        "organisation_name": "A fictional organisation",
    }
    return models.Evidence.objects.create(
        state_id="XA", side=side, supports=supports, **thing, **{**defaults, **columns}
    )


def make_duty(
    kind: DutyKind = DutyKind.REPORT_BACK, *, state: str = "XA", procedure: str = "baseline", **values: str
) -> models.Duty:
    """Record a step of a procedure through the site's own action, by default with a printed due day."""
    printed = {"due": "2026-06-01", "basis": "printed", "due_source": "Conclusions, paragraph 9"}
    return record_duty(by=None, state=state, procedure=procedure, kind=kind, values=values or printed)


def make_organisation(
    name: str = "Lamp House", *, kind: str = "shelter_ngo", state: str | None = "XA"
) -> network.Organisation:
    """Create a fictional organisation, an NGO that runs shelters unless `kind` says otherwise."""
    return network.Organisation.objects.create(
        public_id=name.lower().replace(" ", "-"), name=name, kind=kind, state_id=state, fictional=True
    )


def make_representative(organisation: network.Organisation, *roles: Role, **scope: Any) -> network.Account:
    """Create an account of a person who represents an organisation in a network; a contributor without other roles."""
    account = make_account(*(roles or (Role.CONTRIBUTOR,)), **scope)
    home, _made = network.Network.objects.get_or_create(slug="lantern", defaults={"name": "Lantern", "fictional": True})
    make_membership(home, make_person(account=account), organisation=organisation)
    return account


def giver_for(organisation: network.Organisation | None, *, state: str = "XA") -> Giver:
    """Return an organisation, or the state's national desk if it is None, as the giver of evidence."""
    return Giver(state, Side.CIVIL_SOCIETY, organisation) if organisation else Giver(state, Side.STATE)


def make_room(
    by: network.Account, organisation: network.Organisation, *, title: str = "Our comments", **how: Any
) -> models.Room:
    """Create a room through the site's own action."""
    return room_actions.create_room(
        by=by, organisation=organisation, title=title, **{"state": "XA", "language": "en", **how}
    )
