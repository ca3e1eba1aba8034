"""Somebody takes part in a meeting: the person they are, and the ground on which the meeting knows them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force


class NameIsNeeded(NetworkError):
    """Nobody takes part in a meeting without a name."""

    code = "name_is_needed"
    advice = "Write the name as it shall stand on the badge; a pseudonym is a name."


class EntryIsTheirs(NetworkError):
    """Whoever has an account, or is a member, has an entry of their own, and changes it there."""

    code = "entry_is_theirs"
    advice = "The person changes it themselves, in their entry."


def correct_participant(
    *,
    by: models.Account | None,
    person: models.Person,
    meeting: str,
    name: str,
    title: str,
    organisation: str | None = None,
    why: str = "",
) -> bool:
    """Write name, position and organisation of somebody without an entry of their own; whether anything was changed.

    `organisation` is a value of `Field.ORGANISATION`; None: it stays as it is.

    The caller has made sure that it is them, by the link of their registration, or that `by` runs the meeting.
    """
    if person.account_id is not None or person.memberships.exists():
        raise EntryIsTheirs("This person has an entry of their own.")
    if not name.strip():
        raise NameIsNeeded("No name was written.")
    changed = []
    with transaction.atomic():
        wanted = [(Field.NAME, name.strip()[:120]), (Field.TITLE, title.strip()[:120])]
        if organisation is not None:
            wanted.append((Field.ORGANISATION, organisation))
        for field, value in wanted:
            rows = person.details.filter(field=field)
            if list(rows.values_list("value", flat=True)) == ([value] if value else []):
                continue
            rows.delete()
            if value:
                models.Detail.objects.create(person=person, field=field, value=value, visibility=Visibility.SECRETARIAT)
            changed.append(str(field))
        if changed:
            record(
                by=by, verb="corrected a participant", subject=f"meeting {meeting}", person=person.public_id,
                details={"fields": changed}, why=why[:300],
            )  # fmt: skip
    return bool(changed)


def enter_participant(
    *,
    by: models.Account | None,
    meeting: str,
    note: str,
    account: models.Account | None = None,
    person: models.Person | None = None,
    name: str,
    email: str = "",
    title: str = "",
    organisation: str = "",
    country: str = "",
    group: str = "",
    languages: Iterable[str] = (),
    invented: bool = False,
) -> models.Person:
    """The person who takes part, made if need be; `meeting` is its public id, `note` the ground in a sentence.

    `organisation` is a value of `Field.ORGANISATION`. What somebody's entry says already is theirs: a registration adds
    what is missing and changes nothing. New details are for the secretariat alone. No address leads to a person by
    itself: the account does, or the person that an invitation names.
    """
    if not name.strip():
        raise NameIsNeeded("No name was written.")
    with transaction.atomic():
        if person is None and account is not None:
            person = models.Person.objects.filter(account=account, erased_at__isnull=True).first()
        made = person is None
        if person is None:
            person = models.Person.objects.create(account=account, invented=invented)
        known = set(person.details.values_list("field", flat=True)) if not made else set()
        wanted = [
            (Field.NAME, name.strip()),
            (Field.TITLE, title.strip()),
            (Field.ORGANISATION, organisation),
            (Field.COUNTRY, country),
            (Field.GROUP, group),
            (Field.EMAIL, email.strip().lower()),
            *((Field.LANGUAGES, one) for one in sorted(set(languages))),
        ]
        models.Detail.objects.bulk_create(
            models.Detail(person=person, field=field, value=value, visibility=Visibility.SECRETARIAT)
            for field, value in wanted
            if value and field not in known
        )
        now = timezone.now()
        if not person.bases.filter(in_force(now), purpose=Purpose.MEETINGS).exists():
            models.Basis.objects.create(
                person=person,
                purpose=Purpose.MEETINGS,
                ground=Ground.PUBLIC_TASK,
                since=now,
                note=note[:300],
                recorded_by=by,
            )
        if made:
            record(by=by, verb="entered a participant", subject=f"meeting {meeting}", person=person.public_id)
    return person
