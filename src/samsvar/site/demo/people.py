"""The demonstration's network: invented organisations, people, offices and questions, from people.toml.

What is there is left as somebody changed it: a person whose consent was withdrawn is not brought back by a restart.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from samsvar.ids import content_hash, stable_id
from samsvar.network.consent import Ground, Purpose, Visibility, current_text, effective
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.accounts.queries import demo_accounts


@dataclass(frozen=True, slots=True)
class InventedOffice:
    """A term of somebody in the network; `follows` is the key of whose term it continues."""

    office: str
    begins: date
    ends: date | None = None
    state: str = ""
    follows: str = ""


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One person of people.toml, with what is known of them and who may see it."""

    key: str
    name: str = ""
    account: str = ""  # address of an account that the sign-in page offers
    title: str = ""
    organisation: str = ""
    country: str = ""
    group: str = ""
    gender: str = ""
    languages: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    about: str = ""
    email: str = ""
    telephone: str = ""
    sees: Visibility = Visibility.SECRETARIAT
    narrower: Mapping[Field, Visibility] = field(default_factory=dict)
    agrees: tuple[Purpose, ...] = ()
    at_risk: bool = False
    pseudonym: str = ""
    offices: tuple[InventedOffice, ...] = ()

    @property
    def public_id(self) -> str:
        return stable_id("demonstration, person", self.key)

    @property
    def address(self) -> str:
        """Of the account; "" for those without one. Nobody can sign in to one that the sign-in page does not offer."""
        return self.account or (f"{self.key}@lantern.example" if Purpose.CONTACT in self.agrees else "")

    def details(self, network: str) -> Iterator[tuple[Field, str]]:
        """Every value of this person, by its field."""
        for one in Field:
            if one is Field.NETWORKS:
                yield one, network
                continue
            said = getattr(self, str(one), "")
            for value in (said,) if isinstance(said, str) else said:
                if value:
                    yield one, value

    def visibility(self, of: Field) -> Visibility:
        """Who sees a field: as chosen, and never wider than is lawful and safe."""
        return effective(of, self.narrower.get(of, self.sees), frozenset(self.agrees), at_risk=self.at_risk)


def make_demo_network() -> models.Network:
    """The network and its organisations, to which accounts and people are then bound."""
    file = _file()
    said = file["network"]
    with transaction.atomic():
        network, _made = models.Network.objects.get_or_create(
            slug=said["slug"],
            defaults={
                "name": said["name"],
                "about": said["about"],
                "lead_id": said["lead"],
                "founded": said["founded"],
                "confidence": "invented",
                "invented": True,
            },
        )
        there = set(models.Organisation.objects.values_list("public_id", flat=True))
        missing = [one for one in file["organisation"] if one["key"] not in there]
        models.Organisation.objects.bulk_create(_organisation(one) for one in missing)
        rows = models.Organisation.objects.in_bulk([one["key"] for one in missing], field_name="public_id")
        models.Seat.objects.bulk_create(
            models.Seat(network=network, organisation=rows[one["key"]], begins=one["begins"], ends=one.get("ends"))
            for one in missing
        )
    return network


def make_demo_people() -> int:
    """The people of the network, what they ask, and an invitation that waits; how many people were added."""
    network = make_demo_network()
    there = set(models.Person.objects.values_list("public_id", flat=True))
    missing = [one for one in invented_people() if one.public_id not in there]
    with transaction.atomic():
        if missing:
            _add(missing, network)
            details = {"people": len(missing)}
            record(by=None, verb="loaded", subject=f"network {network.slug}", details=details, why="demonstration")
        _ask(network)
        _invite(network)
    return len(missing)


def invented_people() -> tuple[InventedPerson, ...]:
    """Everybody of people.toml; those with an account of the sign-in page have its name."""
    names = {account.email: account.name for account in demo_accounts()}
    return tuple(
        InventedPerson(
            **{
                **one,
                "name": one.get("name") or names.get(one["account"], one["title"]),
                "languages": tuple(one.get("languages", ())),
                "expertise": tuple(one.get("expertise", ())),
                "sees": Visibility(one.get("sees", Visibility.SECRETARIAT)),
                "narrower": {Field(key): Visibility(who) for key, who in one.get("narrower", {}).items()},
                "agrees": tuple(Purpose(purpose) for purpose in one.get("agrees", ())),
                "offices": tuple(InventedOffice(**office) for office in one["offices"]),
            }
        )
        for one in _file()["person"]
    )


# --- Steps ------------------------------------------------------------------------------------------------------------


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("samsvar.site.demo").joinpath("people.toml").read_text(encoding="utf-8"))


def _organisation(said: dict[str, Any]) -> models.Organisation:
    return models.Organisation(
        public_id=said["key"],
        name=said["name"],
        name_language=said.get("name_language", "en"),
        kind=said["kind"],
        state_id=said.get("state"),
        languages=said["languages"],
        about=said["about"],
        confidence="invented",
        invented=True,
    )


def _add(people: list[InventedPerson], network: models.Network) -> None:
    accounts = _accounts(people)
    models.Person.objects.bulk_create(
        models.Person(
            public_id=one.public_id,
            account=accounts.get(one.address),
            at_risk=one.at_risk,
            pseudonym=one.pseudonym,
            invented=True,
        )
        for one in people
    )
    rows = models.Person.objects.in_bulk([one.public_id for one in people], field_name="public_id")
    models.Detail.objects.bulk_create(
        models.Detail(person=rows[one.public_id], field=of, value=value, visibility=one.visibility(of))
        for one in people
        for of, value in one.details(network.slug)
    )
    models.Basis.objects.bulk_create(_bases(people, rows))
    _appoint(people, rows, network)


def _accounts(people: list[InventedPerson]) -> dict[str, models.Account]:
    """The accounts of these people by address, made where they are missing; without one that has an entry already."""
    addresses = [one.address for one in people if one.address]
    there = set(models.Account.objects.filter(email__in=addresses).values_list("email", flat=True))
    offered = {account.email for account in demo_accounts()}
    made = [get_user_model()(email=one) for one in addresses if one not in there | offered]
    for account in made:
        account.set_unusable_password()
    models.Account.objects.bulk_create(made)
    accounts = {account.email: account for account in models.Account.objects.filter(email__in=addresses, person=None)}
    new = [accounts[account.email] for account in made]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email, primary=True, verified=True) for account in new
    )
    models.RoleGrant.objects.bulk_create(
        models.RoleGrant(account=account, role=Role.READER, since=timezone.now(), reason="demonstration")
        for account in new
    )
    return accounts


def _bases(people: list[InventedPerson], rows: Mapping[str, models.Person]) -> Iterator[models.Basis]:
    now = timezone.now()
    for one in people:
        yield models.Basis(
            person=rows[one.public_id],
            purpose=Purpose.MEMBERSHIP,
            ground=Ground.PUBLIC_TASK,
            since=now,
            note="Named by an organisation that has a seat in the network. Invented for the demonstration.",
        )
        for purpose in one.agrees:
            text = current_text(purpose)
            yield models.Basis(
                person=rows[one.public_id],
                purpose=purpose,
                ground=Ground.CONSENT,
                since=now,
                text_version=text.version if text else "demonstration",
            )


def _appoint(people: list[InventedPerson], rows: Mapping[str, models.Person], network: models.Network) -> None:
    """Every term, from the first to the latest, so that whom it follows is there before it."""
    organisations = models.Organisation.objects.in_bulk(field_name="public_id")
    terms = sorted(
        ((office, one) for one in people for office in one.offices), key=lambda pair: (pair[0].begins, pair[1].key)
    )
    made: dict[tuple[str, str], models.Membership] = {}
    for office, one in terms:
        made[one.key, office.office] = models.Membership.objects.create(
            public_id=stable_id("demonstration, term", one.key, office.office, str(office.begins)),
            network=network,
            person=rows[one.public_id],
            organisation=organisations.get(one.organisation),
            state_id=office.state or None,
            office=office.office,
            begins=office.begins,
            ends=office.ends,
            follows=made.get((office.follows, office.office)),
        )


def _ask(network: models.Network) -> None:
    """The questions of people.toml, unless they are there; each with its lines, at an hour's distance."""
    accounts = {account.email: account for account in models.Account.objects.all()}
    people = models.Person.objects.in_bulk(field_name="public_id")
    keys = {one.key: one.public_id for one in invented_people()}
    secretariat = accounts.get("secretariat@lantern.example")
    for said in _file()["question"]:
        public_id = stable_id("demonstration, question", said["by"], said["to"], said["subject"])
        by, to = accounts.get(said["by"]), people.get(keys[said["to"]])
        if by is None or to is None or models.Ask.objects.filter(public_id=public_id).exists():
            continue
        begun = timezone.now() - timedelta(days=said["days"])
        handled = said["progress"] != models.Ask.Progress.WAITING
        ask = models.Ask.objects.create(
            public_id=public_id,
            by=by,
            to=to,
            network=network,
            subject=said["subject"],
            progress=said["progress"],
            handled_by=secretariat if handled else None,
            handled_at=begun + timedelta(minutes=30) if handled else None,
            reason=said.get("reason", ""),
        )
        models.Ask.objects.filter(pk=ask.pk).update(at=begun)
        for hour, (side, text) in enumerate(said["lines"]):
            line = models.AskLine.objects.create(ask=ask, side=side, text=text)
            models.AskLine.objects.filter(pk=line.pk).update(at=begun + timedelta(hours=hour))


def _invite(network: models.Network) -> None:
    """An invitation whose letter nobody has: the secretariat can send it again, or withdraw it."""
    for said in _file()["invitation"]:
        if models.Invitation.objects.filter(email=said["email"], network=network).exists():
            continue
        models.Invitation.objects.create(
            token_hash=content_hash(secrets.token_bytes(32)),
            email=said["email"],
            language=said["language"],
            network=network,
            organisation=models.Organisation.objects.filter(public_id=said["organisation"]).first(),
            office=said["office"],
            invited_by=models.Account.objects.filter(email="secretariat@lantern.example").first(),
            expires_at=timezone.now() + timedelta(days=14),
        )
