"""What the entry of a person holds: details and who may see them, memberships, photographs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.data_inventory import (
    COUNTED,
    INSIDE,
    INTEREST,
    OTHER,
    OTHERS_RIGHT,
    SECRETARIAT,
    SECURITY,
    Fate,
    Holding,
    HoldsNone,
    Kind,
    Subject,
    Whose,
)
from samsvar.site.network.directory.queries.retention_duties import DUTIES, duties_of, fields_kept
from samsvar.site.shell.uploads import fetch_private, remove_private

_SOURCED = "a fact about a body, from a public source that is named"


def _pictures(row: models.Photograph) -> Iterable[tuple[str, bytes]]:
    content = fetch_private(row.content_hash)
    if content is not None:
        yield f"photographs/{row.content_hash[:16]}.{row.format.lower()}", content


def _erase_details(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    kept = fields_kept(subject.person, now)
    staying = rows.filter(field__in=[*COUNTED, *kept])
    gone, _per_table = rows.exclude(pk__in=list(staying.values_list("pk", flat=True))).delete()
    staying.filter(field__in=COUNTED).update(visibility=Visibility.ONLY_ME)
    staying.exclude(field__in=COUNTED).update(visibility=Visibility.SECRETARIAT)
    return gone


def _erase_bases(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    gone, _per_table = rows.exclude(pk__in=[basis.pk for basis in duties_of(subject.person, now)]).delete()
    return gone


def _erase_person(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The row stays for the counts; whoever is at risk keeps that mark while a duty keeps the name."""
    assert subject.person is not None
    if fields_kept(subject.person, now):
        return rows.update(account=None, erased_at=now)
    return rows.update(account=None, erased_at=now, at_risk=False, pseudonym="")


def _end_terms(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """Terms that have begun end today at the latest, so that the count of every day until today stays what it was."""
    today = now.date()
    rows.filter(begins__gt=today).delete()
    rows.filter(Q(ends__isnull=True) | Q(ends__gt=today)).update(ends=today)
    return rows.update(organisation=None)


def _erase_pictures(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The rows, and the bytes unless another person has the same picture."""
    hashes = set(rows.values_list("content_hash", flat=True))
    gone, _per_table = rows.delete()
    for content_hash in hashes - set(models.Photograph.objects.values_list("content_hash", flat=True)):
        transaction.on_commit(partial(remove_private, content_hash))  # a change that is taken back loses no file
    return gone


def _former_members(limit: datetime) -> QuerySet[Any]:
    """Contact details and photographs' places of people whose last membership ended before a day."""
    later = models.Membership.objects.filter(person=OuterRef("person")).filter(
        Q(ends__isnull=True) | Q(ends__gte=limit.date())
    )
    ever = models.Membership.objects.filter(person=OuterRef("person"))
    return models.Detail.objects.filter(
        Exists(ever), ~Exists(later), field__in=(Field.EMAIL, Field.TELEPHONE, Field.PHOTOGRAPH)
    ).annotate(ended=Max("person__memberships__ends"))


def _remove_contacts(rows: QuerySet[Any]) -> int:
    """Contact details, and with a photograph's place its row and file."""
    found = list(rows.values_list("pk", "person_id", "field"))
    shown = {person for _pk, person, field in found if field == Field.PHOTOGRAPH}
    gone, _per_table = models.Detail.objects.filter(pk__in=[pk for pk, _person, _field in found]).delete()
    _erase_pictures(Subject(), models.Photograph.objects.filter(person__in=shown), timezone.now())
    return gone


def _kept_by_ended_duty(limit: datetime) -> QuerySet[Any]:
    """What stayed of an erased person under a duty that holds no more."""
    holds = models.Basis.objects.filter(
        Q(until__isnull=True) | Q(until__gte=limit), person=OuterRef("person"), ground__in=DUTIES
    )
    return models.Detail.objects.filter(~Exists(holds), person__erased_at__lt=limit).exclude(field__in=COUNTED)


def _remove_kept(rows: QuerySet[Any]) -> int:
    people = set(rows.values_list("person_id", flat=True))
    gone, _per_table = rows.delete()
    models.Person.objects.filter(pk__in=people).update(at_risk=False, pseudonym="")
    return gone


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="person",
        model="samsvar_network.Person",
        what=_("That somebody belongs to a network; whether they are at risk, and the pseudonym they chose"),
        whose=Whose.PEOPLE,
        through=(),
        rows=lambda subject: models.Person.objects.filter(pk__in=[subject.person.pk] if subject.person else []),
        given=("public_id", "at_risk", "pseudonym", "created_at"),
        withheld={"id": INSIDE, "account": INSIDE},
        plain=("invented", "erased_at"),
        purposes=(Purpose.MEMBERSHIP, Purpose.PROGRAMME),
        grounds=(Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=SECRETARIAT,
        stays=_("for the record, without the name"),
        fate=Fate.EMPTIED,
        erasure=_("an empty row stays, so that the counts of members stay true"),
        erase=_erase_person,
    ),
    Holding(
        key="entry",
        model="samsvar_network.Detail",
        what=_("What the entry in the directory says: name, title, organisation, languages, addresses and the rest"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("field", "value", "visibility"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(
            Purpose.MEMBERSHIP,
            Purpose.DIRECTORY,
            Purpose.PUBLIC_ENTRY,
            Purpose.CONTACT,
            Purpose.MEETINGS,
            Purpose.MATCHING,
        ),
        grounds=(Ground.CONSENT, Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=_("whoever the person chose for each detail; without a choice, the secretariat of their networks"),
        stays="former_members",
        fate=Fate.DELETED,
        erasure=_(
            "deleted; which of the four groups somebody belonged to stays for the figures, and what an official "
            "meeting must be able to show stays while that duty lasts"
        ),
        erase=_erase_details,
    ),
    Holding(
        key="consents",
        model="samsvar_network.Basis",
        what=_("Consents and other grounds: for which use, since when, to which text, until when"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("purpose", "ground", "since", "until", "text_version", "note"),
        withheld={"id": INSIDE, "person": INSIDE, "recorded_by": OTHER},
        plain=(),
        purposes=(Purpose.MEMBERSHIP,),
        grounds=(Ground.LEGAL_OBLIGATION,),
        recipients=SECRETARIAT,
        stays="ended_grounds",
        fate=Fate.DELETED,
        erasure=_("deleted; a duty that keeps something of an official meeting stays with it"),
        erase=_erase_bases,
    ),
    Holding(
        key="grounds_recorded",
        model="samsvar_network.Basis",
        what=_("Grounds that the person recorded for others"),
        whose=Whose.STAFF,
        through=("recorded_by",),
        given=("purpose", "ground", "since", "until"),
        withheld={"id": INSIDE, "person": OTHER, "text_version": OTHER, "note": OTHER, "recorded_by": INSIDE},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=SECRETARIAT,
        stays="ended_grounds",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
        handed=lambda subject: (
            models.Basis.objects.filter(recorded_by=subject.account).exclude(person=subject.person)
            if subject.account
            else models.Basis.objects.none()
        ),
    ),
    Holding(
        key="memberships",
        model="samsvar_network.Membership",
        what=_("Memberships: in which network, as what, from when to when"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("public_id", "network", "organisation", "state", "office", "begins", "ends"),
        withheld={"id": INSIDE, "person": INSIDE, "follows": OTHER},
        plain=(),
        purposes=(Purpose.MEMBERSHIP,),
        grounds=(Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=_("members of the network as the person’s entry allows; the secretariat"),
        stays=_("for the record, without the name"),
        fate=Fate.EMPTIED,
        erasure=_("the term ends today and stays without name and organisation, so that every day’s count stays true"),
        erase=_end_terms,
    ),
    Holding(
        key="photographs",
        model="samsvar_network.Photograph",
        what=_("Photographs, drawn anew without what a camera writes into them"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("content_hash", "format", "width", "height", "at"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(Purpose.DIRECTORY, Purpose.PHOTOGRAPHS),
        grounds=(Ground.CONSENT,),
        recipients=_("whoever the person chose for the photograph"),
        stays="former_members",
        fate=Fate.DELETED,
        erasure=_("deleted, with the files"),
        erase=_erase_pictures,
        files=_pictures,
    ),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        key="former_members",
        what=_("Contact details and photographs of former members"),
        days=180,
        after=_("after the last membership ended"),
        why=_("a successor may need to reach them for some months"),
        rows=_former_members,
        age="ended",
        remove=_remove_contacts,
    ),
    Kind(
        key="ended_duties",
        what=_("What stayed of an erased person while an official meeting had to be able to show it"),
        days=1,
        after=_("after the duty ended"),
        why=_("nothing asks for it any more"),
        rows=_kept_by_ended_duty,
        age="person__erased_at",
        remove=_remove_kept,
    ),
    Kind(
        key="ended_grounds",
        what=_("Consents that were withdrawn and other grounds that have ended"),
        days=3 * 365,
        after=_("after they ended"),
        why=_("that a use was lawful at the time can be asked for three years"),
        rows=lambda limit: models.Basis.objects.filter(until__lt=limit),
        age="until",
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_convention.State": HoldsNone("states"),
    "samsvar_convention.TreatyEvent": HoldsNone(
        "what states did, and when",
        {"note": _SOURCED, "source": _SOURCED, "second_source": _SOURCED, "provisions": "articles", "basis": _SOURCED},
    ),
    "samsvar_network.Organisation": HoldsNone(
        "bodies; people stand in their own entries",
        {
            "name": "a body's", "name_language": "a code", "about": _SOURCED, "source": _SOURCED,
            "second_source": _SOURCED, "languages": "codes", "website": "a body's",
        },
    ),
    "samsvar_network.Network": HoldsNone(
        "networks; people stand in their memberships",
        {"name": "a network's", "about": _SOURCED, "source": _SOURCED, "second_source": _SOURCED},
    ),
    "samsvar_network.Seat": HoldsNone("which organisation belongs to which network"),
}  # fmt: skip
