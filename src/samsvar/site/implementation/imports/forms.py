"""Forms for uploading a table of measures, for how it is read, and for changing several measures at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.errors import SamsvarError
from samsvar.implementation.measures import MeasureKind, Stage
from samsvar.interchange.measure_tables import MAPPABLE_COLUMNS
from samsvar.interchange.tables import MAX_TABLE_BYTES
from samsvar.site.implementation.imports import labels
from samsvar.site.implementation.imports.actions import Target
from samsvar.site.implementation.imports.import_state import FIXED_COLUMNS, MeasureImportState, create_import_state
from samsvar.site.implementation.measures.models import Plan
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.labels import LANGUAGES, enum_choices
from samsvar.site.shell.table_forms import TableOptionsForm

TABLE_TYPES = ".csv,.txt,.tsv,.xlsx,.xls,.ods"


class PlanField(forms.ModelChoiceField):
    """A choice of a plan of a state by its title."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class MeasureTableForm(forms.Form):
    """Form for uploading a table of measures of a state, and for choosing where they go."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("CSV, XLSX, XLS or ODS, up to 2 MB. Nothing is saved until you have checked every row."),
        widget=forms.FileInput(attrs={"accept": TABLE_TYPES}),
    )
    plan = PlanField(
        label=_("Plan"),
        queryset=Plan.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("no plan, or a new one"),
        help_text=_("A row is compared with the measures of this plan."),
    )
    new_plan = forms.CharField(
        label=_("Title of a new plan"), max_length=300, required=False, help_text=_("Leave empty if there is none.")
    )
    language = forms.ChoiceField(label=_("Language of the spreadsheet"), choices=[*LANGUAGES.items()])

    import_state: MeasureImportState | None = None

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state, self.initial["language"] = state, get_language() or "en"
        plan = self.fields["plan"]
        assert isinstance(plan, PlanField)
        plan.queryset = Plan.objects.filter(state_id=state)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is None:
            return data
        if data.get("plan") and data.get("new_plan"):
            self.add_error("new_plan", _("Choose a plan or enter the title of a new one, not both."))
        elif file.size > MAX_TABLE_BYTES:
            self.add_error("file", _("The file is too large to import."))
        else:
            target = Target(data.get("plan"), data.get("new_plan", ""), data.get("language", "en"))
            try:
                self.import_state = create_import_state(file.read(), self.state, target)
            except SamsvarError as error:
                self.add_error("file", " ".join(str(part) for part in describe_error(error) if part))
        return data


class TableLayoutForm(TableOptionsForm):
    """Form that shows how a table of measures is read, and for which plan."""

    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    new_plan = forms.CharField(widget=forms.HiddenInput, required=False)
    language = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, state: MeasureImportState) -> None:
        target = state.target
        super().__init__(
            state,
            plan=target.plan.public_id if target.plan else "",
            new_plan=target.new_plan,
            language=target.language,
        )
        self._add_column_fields(state)
        self._add_fixed_fields(state)

    def _add_column_fields(self, state: MeasureImportState) -> None:
        """Add a field for each column of the table, with its first cell and the reason for the guess as help text."""
        options = state.options
        first = next((cells for cells in state.rows[options.heading :] if any(map(str.strip, cells))), ())
        reasons = {
            match.place: str(labels.HEADING_REASONS[match.reason]) % {"known": match.known} for match in state.matches
        }
        choices = [("", _("skipped")), *((name, labels.COLUMNS[name]) for name in MAPPABLE_COLUMNS)]
        for place, title in enumerate(state.headings):
            example = first[place].strip() if place < len(first) else ""
            help_texts = (format_html("<q>{}</q>", example[:60]) if example else "", reasons.get(place, ""))
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=title or _("Column %(number)d") % {"number": place + 1},
                choices=choices,
                required=False,
                help_text=format_html_join(" · ", "{}", ((text,) for text in help_texts if text)),
            )
            self.initial[f"column-{place}"] = options.columns.get(place, "")

    def _add_fixed_fields(self, state: MeasureImportState) -> None:
        """Add the fields for values that apply to every row."""
        for name in FIXED_COLUMNS:
            if name in state.options.columns.values():
                continue
            if name in FIXED_CHOICES:
                field: forms.Field = forms.ChoiceField(
                    choices=[("", "—"), *enum_choices(FIXED_CHOICES[name])], required=False
                )
            else:
                field = forms.CharField(max_length=200, required=False)
            field.label = str(labels.COLUMNS[name])
            self.fields[f"fixed-{name}"] = field
            self.initial[f"fixed-{name}"] = state.options.fixed.get(name, "")

    @property
    def carried_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("cells", "shown_for", "plan", "new_plan", "language")]


FIXED_CHOICES: dict[str, Any] = {"kind": MeasureKind, "stage": Stage}
