"""What people say about themselves, and the switch that hides somebody at risk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from samsvar.network.consent import PURPOSE_OF, WIDEST, Purpose, Visibility, effective
from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import reason_in
from samsvar.site.network.access.permissions import can_manage, forget_access, in_force
from samsvar.site.network.access.queries import secretariats
from samsvar.site.network.directory.actions.consent import NothingToWithdraw, give_consent, is_own, narrow
from samsvar.site.network.directory.queries.people import purposes_held, purposes_up_to_date
from samsvar.site.network.emails.actions import tell

SEVERAL = frozenset({Field.LANGUAGES, Field.EXPERTISE, Field.NETWORKS})
# Their values come from elsewhere: a picture that was drawn anew, a term in a network. The entry says who sees them.
NOT_TYPED = frozenset({Field.PHOTOGRAPH, Field.NETWORKS})
# Uses that show a name or a face without a field's visibility, so that nothing of them could be narrowed.
SHOWN_UNCHOSEN = (Purpose.PROGRAMME, Purpose.PHOTOGRAPHS)


class NeedsConsent(NetworkError):
    """A field would be shown to more people than anything makes lawful."""

    code = "needs_consent"
    advice = "Agree to the text beside it, or choose fewer people."

    def __init__(self, purposes: Collection[Purpose]) -> None:
        super().__init__("Some fields would be shown to people for whom there is no consent.")
        self.purposes = tuple(purpose for purpose in Purpose if purpose in purposes)


class TooWide(NetworkError):
    """A field would be shown to more people than this field may ever be."""

    code = "too_wide"

    def __init__(self, field: Field) -> None:
        super().__init__(f"The field “{field}” is shown to nobody so wide.")
        self.field = field


class HiddenForSafety(NetworkError):
    """Somebody at risk would be shown to others."""

    code = "hidden_for_safety"
    advice = "End the protection first, or ask the secretariat to."


class PseudonymIsMissing(NetworkError):
    """Somebody at risk has no name that a public programme could use."""

    code = "pseudonym_is_missing"
    advice = "Agree with the person on a name that leads nobody to them."


class NameIsMissing(NetworkError):
    """An entry without a name is nobody's."""

    code = "name_is_missing"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says in one field, and who shall see it. `values` None: what is there stays."""

    values: tuple[str, ...] | None
    visibility: Visibility


def save_entry(
    *,
    person: models.Person | None,
    said: Mapping[Field, Said],
    by: models.Account,
    consents: Mapping[Purpose, str] | None = None,
) -> models.Person:
    """Store one's own entry: values, who sees each, and the consents given with it (use → version of the text).

    All or nothing: where a field would be wider than what is lawful, `NeedsConsent` says for which uses. Widening needs
    consent to the text of today; what stays as wide as it was stands on the consent that was given.
    """
    if person is not None and not is_own(by, person):
        raise PermissionDenied
    if person is None and models.Person.objects.filter(account=by).exists():
        raise PermissionDenied
    with transaction.atomic():
        made = person or models.Person.objects.create(account=by)
        if person is None:
            forget_access(by)
        for purpose, version in (consents or {}).items():
            give_consent(person=made, purpose=purpose, version=version, by=by)
        changed = _store(made, said)
        if not made.details.filter(field=Field.NAME).exists():
            raise NameIsMissing("An entry needs a name; you choose who reads it.")
        if changed or person is None:
            record(
                by=by,
                verb="made an entry" if person is None else "changed an entry",
                subject=f"person {made.public_id}",
                person=made.public_id,
                details={"fields": sorted(changed)},
            )
    return made


def hide_for_safety(*, person: models.Person, pseudonym: str, by: models.Account | None, why: str = "") -> None:
    """Hide somebody at risk from all but themselves and the secretariat. What they had chosen is narrowed for good."""
    if by is not None and not can_manage(by, person):
        raise PermissionDenied
    pseudonym = pseudonym.strip()
    if not pseudonym:
        raise PseudonymIsMissing("A person at risk needs a pseudonym.")
    reason = reason_in(why) if by is not None else why
    with transaction.atomic():
        _set_risk(person, True, pseudonym)
        record(by=by, verb="hid for safety", subject=_subject(person), person=person.public_id, why=reason)


def hide_participant(
    *, person: models.Person, pseudonym: str, by: models.Account | None, meeting: str, own: bool, why: str = ""
) -> None:
    """Hide somebody who takes part in a meeting: `own`, as they ask themselves; else as whoever runs it says why.

    The caller has made sure that it is them, by account or link, or that `by` runs the meeting. It holds everywhere, as
    when the secretariat does it. Who is hidden already keeps the pseudonym that was agreed with them.
    """
    pseudonym = pseudonym.strip()
    if not pseudonym:
        raise PseudonymIsMissing("A person at risk needs a pseudonym.")
    reason = why.strip() if own else reason_in(why)
    with transaction.atomic():
        if person.at_risk:
            return
        _set_risk(person, True, pseudonym)
        record(
            by=by,
            verb="hid for safety",
            subject=_subject(person),
            person=person.public_id,
            details={"meeting": meeting, "asked_by_themselves": own},
            why=reason,
        )


def end_hiding_for_safety(*, person: models.Person, by: models.Account | None, site: str, why: str = "") -> None:
    """End what hides somebody: by themselves, or by a secretariat of theirs that says why.

    It shows nothing by itself: the person chooses anew who sees a field, and consents anew to what shows them without
    such a choice (`SHOWN_UNCHOSEN`). Whoever else is of their secretariats gets a letter before it holds, and so does
    the person: what one set up for somebody's life is not ended by another unseen. `site` is where letters lead to.
    """
    own = by is not None and is_own(by, person)
    if by is not None and not (own or can_manage(by, person)):
        raise PermissionDenied
    reason = reason_in(why) if by is not None and not own else why.strip()
    with transaction.atomic():
        now = timezone.now()
        if not models.Person.objects.select_for_update().get(pk=person.pk).at_risk:
            raise NothingToWithdraw("This person is not marked as at risk.")
        person.bases.filter(in_force(now), purpose__in=SHOWN_UNCHOSEN).update(until=now)
        _set_risk(person, False, "")
        _tell_of_the_end(person, site)
        record(by=by, verb="ended hiding for safety", subject=_subject(person), person=person.public_id, why=reason)


def _set_risk(person: models.Person, at_risk: bool, pseudonym: str) -> None:
    person.at_risk, person.pseudonym = at_risk, pseudonym
    person.save(update_fields=["at_risk", "pseudonym"])
    narrow(person, timezone.now())


def _tell_of_the_end(person: models.Person, site: str) -> None:
    """Letters that name nobody: a mailbox may be read by others, and the person's by whom they fled."""
    networks = list(models.Network.objects.filter(memberships__person=person).distinct())
    key = [person.public_id]
    for account in secretariats(networks, Claim.MANAGE_PEOPLE):
        tell(account=account, kind="network/protection_ended", site=site, page="network:manage-person", args=key)
    if person.account is not None:
        tell(account=person.account, kind="network/entry_changed", site=site, page="network:entry")


def _subject(person: models.Person) -> str:
    return f"person {person.public_id}"


def _store(person: models.Person, said: Mapping[Field, Said]) -> set[str]:
    """Bring the details to what was said; the fields that changed. Raises before anything is wider than it may be."""
    now = timezone.now()
    held, of_today = purposes_held(person, now), purposes_up_to_date(person, now)
    there: dict[Field, dict[str, models.Detail]] = {}
    for row in person.details.all():
        there.setdefault(Field(row.field), {})[row.value] = row
    memberships = set(person.memberships.values_list("network__slug", flat=True))
    changed: set[str] = set()
    missing: set[Purpose] = set()
    for field, one in said.items():
        rows = there.get(field, {})
        values = _values(field, one, rows, memberships)
        if one.visibility.width > WIDEST.get(field, Visibility.PUBLIC).width:
            raise TooWide(field)
        if values and person.at_risk and one.visibility.width > Visibility.SECRETARIAT.width:
            raise HiddenForSafety("What is known of somebody at risk is shown to the secretariat alone.")
        for value in values:
            before = rows.get(value)
            wider = before is None or one.visibility.width > Visibility(before.visibility).width
            lawful = of_today if wider else held
            if effective(field, one.visibility, lawful, at_risk=False) is not one.visibility:
                missing.add(PURPOSE_OF[one.visibility])
        if {value: row.visibility for value, row in rows.items()} != dict.fromkeys(values, one.visibility.value):
            changed.add(str(field))
    if missing:
        raise NeedsConsent(missing)
    for field in map(Field, changed):
        _replace(person, field, said[field], there.get(field, {}), memberships)
    return changed


def _values(
    field: Field, said: Said, rows: Mapping[str, models.Detail], memberships: Collection[str]
) -> tuple[str, ...]:
    if field is Field.NETWORKS:  # exactly the networks of which the person is or was a member
        return tuple(sorted(memberships))
    if field in NOT_TYPED or said.values is None:
        return tuple(rows)
    values = tuple(dict.fromkeys(value.strip() for value in said.values if value.strip()))
    return values if field in SEVERAL else values[:1]


def _replace(
    person: models.Person, field: Field, said: Said, rows: Mapping[str, models.Detail], memberships: Collection[str]
) -> None:
    values = _values(field, said, rows, memberships)
    person.details.filter(field=field).exclude(value__in=values).delete()
    for value in values:
        models.Detail.objects.update_or_create(
            person=person, field=field, value=value, defaults={"visibility": said.visibility}
        )
