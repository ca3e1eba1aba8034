"""What a person reads of their own consents: each use, what it stands on, since when, and what was before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from samsvar.network.consent import ConsentText, Ground, Purpose, current_text
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User, access_of


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a person's details: the grounds that hold now, the text that is asked for, and what was before."""

    purpose: Purpose
    text: ConsentText | None  # of today; None where nobody is asked to consent
    consent: models.Basis | None
    others: tuple[models.Basis, ...]  # grounds other than consent that hold now
    before: tuple[models.Basis, ...]

    @property
    def to_ask(self) -> bool:
        """Whether today's text has not been agreed to, and nothing else makes the use lawful."""
        agreed = self.consent and self.text and self.consent.text_version == self.text.version
        return self.text is not None and not agreed and not self.others

    @property
    def changed(self) -> bool:
        """Whether the person agreed to an older text, which holds for what it said."""
        return self.consent is not None and self.to_ask


def stays_public(uses: tuple[Use, ...]) -> bool:
    """Whether a public entry stands on something: withdrawing the directory alone leaves it as it is."""
    return any(use.purpose is Purpose.PUBLIC_ENTRY and (use.consent or use.others) for use in uses)


def own_person(user: User) -> models.Person | None:
    """The person whom an account is, if it has an entry."""
    key = access_of(user).person
    return models.Person.objects.filter(pk=key).first() if key is not None else None


def uses_of(person: models.Person) -> tuple[Use, ...]:
    """Every use that is asked for or stands on something, in the order of the definition; one query."""
    now = timezone.now()
    by_purpose: dict[Purpose, list[models.Basis]] = {}
    for basis in person.bases.filter(Q(since__lte=now)).order_by("-since", "-pk"):
        by_purpose.setdefault(Purpose(basis.purpose), []).append(basis)
    uses = []
    for purpose in Purpose:
        bases = by_purpose.get(purpose, [])
        text = current_text(purpose)
        if not bases and text is None:
            continue
        holding = [one for one in bases if one.until is None or one.until > now]
        uses.append(
            Use(
                purpose=purpose,
                text=text,
                consent=next((one for one in holding if one.ground == Ground.CONSENT), None),
                others=tuple(one for one in holding if one.ground != Ground.CONSENT),
                before=tuple(one for one in bases if one not in holding),
            )
        )
    return tuple(uses)
