"""Queries for speakers' consent to being named in the programme, and the text they consented to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from samsvar.meetings.meeting import ParticipantCategory
from samsvar.network.consent import Purpose, current_consent_text
from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import Person, in_force_filter
from samsvar.site.network.labels import CONSENT_TEXTS
from samsvar.site.shell.labels import Label


@dataclass(frozen=True, slots=True)
class NamingConsent:
    """A person's consent to being named in public programmes."""

    is_given: bool  # to any version of the text
    is_current: bool  # to the current version, which also covers organisation and country
    version: str  # of the current text
    sentences: Sequence[Label]


def get_naming_consent(person: Person | None) -> NamingConsent | None:
    """Return a person's naming consent, or None if they cannot be asked for it.

    That is the case if there is no current consent text or the person's data was erased.
    """
    text = current_consent_text(Purpose.PROGRAMME)
    if person is None or text is None or person.erased_at is not None:
        return None
    bases = person.bases.filter(in_force_filter(timezone.now()), purpose=Purpose.PROGRAMME)
    versions = set(bases.values_list("text_version", flat=True))
    return NamingConsent(bool(versions), text.version in versions, text.version, CONSENT_TEXTS[text.version])


def current_naming_consent_text() -> str:
    """Return the current consent text in the active language, or "" if there is none."""
    text = current_consent_text(Purpose.PROGRAMME)
    return " ".join(str(one) for one in CONSENT_TEXTS[text.version]) if text is not None else ""


def is_speaker(registration: models.Registration) -> bool:
    """Return whether a participant is registered as a speaker or appears in a session of the meeting."""
    if registration.category == ParticipantCategory.SPEAKER:
        return True
    return models.Appearance.objects.filter(
        session__meeting=registration.meeting_id, person__isnull=False, person=registration.person_id
    ).exists()
