"""The demo network from people.toml: fictional organisations, people, terms of office and questions.

Existing data are left as users changed them: a restart does not restore a person whose consent was withdrawn.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from samsvar.ids import hash_content, stable_id
from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text, effective_visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.demo.helpers import load_demo_file, record_demo_data
from samsvar.site.network import models
from samsvar.site.network.accounts.queries import demo_accounts


@dataclass(frozen=True, slots=True)
class FictionalOffice:
    """A person's term of office in the network; `follows` is the key of the predecessor in people.toml."""

    office: str
    begins: date
    ends: date | None = None
    state: str = ""
    follows: str = ""


@dataclass(frozen=True, slots=True)
class FictionalPerson:
    """A fictional person from people.toml, with their details and who may see them."""

    key: str
    name: str = ""
    account: str = ""  # email address of an account offered on the sign-in page
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
    offices: tuple[FictionalOffice, ...] = ()

    @property
    def public_id(self) -> str:
        return stable_id("demonstration, person", self.key)

    @property
    def address(self) -> str:
        """Return the account's email address, or "" if there is no account.

        Only accounts offered on the sign-in page can be used to sign in.
        """
        return self.account or (f"{self.key}@lantern.example" if Purpose.CONTACT in self.agrees else "")

    def iter_details(self, network: str) -> Iterator[tuple[Field, str]]:
        """Yield the fields of this person's profile with their values; a field can have several values."""
        for field_name in Field:
            if field_name is Field.NETWORKS:
                yield field_name, network
                continue
            values = getattr(self, str(field_name), "")
            for value in (values,) if isinstance(values, str) else values:
                if value:
                    yield field_name, value

    def get_visibility(self, field_name: Field) -> Visibility:
        """Return who can see a field: the chosen visibility, limited by the legal bases and by safety protection."""
        return effective_visibility(
            field_name, self.narrower.get(field_name, self.sees), frozenset(self.agrees), at_risk=self.at_risk
        )


def make_demo_network() -> models.Network:
    """Create the network and its organisations if they are missing, and return the network."""
    file = load_demo_file("people.toml")
    data = file["network"]
    with transaction.atomic():
        values = {name: data[name] for name in ("name", "about", "founded")}
        network, _made = models.Network.objects.get_or_create(
            slug=data["slug"],
            defaults={**values, "lead_id": data["lead"], "confidence": "fictional", "fictional": True},
        )
        existing = set(models.Organisation.objects.values_list("public_id", flat=True))
        missing = [entry for entry in file["organisation"] if entry["key"] not in existing]
        models.Organisation.objects.bulk_create(_build_organisation(entry) for entry in missing)
        saved = models.Organisation.objects.in_bulk([entry["key"] for entry in missing], field_name="public_id")
        models.Seat.objects.bulk_create(
            models.Seat(
                network=network, organisation=saved[entry["key"]], begins=entry["begins"], ends=entry.get("ends")
            )
            for entry in missing
        )
    return network


def make_demo_people() -> int:
    """Create the people that do not exist yet, with questions and an open invitation; return their number."""
    network = make_demo_network()
    existing = set(models.Person.objects.values_list("public_id", flat=True))
    missing = [one for one in fictional_people() if one.public_id not in existing]
    with transaction.atomic():
        if missing:
            _add_people(missing, network)
            record_demo_data(f"network {network.slug}", people=len(missing))
        _create_questions(network)
        _create_invitations(network)
    return len(missing)


def fictional_people() -> tuple[FictionalPerson, ...]:
    """Return everyone in people.toml; people with an account on the sign-in page get the account's name."""
    names = {account.email: account.name for account in demo_accounts()}
    return tuple(
        FictionalPerson(
            **{
                **entry,
                "name": entry.get("name") or names.get(entry["account"], entry["title"]),
                "languages": tuple(entry.get("languages", ())),
                "expertise": tuple(entry.get("expertise", ())),
                "sees": Visibility(entry.get("sees", Visibility.SECRETARIAT)),
                "narrower": {Field(key): Visibility(who) for key, who in entry.get("narrower", {}).items()},
                "agrees": tuple(Purpose(purpose) for purpose in entry.get("agrees", ())),
                "offices": tuple(FictionalOffice(**office) for office in entry["offices"]),
            }
        )
        for entry in load_demo_file("people.toml")["person"]
    )


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _build_organisation(data: dict[str, Any]) -> models.Organisation:
    return models.Organisation(
        public_id=data["key"],
        name=data["name"],
        name_language=data.get("name_language", "en"),
        kind=data["kind"],
        state_id=data.get("state"),
        languages=data["languages"],
        about=data["about"],
        confidence="fictional",
        fictional=True,
    )


def _add_people(people: list[FictionalPerson], network: models.Network) -> None:
    accounts = _create_accounts(people)
    models.Person.objects.bulk_create(
        models.Person(
            public_id=person.public_id,
            account=accounts.get(person.address),
            at_risk=person.at_risk,
            pseudonym=person.pseudonym,
            fictional=True,
        )
        for person in people
    )
    people_by_id = models.Person.objects.in_bulk([person.public_id for person in people], field_name="public_id")
    models.Detail.objects.bulk_create(
        models.Detail(
            person=people_by_id[person.public_id],
            field=field_name,
            value=value,
            visibility=person.get_visibility(field_name),
        )
        for person in people
        for field_name, value in person.iter_details(network.slug)
    )
    models.Basis.objects.bulk_create(_build_legal_bases(people, people_by_id))
    _create_memberships(people, people_by_id, network)


def _create_accounts(people: list[FictionalPerson]) -> dict[str, models.Account]:
    """Create missing accounts for these people; return their accounts that are not linked to a person, by address."""
    addresses = [one.address for one in people if one.address]
    existing = set(models.Account.objects.filter(email__in=addresses).values_list("email", flat=True))
    offered = {account.email for account in demo_accounts()}
    created = [get_user_model()(email=one) for one in addresses if one not in existing | offered]
    for account in created:
        account.set_unusable_password()
    models.Account.objects.bulk_create(created)
    accounts = {account.email: account for account in models.Account.objects.filter(email__in=addresses, person=None)}
    new = [accounts[account.email] for account in created]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email, primary=True, verified=True) for account in new
    )
    models.RoleGrant.objects.bulk_create(
        models.RoleGrant(account=account, role=Role.READER, since=timezone.now(), reason="demonstration")
        for account in new
    )
    return accounts


def _build_legal_bases(
    people: list[FictionalPerson], people_by_id: Mapping[str, models.Person]
) -> Iterator[models.Basis]:
    now = timezone.now()
    for person in people:
        yield models.Basis(
            person=people_by_id[person.public_id],
            purpose=Purpose.MEMBERSHIP,
            ground=LegalBasis.PUBLIC_TASK,
            since=now,
            note="Nominated by a member organisation of the network. Fictional, for demonstration only.",
        )
        for purpose in person.agrees:
            text = current_consent_text(purpose)
            yield models.Basis(
                person=people_by_id[person.public_id],
                purpose=purpose,
                ground=LegalBasis.CONSENT,
                since=now,
                text_version=text.version if text else "demonstration",
            )


def _create_memberships(
    people: list[FictionalPerson], people_by_id: Mapping[str, models.Person], network: models.Network
) -> None:
    """Create every term of office in chronological order, so that a predecessor exists before its successor."""
    organisations = models.Organisation.objects.in_bulk(field_name="public_id")
    terms = sorted(
        ((office, person) for person in people for office in person.offices),
        key=lambda pair: (pair[0].begins, pair[1].key),
    )
    memberships: dict[tuple[str, str], models.Membership] = {}
    for office, person in terms:
        memberships[person.key, office.office] = models.Membership.objects.create(
            public_id=stable_id("demonstration, term", person.key, office.office, str(office.begins)),
            network=network,
            person=people_by_id[person.public_id],
            organisation=organisations.get(person.organisation),
            state_id=office.state or None,
            office=office.office,
            begins=office.begins,
            ends=office.ends,
            follows=memberships.get((office.follows, office.office)),
        )


def _create_questions(network: models.Network) -> None:
    """Create the questions in people.toml that do not exist yet, with their messages an hour apart."""
    accounts = {account.email: account for account in models.Account.objects.all()}
    people = models.Person.objects.in_bulk(field_name="public_id")
    keys = {one.key: one.public_id for one in fictional_people()}
    secretariat = accounts.get("secretariat@lantern.example")
    for data in load_demo_file("people.toml")["question"]:
        public_id = stable_id("demonstration, question", data["by"], data["to"], data["subject"])
        by, to = accounts.get(data["by"]), people.get(keys[data["to"]])
        if by is None or to is None or models.MemberQuestion.objects.filter(public_id=public_id).exists():
            continue
        asked_at = timezone.now() - timedelta(days=data["days"])
        handled = data["progress"] != models.MemberQuestion.Progress.WAITING
        question = models.MemberQuestion.objects.create(
            public_id=public_id,
            by=by,
            to=to,
            network=network,
            subject=data["subject"],
            progress=data["progress"],
            handled_by=secretariat if handled else None,
            handled_at=asked_at + timedelta(minutes=30) if handled else None,
            reason=data.get("reason", ""),
        )
        models.MemberQuestion.objects.filter(pk=question.pk).update(at=asked_at)
        for hour, (side, text) in enumerate(data["lines"]):
            message = models.QuestionMessage.objects.create(ask=question, side=side, text=text)
            models.QuestionMessage.objects.filter(pk=message.pk).update(at=asked_at + timedelta(hours=hour))


def _create_invitations(network: models.Network) -> None:
    """Create an invitation that was never emailed, so that the secretariat can send it again or withdraw it."""
    for data in load_demo_file("people.toml")["invitation"]:
        if models.Invitation.objects.filter(email=data["email"], network=network).exists():
            continue
        models.Invitation.objects.create(
            token_hash=hash_content(secrets.token_bytes(32)),
            email=data["email"],
            language=data["language"],
            network=network,
            organisation=models.Organisation.objects.filter(public_id=data["organisation"]).first(),
            office=data["office"],
            invited_by=models.Account.objects.filter(email="secretariat@lantern.example").first(),
            expires_at=timezone.now() + timedelta(days=14),
        )
