"""Forms for a state's own indicators, for the grid of figures, and for the upload of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from samsvar.convention.treaty import ISTANBUL
from samsvar.errors import SamsvarError
from samsvar.implementation.indicators import (
    CATEGORIES,
    Cell,
    Dimension,
    Direction,
    GapReason,
    InvalidValue,
    Place,
    Unit,
    Value,
    check_value,
)
from samsvar.interchange.tables import MAX_TABLE_BYTES
from samsvar.site.implementation.indicators import queries, spreadsheet
from samsvar.site.implementation.indicators.actions import Entry
from samsvar.site.implementation.indicators.models import Indicator, IndicatorValue
from samsvar.site.implementation.indicators.numbers import format_plain, parse_number
from samsvar.site.implementation.measures.models import Region
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.labels import LABELS, Label, enum_choices


def cell_form(indicator: Indicator, data: Mapping[str, Any]) -> forms.Form | None:
    """Return a form to choose a cell of the indicator's table, or None if it has no breakdown."""
    if not indicator.dimensions:
        return None
    fields: dict[str, forms.Field] = {
        dimension: forms.ChoiceField(
            label=str(LABELS["Dimension"][dimension]),
            required=False,
            choices=[
                ("", _("all together")),
                *((one, LABELS["Category"][one]) for one in CATEGORIES[Dimension(dimension)]),
            ],
        )
        for dimension in indicator.dimensions
    }
    form_class = type("CellForm", (forms.Form,), {**fields, "use_required_attribute": False})
    return form_class({name: data.get(name, "") for name in fields}, auto_id="cell-%s")


def chosen_cell(indicator: Indicator, data: Mapping[str, Any]) -> Cell | None:
    """Return the cell that the query of a page asks for; None if there is no such cell."""
    try:
        return Cell(**{one: data[one] for one in indicator.dimensions if data.get(one)})
    except InvalidValue:
        return None


class IndicatorForm(forms.Form):
    """Form for an indicator of a state's own."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    definition = forms.CharField(
        label=gettext_lazy("Definition"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What is counted, when, and what is left out. Readers compare by this sentence."),
    )
    unit = forms.ChoiceField(label=pgettext_lazy("of an indicator", "Unit"), choices=partial(enum_choices, Unit))
    direction = forms.ChoiceField(
        label=gettext_lazy("Improvement"), choices=partial(enum_choices, Direction), initial=Direction.NEITHER
    )
    articles = forms.CharField(
        label=gettext_lazy("Articles"), max_length=60, required=False,
        help_text=gettext_lazy("Numbers separated by spaces: 22 23"),
    )  # fmt: skip
    source_body = forms.CharField(label=gettext_lazy("Body that collects it"), max_length=200, required=False)
    dimensions = forms.MultipleChoiceField(
        label=gettext_lazy("Breakdowns"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=partial(enum_choices, Dimension),
    )  # fmt: skip
    cumulative = forms.BooleanField(
        label=gettext_lazy("Each year’s number includes those of the years before"), required=False
    )
    protected = forms.BooleanField(
        label=gettext_lazy("Suppress small numbers when publishing"), required=False, initial=True,
        help_text=gettext_lazy(
            "A number below 5 may point to a person or to a shelter. Numbers of people, orders, calls and places are "
            "always protected."
        ),
    )  # fmt: skip

    def __init__(self, data: Any, *, language: str, existing: Indicator | None) -> None:
        self.language, self.existing = language, existing
        initial = {}
        if existing:
            initial = {
                "title": queries.title_of(existing, language), "unit": existing.unit, "direction": existing.direction,
                "definition": queries.definition_of(existing, language), "articles": " ".join(existing.articles),
                "source_body": existing.source_body, "dimensions": existing.dimensions,
                "cumulative": existing.cumulative, "protected": existing.protected,
            }  # fmt: skip
        super().__init__(data, initial=initial or None)

    def clean_articles(self) -> list[str]:
        numbers = self.cleaned_data["articles"].replace(",", " ").split()
        known = {str(article.number) for article in ISTANBUL.articles}
        if unknown := sorted(set(numbers) - known):
            raise forms.ValidationError(_("The Convention has no Article %(number)s.") % {"number": unknown[0]})
        return list(dict.fromkeys(numbers))

    @property
    def values(self) -> dict[str, Any]:
        """The columns to save; the texts are in the language of the page."""
        data = dict(self.cleaned_data)
        titles, definitions = (self.existing.titles, self.existing.definitions) if self.existing else ({}, {})
        data["titles"] = {**titles, self.language: data.pop("title")}
        data["definitions"] = {**definitions, self.language: data.pop("definition")}
        return data


# --- The grid ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GridCell:
    """The fields of one value in the grid, and what readers see of it now."""

    year: int
    fields: tuple[forms.BoundField, ...]
    before: IndicatorValue | None


@dataclass(frozen=True, slots=True)
class GridRow:
    """A territory with the fields of all years; `region` is None for the whole state."""

    region: Region | None
    cells: tuple[GridCell, ...]


class FiguresForm(forms.Form):
    """The grid of a cell of an indicator: a number, or a reason for none, by region and year.

    Source and note apply to every value that is changed. A place that stays empty is left out.
    """

    source = forms.CharField(
        label=gettext_lazy("Source of the changed figures"), max_length=500, required=False,
        help_text=gettext_lazy("The body and the publication, or a web address. It is published with the figures."),
    )  # fmt: skip
    comparability = forms.CharField(
        label=gettext_lazy("Note on the changed figures"), max_length=500, required=False,
        help_text=gettext_lazy(
            "What a reader must know before comparing them: another definition, a new register, a missing body. It is "
            "published with the figures. Never write about a person."
        ),
    )  # fmt: skip

    def __init__(
        self, data: Any, *, indicator: Indicator, state: str, cell: Cell, years: Sequence[int],
        regions: Sequence[Region | None], values: Iterable[IndicatorValue],
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.indicator, self.state, self.cell = indicator, state, cell
        self.about = queries.to_library(indicator)
        self.places = [(region, year) for region in regions for year in years]
        self.before = {(value.region_id, value.year): value for value in values if value.cell == cell.key}
        for region, year in self.places:
            self._add_fields(region, year, self.before.get((region.pk if region else None, year)))

    def _add_fields(self, region: Region | None, year: int, before: IndicatorValue | None) -> None:
        place = {"place": region.name if region else _("whole state"), "year": year}
        names: dict[str, tuple[Label, str]] = {"number": (_("%(place)s, %(year)s"), "number")}
        if self.indicator.denominator:
            names["denominator"] = (_("%(place)s, %(year)s: out of"), "denominator")
        for name, (label, column) in names.items():
            self.fields[_name(name, region, year)] = forms.CharField(
                label=label % place, required=False, max_length=24,
                initial=format_plain(getattr(before, column)) if before else "",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 8}),
            )  # fmt: skip
        self.fields[_name("gap", region, year)] = forms.ChoiceField(
            label=_("%(place)s, %(year)s: reason for no number") % place, required=False,
            choices=[("", "—"), *enum_choices(GapReason)], initial=before.gap if before else "",
        )  # fmt: skip

    def rows(self) -> Iterator[GridRow]:
        """Yield the rows of the grid."""
        names = ("number", "denominator", "gap") if self.indicator.denominator else ("number", "gap")
        regions = list(dict.fromkeys(region for region, _year in self.places))
        for region in regions:
            yield GridRow(region, tuple(
                GridCell(
                    year, tuple(self[_name(name, region, year)] for name in names),
                    self.before.get((region.pk if region else None, year)),
                )
                for place, year in self.places if place == region
            ))  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.entries: list[Entry] = []
        for region, year in self.places:
            field = _name("number", region, year)
            try:
                entry = self._read_entry(data, region, year)
            except SamsvarError as error:
                text = describe_error(error)
                self.add_error(field, " ".join(str(part) for part in (text.message, text.advice) if part))
                continue
            if entry is not None:
                self.entries.append(entry)
        return data

    def _read_entry(self, data: Mapping[str, Any], region: Region | None, year: int) -> Entry | None:
        """Return the value if it was changed, or None. Raises UnreadableNumber or InvalidValue."""
        texts = {name: data.get(_name(name, region, year), "") for name in ("number", "denominator", "gap")}
        before = self.before.get((region.pk if region else None, year))
        if before is None and not any(texts.values()):
            return None
        number, denominator = parse_number(texts["number"]), parse_number(texts["denominator"])
        gap = GapReason(texts["gap"]) if texts["gap"] else None
        place = Place(year, str(region.pk) if region else self.state, self.cell)
        check_value(self.about, Value(place=place, number=number, denominator=denominator, gap=gap))
        if before and (before.number, before.denominator, before.gap) == (number, denominator, gap or ""):
            return None
        return Entry(
            region, year, self.cell, number, denominator, gap,
            comparability=data.get("comparability", ""), source=data.get("source", ""),
        )  # fmt: skip


def _name(name: str, region: Region | None, year: int) -> str:
    return f"{name}-{region.pk if region else 0}-{year}"


class FiguresUploadForm(forms.Form):
    """Form for uploading a filled-in template."""

    file = forms.FileField(
        label=gettext_lazy("Filled-in template"),
        help_text=gettext_lazy("XLSX, ODS or CSV, up to 2 MB. You check every change before anything is saved."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )

    def __init__(self, *args: Any, indicator: Indicator, state: str) -> None:
        super().__init__(*args)
        self.indicator, self.state = indicator, state
        self.preview: spreadsheet.ImportPreview | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            content = file.read(MAX_TABLE_BYTES + 1)
            self.preview = spreadsheet.plan_import(self.indicator, self.state, spreadsheet.read_file(content))
        except SamsvarError as error:
            raise forms.ValidationError(" ".join(str(part) for part in describe_error(error) if part)) from error
        return file
