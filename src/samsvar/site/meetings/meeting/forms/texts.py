"""Form fields for texts in several languages: one field per language, of which only the first can be required."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from samsvar.site.meetings import models
from samsvar.site.network.labels import language_name


@dataclass(frozen=True, slots=True)
class TranslatedFieldOptions:
    """Options for the form fields of a text in several languages; `label` contains the placeholder `%(language)s`."""

    label: str | Promise
    max_length: int
    required: bool = False  # applies to the first language only
    rows: int = 0  # 0 for a single line
    help_text: str | Promise = ""


def get_languages(meeting: models.Meeting) -> list[str]:
    return list(meeting.languages) or ["en"]


def add_translated_fields(
    form: forms.Form, meeting: models.Meeting, texts: Mapping[str, TranslatedFieldOptions]
) -> None:
    """Add a field `<name>_<code>` for each text and language, grouped by language."""
    for number, code in enumerate(get_languages(meeting)):
        for name, text in texts.items():
            textarea = forms.Textarea(attrs={"rows": text.rows, "lang": code})
            form.fields[f"{name}_{code}"] = forms.CharField(
                label=str(text.label) % {"language": language_name(code)},
                max_length=text.max_length,
                required=text.required and number == 0,
                widget=textarea if text.rows else forms.TextInput(attrs={"lang": code}),
                help_text=str(text.help_text),
            )


def pop_translations(cleaned: dict[str, Any], meeting: models.Meeting, name: str) -> dict[str, str]:
    """Return a text by language, omitting empty ones, and remove its fields from `cleaned`."""
    texts = {code: cleaned.pop(f"{name}_{code}", "") for code in get_languages(meeting)}
    return {code: text for code, text in texts.items() if text}
