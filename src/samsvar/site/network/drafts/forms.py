"""The form of a draft, which a script sends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve

from samsvar.site.shell.cache import TOKEN_ARGUMENTS

MAX_DRAFT_BYTES = 100_000


class DraftForm(forms.Form):
    """What was typed in the form with a number on a page; without `fields` its draft is deleted."""

    page = forms.RegexField(r"^/[^\s?#]*$", max_length=300)
    form = forms.RegexField(r"^[0-9]{1,3}$", max_length=3)
    fields_typed = forms.JSONField(required=False)

    def clean_page(self) -> str:
        page: str = self.cleaned_data["page"]
        try:
            match = resolve(page)
        except Resolver404 as unknown:
            raise ValidationError("not a page of this site") from unknown
        if TOKEN_ARGUMENTS & match.kwargs.keys():  # tokens of links are stored as hashes only
            raise ValidationError("a page with a token in its address")
        return page

    def clean_fields_typed(self) -> Any:
        typed = self.cleaned_data["fields_typed"]
        if typed is None:
            return None
        is_valid = isinstance(typed, dict) and all(
            isinstance(values, list) and all(isinstance(value, str) for value in values) for values in typed.values()
        )
        if not is_valid or len(self.data["fields_typed"].encode()) > MAX_DRAFT_BYTES:
            raise ValidationError("not the fields of a form, or too long")
        return typed
