"""Queries for erasure requests: whose data a request is about, and what erasure would delete or keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.data_inventory import DataCategory, SubjectOfRequest, data_categories, resolve_subject
from samsvar.site.network.directory.queries.retention_duties import FIELDS_KEPT_BY_PURPOSE, retention_duties
from samsvar.site.network.labels import FIELDS, LEGAL_BASES, PURPOSES
from samsvar.site.shell.labels import Label


@dataclass(frozen=True, slots=True)
class RetentionDuty:
    """A recorded legal basis, other than consent, that requires keeping some of the data."""

    purpose: Label
    ground: Label
    note: str
    fields: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """The data for the page on which erasure is confirmed."""

    counts: list[tuple[DataCategory, int]]  # only categories with rows
    duties: tuple[RetentionDuty, ...]


def erasure_page(subject: SubjectOfRequest, *, now: datetime) -> ErasurePage:
    duties = retention_duties(subject.person, now) if subject.person else []
    # Where only some of the rows are exported, only those are counted: a person must not learn from the number that a
    # question to them was declined.
    counts = []
    for category in data_categories():
        find_rows = category.get_exported_rows if category.find_exported_rows else category.get_erased_rows
        counts.append((category, find_rows(subject).count()))
    return ErasurePage(
        counts=[(category, count) for category, count in counts if count],
        duties=tuple(
            RetentionDuty(
                purpose=PURPOSES[Purpose(duty.purpose)],
                ground=LEGAL_BASES[LegalBasis(duty.ground)],
                note=duty.note,
                fields=tuple(FIELDS[field] for field in FIELDS_KEPT_BY_PURPOSE[Purpose(duty.purpose)]),
            )
            for duty in duties
        ),
    )


def find_subject_by_public_id(public_id: str) -> SubjectOfRequest | None:
    """Return the account or person with this public ID, or None if there is none or their data have been erased."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    if person is not None:
        return resolve_subject(person=person)
    account = models.Account.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    return resolve_subject(account=account) if account else None


def find_subject_by_email(address: str) -> SubjectOfRequest | None:
    """Return the data subject with this sign-in, further or profile address; None if there is none or two share it."""
    address = address.strip().lower()
    if not address:
        return None
    further = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user")
    accounts = models.Account.objects.filter(erased_at__isnull=True)
    account = accounts.filter(email=address).first() or accounts.filter(pk__in=further).first()
    if account is not None:
        return resolve_subject(account=account)
    details = models.Detail.objects.filter(field=Field.EMAIL, value__iexact=address, person__erased_at__isnull=True)
    people = {detail.person_id: detail.person for detail in details.select_related("person")[:2]}
    # None if two people share the address, without saying so
    return resolve_subject(person=people.popitem()[1]) if len(people) == 1 else None


def find_subject(identifier: str, *, verified: bool = False) -> SubjectOfRequest | None:
    """Return the data subject with this public ID or email address.

    With `verified`, an email address that no one on the site has is a subject too, because the requester proved it.
    """
    if "@" not in identifier:
        return find_subject_by_public_id(identifier)
    subject = find_subject_by_email(identifier)
    return resolve_subject(verified_email=identifier) if subject is None and verified else subject


def erased_public_ids() -> QuerySet[Any]:
    """Return the public IDs whose data was erased, oldest first, so that it can be erased again after a restore."""
    people = models.Person.objects.filter(erased_at__isnull=False).values_list("public_id", "erased_at")
    accounts = models.Account.objects.filter(erased_at__isnull=False).values_list("public_id", "erased_at")
    return people.union(accounts).order_by("erased_at")
