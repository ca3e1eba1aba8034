"""Factories for introductions and adoptions of fictional states, with the practice or request that they need."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from samsvar.exchange.practices import PracticeStatus
from samsvar.exchange.requests import HelpForm, ShownAs
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.exchange import models
from samsvar.site.exchange.adoptions.actions import take_up
from samsvar.site.exchange.introductions import actions
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices.queries.content import frozen_content, hash_of, tags_of
from samsvar.site.network import models as network
from tests.factories.implementation import make_organisation
from tests.factories.people import make_account, make_membership, make_person


def make_state(code: str) -> State:
    return State.objects.get_or_create(code=code, defaults={"kind": "fictional"})[0]


def make_lantern() -> network.Network:
    return network.Network.objects.get_or_create(slug="lantern", defaults={"name": "Lantern", "fictional": True})[0]


def make_member(
    name: str,
    organisation: network.Organisation | None = None,
    *roles: Role,
    consents: tuple[Purpose, ...] = (),
    **how: Any,
) -> network.Account:
    """Create a contributor with a name who is a member of the network "lantern", for an organisation if one is given.

    `expertise=`, `at_risk=` belong to the person, `state=` to the role.
    """
    expertise, at_risk = how.pop("expertise", []), how.pop("at_risk", False)
    account = make_account(*(roles or (Role.CONTRIBUTOR,)), **how)
    person = make_person(
        account=account, consents=(*consents, Purpose.DIRECTORY), at_risk=at_risk, pseudonym="Ida" if at_risk else "",
        details={Field.NAME: name, Field.EXPERTISE: expertise}, visibility=Visibility.SECRETARIAT,
    )  # fmt: skip
    make_membership(make_lantern(), person, organisation=organisation)
    return account


def make_practice(
    title: str = "A reverse alarm",
    *,
    state: str = "XB",
    organisation: network.Organisation | None = None,
    **columns: Any,
) -> models.Practice:
    """Create a published practice of a state with its frozen version, in English."""
    make_state(state)
    practice = models.Practice.objects.create(
        **{
            "state_id": state, "organisation": organisation, "articles": ["53"], "concepts": ["protection-orders"],
            "status": PracticeStatus.PUBLISHED, "published_version": 1, "published_at": timezone.now(),
            "confirmed_on": timezone.localdate(),
        } | columns
    )  # fmt: skip
    models.PracticeText.objects.create(
        practice=practice, language="en", title=title, problem="Women had to call the police themselves.",
        solution="The offender wears the alarm.", went_wrong="No signal in the valleys.",
    )  # fmt: skip
    content = frozen_content(practice)
    practice.versions.create(number=1, content=content, content_hash=hash_of(content), tags=tags_of(content))
    return practice


def make_request(by: network.Account, *, state: str | None = "XA", **columns: Any) -> models.HelpRequest:
    """Create a request for help of the network "lantern", shown with its country unless `shown_as` says otherwise."""
    if state:
        make_state(state)
    return models.HelpRequest.objects.create(
        **{
            "by": by, "network": make_lantern(), "state_id": state, "shown_as": ShownAs.COUNTRY,
            "problem": "We need an alarm that the offender wears.", "situation": "Women get a paper.",
            "articles": ["53"], "concepts": ["protection-orders"],
        } | columns
    )  # fmt: skip


def make_introduction(
    *, asker: network.Account | None = None, helper: network.Account | None = None, **how: Any
) -> models.Introduction:
    """Propose an introduction for the practice of an organisation in XB, through the site's own action.

    Without `helper`, someone of the organisation that owns the practice is asked. `invited=True` asks both sides, and
    `introduced=True` has both accept. `request=` and `match=` can be given; `shown_as=` belongs to the request.
    """
    organisation = make_organisation(f"Lighthouse {models.Introduction.objects.count()}", state=make_state("XB").code)
    helper = helper or make_member("Hanna Helper", organisation)
    person = helper.person
    person.memberships.update(organisation=organisation)
    asker = asker or make_member("Asta Asker")
    request = how.pop("request", None) or make_request(asker, **{k: how.pop(k) for k in ("shown_as",) if k in how})
    practice = how.pop("practice", None) or make_practice(organisation=organisation)
    invited, introduced = how.pop("invited", False), how.pop("introduced", False)
    introduction = actions.propose_introduction(
        by=None, request=request, practice=practice, form_of_help=how.pop("form_of_help", HelpForm.STUDY_VISIT), **how
    )
    if invited or introduced:
        introduction = actions.invite_both(by=None, introduction=introduction)
    if introduced:
        for account in (introduction.asker, introduction.helper):
            assert account is not None
            introduction = actions.accept_introduction(by=account, introduction=introduction, shown_as=ShownAs.NAME)
    return introduction


def make_adoption(
    *,
    practice: models.Practice | None = None,
    state: str = "XA",
    organisation: Any = None,
    measure: Any = None,
    **values: Any,
) -> models.Adoption:
    """Record through the site's own action that a state takes up a practice; public unless `values` say otherwise."""
    make_state(state)
    return take_up(
        by=None, practice=practice or make_practice(), adopter=Contributor(state, organisation), measure=measure,
        values={"kind": "adapted", "changed": "One county first.", "is_public": True, **values},
    )  # fmt: skip


def make_exchange_to_visit(
    asker: network.Account, helper: network.Account, home: network.Network, practice: str
) -> tuple[models.Introduction, models.Adoption]:
    """Make an introduction of two accounts who have both accepted, and a public adoption by the desk of XB."""
    request = make_request(asker, network=home)
    now = timezone.now()
    introduction = models.Introduction.objects.create(
        request=request, network=home, asker=asker, helper=helper, asker_state_id="XA", help=HelpForm.CALL,
        status="introduced", invited_at=now, asker_accepted_at=now, helper_accepted_at=now, introduced_at=now,
    )  # fmt: skip
    return introduction, make_adoption(practice=models.Practice.objects.get(public_id=practice), state="XB")
