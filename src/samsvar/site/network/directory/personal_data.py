"""Personal data in profiles: details and their visibility, memberships, photographs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.data_inventory import (
    CONSENT,
    FOR_THE_RECORD,
    OTHER_PERSON,
    SECRETARIAT_ONLY,
    STATISTICS_FIELDS,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    anonymised,
    data_category,
    deleted,
    staff_category,
    withhold,
)
from samsvar.site.network.directory.queries.retention_duties import RETENTION_BASES, retained_fields, retention_duties
from samsvar.site.shell.uploads import delete_private_file, read_private_file

_SOURCED_FACT = "a fact about an organisation, with its public source"
_SOURCED = dict.fromkeys(("note", "source", "second_source"), _SOURCED_FACT)
person_category = partial(data_category, data_subject=DataSubject.PEOPLE, recipients=SECRETARIAT_ONLY)


def _photograph_files(photograph: models.Photograph) -> Iterable[tuple[str, bytes]]:
    content = read_private_file(photograph.content_hash)
    if content is not None:
        yield f"photographs/{photograph.content_hash[:16]}.{photograph.format.lower()}", content


def _erase_details(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    kept_fields = retained_fields(subject.person, now)
    remaining = rows.filter(field__in=[*STATISTICS_FIELDS, *kept_fields])
    count, _per_table = rows.exclude(pk__in=list(remaining.values_list("pk", flat=True))).delete()
    remaining.filter(field__in=STATISTICS_FIELDS).update(visibility=Visibility.ONLY_ME)
    remaining.exclude(field__in=STATISTICS_FIELDS).update(visibility=Visibility.SECRETARIAT)
    return count


def _erase_bases(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    count, _per_table = rows.exclude(pk__in=[basis.pk for basis in retention_duties(subject.person, now)]).delete()
    return count


def _anonymise_person(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    """Anonymise a person's row. It stays marked as at risk while a retention duty requires the name to be kept."""
    assert subject.person is not None
    if retained_fields(subject.person, now):
        return rows.update(account=None, erased_at=now)
    return rows.update(account=None, erased_at=now, at_risk=False, pseudonym="")


def _end_memberships(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    """End current memberships today, so that the member counts of past days do not change."""
    today = now.date()
    rows.filter(begins__gt=today).delete()
    rows.filter(Q(ends__isnull=True) | Q(ends__gt=today)).update(ends=today)
    return rows.update(organisation=None)


def _erase_photographs(subject: SubjectOfRequest, rows: QuerySet[Any], now: datetime) -> int:
    """Delete the rows, and the files of pictures that no one else has uploaded."""
    hashes = set(rows.values_list("content_hash", flat=True))
    count, _per_table = rows.delete()
    for content_hash in hashes - set(models.Photograph.objects.values_list("content_hash", flat=True)):
        transaction.on_commit(partial(delete_private_file, content_hash))  # so that a rollback loses no file
    return count


def _find_former_member_contact_details(limit: datetime) -> QuerySet[Any]:
    """Return the contact and photograph fields of people whose last membership ended before the cut-off."""
    any_membership = models.Membership.objects.filter(person=OuterRef("person"))
    later_memberships = any_membership.filter(Q(ends__isnull=True) | Q(ends__gte=limit.date()))
    return models.Detail.objects.filter(
        Exists(any_membership), ~Exists(later_memberships), field__in=(Field.EMAIL, Field.TELEPHONE, Field.PHOTOGRAPH)
    ).annotate(ended=Max("person__memberships__ends"))


def _delete_contact_details(rows: QuerySet[Any]) -> int:
    """Delete contact details; for a photograph field, also delete the row and the file of the photograph."""
    details = list(rows.values_list("pk", "person_id", "field"))
    photographed = {person for _pk, person, field in details if field == Field.PHOTOGRAPH}
    count, _per_table = models.Detail.objects.filter(pk__in=[pk for pk, _person, _field in details]).delete()
    _erase_photographs(SubjectOfRequest(), models.Photograph.objects.filter(person__in=photographed), timezone.now())
    return count


def _find_details_of_ended_duties(limit: datetime) -> QuerySet[Any]:
    """Return the details that were kept under a retention duty that has since ended."""
    current_duties = models.Basis.objects.filter(
        Q(until__isnull=True) | Q(until__gte=limit), person=OuterRef("person"), ground__in=RETENTION_BASES
    )
    return models.Detail.objects.filter(~Exists(current_duties), person__erased_at__lt=limit).exclude(
        field__in=STATISTICS_FIELDS
    )


def _delete_details_of_ended_duties(rows: QuerySet[Any]) -> int:
    people = set(rows.values_list("person_id", flat=True))
    count, _per_table = rows.delete()
    models.Person.objects.filter(pk__in=people).update(at_risk=False, pseudonym="")
    return count


DATA_CATEGORIES = (
    person_category(
        models.Person, "person",
        _("Membership of a network; whether the person is at risk, and the pseudonym they chose"),
        exported="public_id at_risk pseudonym created_at",
        not_personal="fictional erased_at",
        purposes=(Purpose.MEMBERSHIP, Purpose.PROGRAMME), legal_bases=(LegalBasis.CONTRACT, LegalBasis.PUBLIC_TASK),
        retention=FOR_THE_RECORD,
        erasure=anonymised(
            _("an empty record is kept, so that the member counts remain correct"), function=_anonymise_person
        ),
        find_rows=lambda subject: models.Person.objects.filter(pk__in=[subject.person.pk] if subject.person else []),
    ),
    person_category(
        models.Detail, "entry",
        _("Directory profile: name, job title, organisation, languages, addresses and other details"),
        exported="field value visibility",
        purposes=(
            Purpose.MEMBERSHIP, Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY, Purpose.CONTACT, Purpose.MEETINGS,
            Purpose.MATCHING,
        ),
        legal_bases=(LegalBasis.CONSENT, LegalBasis.CONTRACT, LegalBasis.PUBLIC_TASK),
        recipients=_(
            "the people chosen by the person for each item; if no choice was made, the secretariat of their networks"
        ),
        retention="former_members",
        erasure=deleted(
            _(
                "deleted; which of the four groups the person belonged to is kept for statistics, and data "
"that must be kept to document an official meeting is kept for as long as that obligation lasts"
            ),
            function=_erase_details,
        ),
    ),
    person_category(
        models.Basis, "consents", _("Consents and other legal bases: purpose, dates and the text agreed to"),
        exported="purpose ground since until text_version note",
        purposes=(Purpose.MEMBERSHIP,), legal_bases=(LegalBasis.LEGAL_OBLIGATION,), retention="ended_grounds",
        erasure=deleted(
            _("deleted; if data from an official meeting must be kept, the record of that obligation is kept "
"with the data"),
            function=_erase_bases,
        ),
    ),
    staff_category(
        models.Basis, "grounds_recorded", _("Legal bases the person recorded for others"),
        exported="purpose ground since until", through="recorded_by",
        withheld=withhold("person text_version note"),
        recipients=SECRETARIAT_ONLY, retention="ended_grounds",
        find_exported_rows=lambda subject: (
            models.Basis.objects.filter(recorded_by=subject.account).exclude(person=subject.person)
            if subject.account
            else models.Basis.objects.none()
        ),
    ),
    person_category(
        models.Membership, "memberships", _("Memberships: network, capacity, start and end dates"),
        exported="public_id network organisation state office begins ends",
        withheld={"follows": OTHER_PERSON},
        purposes=(Purpose.MEMBERSHIP,), legal_bases=(LegalBasis.CONTRACT, LegalBasis.PUBLIC_TASK),
        recipients=_("members of the network, as far as the person’s profile allows; the secretariat"),
        retention=FOR_THE_RECORD,
        erasure=anonymised(
            _(
                "the term ends on the day of deletion and is kept without a name or organisation, so that past "
"member counts remain correct"
            ),
            function=_end_memberships,
        ),
    ),
    person_category(
        models.Photograph, "photographs", _("Photographs, re-encoded without camera metadata"),
        exported="content_hash format width height at",
        purposes=(Purpose.DIRECTORY, Purpose.PHOTOGRAPHS), legal_bases=CONSENT,
        recipients=_("the people chosen by the person for the photograph"), retention="former_members",
        erasure=deleted(_("deleted, along with the files"), function=_erase_photographs),
        files=_photograph_files,
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.Detail, "ended", "former_members", _("Contact details and photographs of former members"),
        days=180, after=_("after the last membership ended"),
        why=_("a successor may need to contact them for some months"),
        find_rows=_find_former_member_contact_details, remove=_delete_contact_details,
    ),
    RetentionRule(
        models.Detail, "person__erased_at", "ended_duties",
        _("Data kept after deletion because it was needed to document an official meeting"),
        days=1, after=_("after the obligation ended"), why=_("there is no longer any obligation to keep this data"),
        find_rows=_find_details_of_ended_duties, remove=_delete_details_of_ended_duties,
    ),
    RetentionRule(
        models.Basis, "until", "ended_grounds", _("Withdrawn consents and other legal bases that have ended"),
        days=3 * 365, after=_("after they ended"),
        why=_("we may have to show for three years that the processing was lawful"),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_convention.State": NoPersonalData("states"),
    "samsvar_convention.TreatyEvent": NoPersonalData(
        "treaty actions of states, with dates",
        {**_SOURCED, "provisions": "articles", "basis": _SOURCED_FACT},
    ),
    "samsvar_network.Organisation": NoPersonalData(
        "organisations; people have their own profiles",
        {
            "name": "a body's", "name_language": "a code", "about": _SOURCED_FACT, "source": _SOURCED_FACT,
            "second_source": _SOURCED_FACT, "languages": "codes", "website": "a body's",
        },
    ),
    "samsvar_network.Network": NoPersonalData(
        "networks; people are in their memberships",
        {"name": "a network's", "about": _SOURCED_FACT, "source": _SOURCED_FACT, "second_source": _SOURCED_FACT},
    ),
    "samsvar_network.Seat": NoPersonalData("which organisation belongs to which network"),
}  # fmt: skip
