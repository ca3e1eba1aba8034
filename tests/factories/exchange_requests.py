"""Factories for requests for help, replies and offers, through the site's own actions."""

from __future__ import annotations

from typing import Any

from samsvar.exchange.requests import ShownAs
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.exchange.permissions import contributors
from samsvar.site.exchange.requests import actions
from samsvar.site.exchange.requests.models import HelpRequest, Offer, Reply
from samsvar.site.network import models as network
from tests.factories.people import make_account, make_membership, make_person

PROBLEM = "Cum putem răspunde la telefon și noaptea?"
SITUATION = "Linia telefonică funcționează numai ziua."


def make_member(
    home: network.Network, *, name: str = "", organisation: network.Organisation | None = None,
    roles: tuple[Role, ...] = (Role.CONTRIBUTOR,), **how: Any,
) -> network.Account:  # fmt: skip
    """Create an account of a member of a network, whose name all members can see if `name` is given."""
    account = make_account(*roles, email=how.pop("email", ""))
    person = make_person(
        account=account,
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY,),
        details={Field.NAME: name} if name else None,
        **how,
    )
    make_membership(home, person, organisation=organisation)
    return account


def make_help_request(by: network.Account, home: network.Network | None, **how: Any) -> HelpRequest:
    """Ask as a member; the request is in Romanian and shown as no one's unless `how` says otherwise."""
    shown = how.pop("shown", ShownAs.NO_ONE)
    fields = {"problem": PROBLEM, "situation": SITUATION, "language": "ro", "articles": ("24",), **how}
    on_behalf_of = next(iter(contributors(by)), None)
    return actions.ask_network(
        by=by, fields=actions.RequestFields(**fields), shown=shown, network=home, on_behalf_of=on_behalf_of
    )


def make_reply(by: network.Account, request: HelpRequest, text: str = "We share shifts.", **how: Any) -> Reply:
    """Reply as a member, shown as the organisation unless `how` says otherwise."""
    shown = how.pop("shown", ShownAs.ORGANISATION)
    return actions.reply_to_request(
        by=by,
        request=request,
        fields=actions.ReplyFields(text=text, **how),
        shown=shown,
        on_behalf_of=next(iter(contributors(by)), None),
    )


def make_offer(by: network.Account, title: str = "A call about night shifts", **how: Any) -> Offer:
    """Offer a call on behalf of what the account represents first."""
    fields = {"title": title, "help": ("call",), "articles": ("24",), "languages": ("en",), **how}
    return actions.add_offer(by=by, on_behalf_of=contributors(by)[0], fields=actions.OfferFields(**fields))
