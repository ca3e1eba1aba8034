"""Whether a speaker has agreed that the programme names them, and the words of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from samsvar.meetings.meeting import Category
from samsvar.network.consent import Purpose, current_text
from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import Person, in_force
from samsvar.site.network.labels import CONSENT_TEXTS
from samsvar.site.shell.labels import Label


@dataclass(frozen=True, slots=True)
class Naming:
    """How it stands with one person's name in public programmes."""

    agreed: bool  # to whatever text
    up_to_date: bool  # to that of today, which says organisation and country too
    version: str  # of the text that is asked for
    sentences: Sequence[Label]


def naming_of(person: Person | None) -> Naming | None:
    """None where nobody is asked."""
    text = current_text(Purpose.PROGRAMME)
    if person is None or text is None or person.erased_at is not None:
        return None
    bases = person.bases.filter(in_force(timezone.now()), purpose=Purpose.PROGRAMME)
    versions = set(bases.values_list("text_version", flat=True))
    return Naming(bool(versions), text.version in versions, text.version, CONSENT_TEXTS[text.version])


def sentences_of_today() -> str:
    """The text that is asked for, in the reader's language; "" where there is none."""
    text = current_text(Purpose.PROGRAMME)
    return " ".join(str(one) for one in CONSENT_TEXTS[text.version]) if text is not None else ""


def speaks(registration: models.Registration) -> bool:
    """Whether somebody takes part as a speaker, or appears in a session of the meeting."""
    if registration.category == Category.SPEAKER:
        return True
    return models.Appearance.objects.filter(
        session__meeting=registration.meeting_id, person__isnull=False, person=registration.person_id
    ).exists()
