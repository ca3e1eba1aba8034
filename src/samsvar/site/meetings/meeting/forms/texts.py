"""What a meeting says in several languages: one input for each, the first of them needed where something is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from samsvar.site.meetings import models
from samsvar.site.network.labels import language_name


@dataclass(frozen=True, slots=True)
class Text:
    """One text: its label with a place for `%(language)s`, and how it is written."""

    label: str | Promise
    max_length: int
    needed: bool = False  # in the first language
    rows: int = 0  # 0: one line
    help_text: str | Promise = ""


def languages_of(meeting: models.Meeting) -> list[str]:
    return list(meeting.languages) or ["en"]


def add_texts(form: forms.Form, meeting: models.Meeting, texts: Mapping[str, Text]) -> None:
    """Add `<name>_<code>` for each text in each language, the texts of one language together."""
    for number, code in enumerate(languages_of(meeting)):
        for name, text in texts.items():
            said_in = {"lang": code}
            form.fields[f"{name}_{code}"] = forms.CharField(
                label=str(text.label) % {"language": language_name(code)},
                max_length=text.max_length,
                required=text.needed and number == 0,
                widget=forms.Textarea(attrs={"rows": text.rows, **said_in})
                if text.rows
                else forms.TextInput(attrs=said_in),
                help_text=str(text.help_text),
            )


def take_texts(cleaned: dict[str, Any], meeting: models.Meeting, name: str) -> dict[str, str]:
    """What was written of one text, by language; its inputs are taken out of `cleaned`."""
    written = {code: cleaned.pop(f"{name}_{code}", "") for code in languages_of(meeting)}
    return {code: said for code, said in written.items() if said}
