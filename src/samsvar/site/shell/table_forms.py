"""The form that shows how an uploaded table is read; apps that import tables add their own settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.funding.tables import DateOrder, NumberFormat
from samsvar.interchange.tables import Sheet
from samsvar.site.shell.labels import enum_choices


class TableOptions(Protocol):
    """How a table is read."""

    @property
    def heading(self) -> int: ...
    @property
    def numbers(self) -> NumberFormat: ...
    @property
    def days(self) -> DateOrder: ...
    @property
    def clears(self) -> bool: ...


class TableState(Protocol):
    """An uploaded table that the form carries from page to page: see `submitted_sheets`."""

    @property
    def cells_json(self) -> str: ...
    @property
    def shown_for(self) -> str: ...
    @property
    def sheet(self) -> int: ...
    @property
    def sheets(self) -> Sequence[Sheet]: ...
    @property
    def options(self) -> TableOptions: ...


class TableOptionsForm(forms.Form):
    """Form that shows how a table is read, so that the user can correct it.

    The form is only displayed: submitted data are parsed by `restore_import_state`, which accepts any values.
    """

    use_required_attribute = False

    cells = forms.CharField(widget=forms.HiddenInput, strip=False)
    shown_for = forms.CharField(widget=forms.HiddenInput)
    sheet = forms.ChoiceField(label=_("Sheet"))
    heading = forms.IntegerField(
        label=_("Header row"), min_value=1, help_text=_("Row number, counting from 1. Rows above it are ignored.")
    )
    numbers = forms.ChoiceField(label=_("Number format"), choices=partial(enum_choices, NumberFormat))
    days = forms.ChoiceField(label=_("Dates"), choices=partial(enum_choices, DateOrder))
    clears = forms.BooleanField(
        label=_("Empty cells clear existing values"),
        required=False,
        help_text=_(
            "If not selected, existing values are kept. Information without a column in the "
            "spreadsheet is never changed."
        ),
    )

    def __init__(self, state: TableState, **initial: Any) -> None:
        """`initial` are the values of fields that a subclass adds."""
        options = state.options
        super().__init__(
            initial={
                "cells": state.cells_json, "shown_for": state.shown_for, "sheet": str(state.sheet),
                "heading": options.heading, "numbers": options.numbers, "days": options.days, "clears": options.clears,
                **initial,
            }
        )  # fmt: skip
        sheet = self.fields["sheet"]
        assert isinstance(sheet, forms.ChoiceField)
        sheet.choices = [(str(place), table.name or str(place + 1)) for place, table in enumerate(state.sheets)]
        if len(state.sheets) == 1:
            sheet.widget = forms.HiddenInput()

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The fields of the table's columns."""
        return [field for field in self if field.name.startswith("column-")]

    @property
    def fixed_fields(self) -> list[forms.BoundField]:
        """The fields of values that apply to every row."""
        return [field for field in self if field.name.startswith("fixed-")]
