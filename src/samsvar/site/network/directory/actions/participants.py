"""Actions that create and correct the person records of meeting participants, with their legal basis."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter
from samsvar.site.shell.errors import SiteError


class ParticipantNameMissing(SiteError):
    """Raised when a participant would have no name."""

    message = _("No name was entered.")
    advice = _("Enter the name as it should appear on the badge. A pseudonym is fine.")


class ProfileSelfManaged(SiteError):
    """Raised when others would edit the profile of a person with an account or a membership."""

    message = _("This person has their own profile.")
    advice = _("They can edit their details themselves in their profile.")


def correct_participant_details(
    *,
    by: models.Account | None,
    person: models.Person,
    meeting: str,
    name: str,
    title: str,
    organisation: str | None = None,
    reason: str = "",
) -> bool:
    """Update the name, position and organisation of a participant without a profile of their own.

    Returns whether anything changed. `organisation` is a value of `Field.ORGANISATION`, or None to leave it unchanged.
    The caller must have verified that the request comes from the participant, by their registration link, or that `by`
    organises the meeting.
    """
    if person.account_id is not None or person.memberships.exists():
        raise ProfileSelfManaged
    if not name.strip():
        raise ParticipantNameMissing
    changed = []
    with transaction.atomic():
        new_values = [(Field.NAME, name.strip()[:120]), (Field.TITLE, title.strip()[:120])]
        if organisation is not None:
            new_values.append((Field.ORGANISATION, organisation))
        for field, value in new_values:
            details = person.details.filter(field=field)
            if list(details.values_list("value", flat=True)) == ([value] if value else []):
                continue
            details.delete()
            if value:
                models.Detail.objects.create(person=person, field=field, value=value, visibility=Visibility.SECRETARIAT)
            changed.append(str(field))
        if changed:
            record(
                by=by, verb="corrected a participant", subject=f"meeting {meeting}", person=person.public_id,
                details={"fields": changed}, reason=reason[:300],
            )  # fmt: skip
    return bool(changed)


def get_or_create_participant(
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
    fictional: bool = False,
) -> models.Person:
    """Return the person for a participant, creating them if necessary.

    `meeting` is the meeting's public id and `note` states the legal basis in one sentence; `organisation` is a value of
    `Field.ORGANISATION`. Existing profile data belongs to the person: a registration only adds what is missing. New
    details are visible only to the secretariat. A person is identified by their account or by an invitation for them,
    never by an email address alone.
    """
    if not name.strip():
        raise ParticipantNameMissing
    with transaction.atomic():
        if person is None and account is not None:
            person = models.Person.objects.filter(account=account, erased_at__isnull=True).first()
        is_new = person is None
        if person is None:
            person = models.Person.objects.create(account=account, fictional=fictional)
        known_fields = set(person.details.values_list("field", flat=True)) if not is_new else set()
        new_values = [
            (Field.NAME, name.strip()), (Field.TITLE, title.strip()), (Field.ORGANISATION, organisation),
            (Field.COUNTRY, country), (Field.GROUP, group), (Field.EMAIL, email.strip().lower()),
            *((Field.LANGUAGES, language) for language in sorted(set(languages))),
        ]  # fmt: skip
        models.Detail.objects.bulk_create(
            models.Detail(person=person, field=field, value=value, visibility=Visibility.SECRETARIAT)
            for field, value in new_values
            if value and field not in known_fields
        )
        now = timezone.now()
        if not person.bases.filter(in_force_filter(now), purpose=Purpose.MEETINGS).exists():
            models.Basis.objects.create(
                person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=now, note=note[:300],
                recorded_by=by,
            )  # fmt: skip
        if is_new:
            record(by=by, verb="added a participant", subject=f"meeting {meeting}", person=person.public_id)
    return person
