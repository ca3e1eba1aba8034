"""Queries for a person's own consents: the legal bases and the consent text of each purpose."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from samsvar.network.consent import ConsentText, LegalBasis, Purpose, current_consent_text
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User, get_access


@dataclass(frozen=True, slots=True)
class PurposeConsent:
    """A purpose for which a person's details are used, with its current consent text and its legal bases."""

    purpose: Purpose
    text: ConsentText | None  # the current text; None if no consent is requested
    consent: models.Basis | None
    other_bases: tuple[models.Basis, ...]  # current legal bases other than the consent
    earlier_bases: tuple[models.Basis, ...]

    @property
    def needs_consent(self) -> bool:
        """Whether the person has not consented to the current text and there is no other legal basis."""
        agreed = self.consent and self.text and self.consent.text_version == self.text.version
        return self.text is not None and not agreed and not self.other_bases

    @property
    def has_text_changed(self) -> bool:
        """Whether the person consented to an older text, which remains valid for the uses it covered."""
        return self.consent is not None and self.needs_consent


def has_public_basis(uses: tuple[PurposeConsent, ...]) -> bool:
    """Return whether there is a legal basis for a public profile, which stays public without the directory consent."""
    return any(use.purpose is Purpose.PUBLIC_ENTRY and (use.consent or use.other_bases) for use in uses)


def own_person(user: User) -> models.Person | None:
    """Return the person of an account, or None if it has no profile."""
    person_id = get_access(user).person
    return models.Person.objects.filter(pk=person_id).first() if person_id is not None else None


def purpose_consents(person: models.Person) -> tuple[PurposeConsent, ...]:
    """Return all purposes with a consent text or a legal basis, in the order of `Purpose`. One query."""
    now = timezone.now()
    by_purpose: dict[Purpose, list[models.Basis]] = {}
    for basis in person.bases.filter(Q(since__lte=now)).order_by("-since", "-pk"):
        by_purpose.setdefault(Purpose(basis.purpose), []).append(basis)
    uses = []
    for purpose in Purpose:
        bases = by_purpose.get(purpose, [])
        text = current_consent_text(purpose)
        if not bases and text is None:
            continue
        current = [one for one in bases if one.until is None or one.until > now]
        uses.append(
            PurposeConsent(
                purpose=purpose,
                text=text,
                consent=next((one for one in current if one.ground == LegalBasis.CONSENT), None),
                other_bases=tuple(one for one in current if one.ground != LegalBasis.CONSENT),
                earlier_bases=tuple(one for one in bases if one not in current),
            )
        )
    return tuple(uses)
