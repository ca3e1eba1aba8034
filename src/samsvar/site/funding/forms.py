"""Forms for editing activities, transactions, results and links, and for importing tables."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.errors import SamsvarError
from samsvar.funding import loading, programmes, projects
from samsvar.funding.amounts import FundingError, parse_amount
from samsvar.funding.programmes import ActivityFormat, ActivityKind
from samsvar.funding.projects import FundingLinkKind, TransactionStep
from samsvar.funding.tables import MAPPABLE_COLUMNS, ImportOptions, column_headings
from samsvar.interchange.tables import MAX_TABLE_BYTES
from samsvar.network.loading import Confidence
from samsvar.site.funding import labels
from samsvar.site.funding.import_state import FIXED_COLUMNS, ImportState, create_import_state
from samsvar.site.funding.queries import parent_choices
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.table_forms import TableOptionsForm

RESERVED_SLUGS = frozenset({"new", "import"})  # these addresses are pages, so no activity can use them as its slug
DATE_HELP = _("Enter a day, a month or a year: 2019-06-04, 2019-06 or 2019.")
TEXTAREA = forms.Textarea(attrs={"rows": 3})


def _confidence_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=labels.COLUMN_LABELS["confidence"], choices=partial(enum_choices, Confidence))


def _source_field(*, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=labels.COLUMN_LABELS["source"],
        required=required,
        max_length=1000,
        help_text=_(
            "The web address of a page that supports this, or the name of a document. Without a source, the "
            "information is marked as unverified."
        ),
    )


class ActivityForm(forms.Form):
    """Form for an activity; its fields are the columns of an import table."""

    kind = forms.ChoiceField(label=labels.COLUMN_LABELS["kind"], choices=partial(enum_choices, ActivityKind))
    title = forms.CharField(label=labels.COLUMN_LABELS["title"], max_length=300)
    language = forms.CharField(label=labels.COLUMN_LABELS["language"], max_length=8, required=False, initial="en")
    code = forms.CharField(
        label=labels.COLUMN_LABELS["code"],
        max_length=60,
        required=False,
        help_text=_("As it appears in the funding programme’s documents."),
    )
    form = forms.ChoiceField(
        label=labels.COLUMN_LABELS["form"], required=False, choices=lambda: [("", "—"), *enum_choices(ActivityFormat)]
    )
    period = forms.CharField(label=labels.COLUMN_LABELS["period"], max_length=20, required=False, help_text="2014-2021")
    part_of = forms.ChoiceField(label=labels.COLUMN_LABELS["part_of"], required=False)
    donors = forms.CharField(
        label=labels.COLUMN_LABELS["donors"],
        max_length=120,
        required=False,
        help_text=_("Codes separated by spaces: IS LI NO"),
    )
    beneficiaries = forms.CharField(
        label=labels.COLUMN_LABELS["beneficiaries"],
        max_length=120,
        required=False,
        help_text=_("Codes separated by spaces: RO BG"),
    )
    areas = forms.MultipleChoiceField(
        label=labels.COLUMN_LABELS["areas"], required=False, widget=forms.CheckboxSelectMultiple
    )
    currency = forms.CharField(label=labels.COLUMN_LABELS["currency"], max_length=3, required=False, initial="EUR")
    grant = forms.CharField(label=labels.COLUMN_LABELS["grant"], max_length=24, required=False)
    grant_eea = forms.CharField(label=labels.COLUMN_LABELS["grant_eea"], max_length=24, required=False)
    grant_norway = forms.CharField(label=labels.COLUMN_LABELS["grant_norway"], max_length=24, required=False)
    cofinancing = forms.CharField(label=labels.COLUMN_LABELS["cofinancing"], max_length=24, required=False)
    gbv_share = forms.CharField(label=labels.COLUMN_LABELS["gbv_share"], max_length=24, required=False)
    begins = forms.CharField(label=labels.COLUMN_LABELS["begins"], max_length=10, required=False, help_text=DATE_HELP)
    ends = forms.CharField(label=labels.COLUMN_LABELS["ends"], max_length=10, required=False, help_text=DATE_HELP)
    partners = forms.CharField(
        label=labels.COLUMN_LABELS["partners"],
        required=False,
        widget=TEXTAREA,
        help_text=_("One per line, as role/side/state: name, for example promoter/beneficiary/RO: a ministry."),
    )
    about = forms.CharField(label=labels.COLUMN_LABELS["about"], required=False, max_length=4000, widget=TEXTAREA)
    note = forms.CharField(label=labels.COLUMN_LABELS["note"], required=False, max_length=4000, widget=TEXTAREA)
    source = _source_field()
    second_source = forms.CharField(label=labels.COLUMN_LABELS["second_source"], required=False, max_length=1000)
    confidence = _confidence_field()
    read_on = forms.CharField(
        label=labels.COLUMN_LABELS["read_on"], max_length=10, required=False, help_text="2026-11-24"
    )
    fictional = forms.BooleanField(label=labels.COLUMN_LABELS["fictional"], required=False)

    def __init__(self, *args: Any, before: programmes.Activity | None = None, **kwargs: Any) -> None:
        if before is not None:
            kwargs["initial"] = _get_activity_initial(before)
        super().__init__(*args, **kwargs)
        self.before = before
        self.activity: Any = None  # the library's activity, once the form is valid
        parent, areas = self.fields["part_of"], self.fields["areas"]
        assert isinstance(parent, forms.ChoiceField)
        assert isinstance(areas, forms.MultipleChoiceField)
        parent.choices = [("", "—"), *parent_choices()]
        areas.choices = [(key, one.name) for key, one in loading.load_areas().items()]
        areas.template_name = "funding/_areas.html"  # type: ignore[attr-defined]  # missing in django-stubs
        if before is not None:
            self.fields["kind"].disabled = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        cells = {name: value for name, value in data.items() if isinstance(value, str)}
        cells["areas"] = " ".join(data.get("areas", ()))
        cells["partners"] = " | ".join(line.strip() for line in data.get("partners", "").splitlines() if line.strip())
        cells["fictional"] = "yes" if data.get("fictional") else ""
        cells["id"] = self.before.slug if self.before else ""
        if not self.errors:
            self.activity, errors = loading.parse_row(cells)
            for cell in errors:
                self.add_error(cell.column if cell.column in self.fields else None, str(labels.problem_label(cell)))
            if self.activity and self.activity.slug in RESERVED_SLUGS:
                self.add_error("title", str(labels.PROBLEM_LABELS["other_thing"]))
        return data


def _get_activity_initial(activity: programmes.Activity) -> dict[str, Any]:
    initial: dict[str, Any] = dict(loading.row_from_activity(activity))
    initial["areas"] = list(activity.areas)
    initial["partners"] = "\n".join(map(loading.format_partner, activity.partners))
    initial["fictional"] = activity.fictional
    return initial


class _ActivityItemForm(forms.Form):
    """Base form for transactions, results and links; `value` is the library value once the form is valid."""

    value: Any = None

    def __init__(self, *args: Any, before: Any = None, **kwargs: Any) -> None:
        if before is not None:
            kwargs["initial"] = self.get_initial_values(before)
        super().__init__(*args, **kwargs)
        self.before = before

    @staticmethod
    def get_initial_values(value: Any) -> dict[str, Any]:
        """Return the initial data for an existing value."""
        names = [name for name in type(value).__dataclass_fields__ if name not in {"amount", "id"}]
        values = {name: getattr(value, name) for name in names}
        return {name: str(one) if isinstance(one, PartialDate | StrEnum) else one for name, one in values.items()}

    def get_uneditable_values(self) -> dict[str, Any]:
        """Return the values that the form cannot edit: the ID, a second source and a note."""
        before = self.before
        if before is None:
            return {"id": ""}
        return {"id": before.id, "second_source": before.second_source, "note": before.note}

    def clean_source(self) -> str:
        """Return the source, which must be a web address or the name of a document; "" if it is empty."""
        source = str(self.cleaned_data["source"]).strip()
        if source and not loading.is_source(source):
            raise forms.ValidationError(str(labels.PROBLEM_LABELS["no_real_source"]))
        return source

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self.value = self.build_value(data)
            except (FundingError, UnreadableDate) as error:
                column = getattr(error, "column", "")  # of a contradiction
                self.add_error(column if column in self.fields else None, str(describe_error(error).message))
            except ValueError:
                self.add_error("source", str(labels.PROBLEM_LABELS["no_source"]))
        return data

    def build_value(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError


class TransactionForm(_ActivityItemForm):
    """Form for a transaction: money planned, committed, paid out or spent."""

    step = forms.ChoiceField(label=_("Stage"), choices=partial(enum_choices, TransactionStep))
    amount = forms.CharField(label=_("Amount"), max_length=24)
    currency = forms.CharField(label=labels.COLUMN_LABELS["currency"], max_length=3, initial="EUR")
    on = forms.CharField(label=_("Date"), max_length=10, required=False, help_text=DATE_HELP)
    payer = forms.CharField(
        label=_("Payer"), max_length=200, required=False, help_text=_("An organisation, not a person.")
    )
    receiver = forms.CharField(
        label=_("Recipient"), max_length=200, required=False, help_text=_("An organisation, not a person.")
    )
    source = _source_field()
    confidence = _confidence_field()

    @staticmethod
    def get_initial_values(value: Any) -> dict[str, Any]:
        return {
            **_ActivityItemForm.get_initial_values(value),
            "amount": value.amount.plain_number,
            "currency": value.amount.currency,
        }

    def build_value(self, data: dict[str, Any]) -> projects.Transaction:
        amount = parse_amount(data["amount"], data["currency"].upper())
        assert amount is not None  # the field is required
        return projects.Transaction(
            **self.get_uneditable_values(),
            step=TransactionStep(data["step"]),
            amount=amount,
            on=parse_partial_date(data["on"]),
            payer=data["payer"],
            receiver=data["receiver"],
            source=data["source"],
            confidence=Confidence(data["confidence"]),
        )


class ResultForm(_ActivityItemForm):
    """Form for a result: what was promised and what was achieved."""

    what = forms.CharField(label=_("Subject"), max_length=300)
    promised = forms.CharField(label=_("Expected result"), required=False, max_length=2000, widget=TEXTAREA)
    promised_number = forms.DecimalField(
        label=_("Expected result, as a number"),
        required=False,
        max_digits=15,
        decimal_places=2,
        help_text=_("Leave blank if the result is not a number."),
    )
    came = forms.CharField(label=_("Result achieved"), required=False, max_length=2000, widget=TEXTAREA)
    came_number = forms.DecimalField(
        label=_("Result achieved, as a number"), required=False, max_digits=15, decimal_places=2
    )
    unit = forms.CharField(label=_("Unit"), required=False, max_length=60, help_text=_("What the numbers measure."))
    begins = forms.CharField(label=labels.COLUMN_LABELS["begins"], max_length=10, required=False, help_text=DATE_HELP)
    ends = forms.CharField(label=labels.COLUMN_LABELS["ends"], max_length=10, required=False, help_text=DATE_HELP)
    source = _source_field()
    confidence = _confidence_field()

    def build_value(self, data: dict[str, Any]) -> projects.Result:
        days = {name: parse_partial_date(data[name]) for name in ("begins", "ends")}
        values: dict[str, Any] = {**data, **days, "confidence": Confidence(data["confidence"])}
        return projects.Result(**self.get_uneditable_values(), **values)


LINK_KIND_BY_PATH = {
    "meetings": FundingLinkKind.MEETING,
    "findings": FundingLinkKind.FINDING,
    "reports": FundingLinkKind.REPORT,
}


class FundingLinkForm(_ActivityItemForm):
    """Form for a link to something that an activity funded."""

    kind = forms.ChoiceField(label=labels.COLUMN_LABELS["kind"], choices=partial(enum_choices, FundingLinkKind))
    key = forms.CharField(
        label=_("Identifier or web address"),
        max_length=400,
        help_text=_("The web address of the item, or the last part of that address, for example bucharest-2019."),
        widget=forms.TextInput(attrs={"list": "known-keys"}),
    )
    note = forms.CharField(label=_("How the funding contributed"), required=False, max_length=300)
    source = forms.CharField(label=labels.COLUMN_LABELS["source"], required=False, max_length=1000)

    def build_value(self, data: dict[str, Any]) -> projects.FundingLink:
        return projects.FundingLink(FundingLinkKind(data["kind"]), data["key"], data["note"], data["source"])

    def clean_key(self) -> str:
        """Return the key that was entered, or the key in a web address of this site that was entered."""
        text = str(self.cleaned_data["key"]).strip()
        path = re.sub(r"^[a-z]+://[^/]*", "", text.split("?")[0].split("#")[0])
        match = re.search(r"/(meetings|findings|reports)/([^/]+)(?:/|$)", path)
        if match and LINK_KIND_BY_PATH[match[1]] != self.cleaned_data.get("kind"):
            raise forms.ValidationError(_("This address belongs to a different type of item."))
        key = match[2] if match else text
        if "/" in key or len(key) > 120:
            raise forms.ValidationError(
                _("This is not the address of a page on this site. Enter the last part of its address.")
            )
        return key


class TableUploadForm(forms.Form):
    """Form for uploading a table of activities."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("CSV, XLSX, XLS or ODS, up to 2 MB. You choose the import settings on the next page."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
    )

    import_state: ImportState | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_TABLE_BYTES:
            raise forms.ValidationError(str(labels.TABLE_ERRORS["table_too_large"]))
        try:
            self.import_state = create_import_state(file.read())
        except SamsvarError as error:
            raise forms.ValidationError(" ".join(str(part) for part in describe_error(error) if part)) from error
        return file


class ImportOptionsForm(TableOptionsForm):
    """Form that shows how a table of activities is read."""

    def __init__(self, state: ImportState) -> None:
        super().__init__(state)
        self._add_column_fields(state)
        self._add_fixed_fields(state.options)

    def _add_column_fields(self, state: ImportState) -> None:
        """Add a field for each column of the table, with the cell of its first row as help text."""
        reading = state.options
        first = next((row for row in state.rows[reading.heading :] if any(cell.strip() for cell in row)), ())
        choices = [("", _("skipped")), *((name, labels.MAPPED_LABELS[name]) for name in MAPPABLE_COLUMNS)]
        for place, title in enumerate(column_headings(state.rows, reading)):
            example = first[place] if place < len(first) else ""
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=title or _("Column %(number)d") % {"number": place + 1},
                choices=choices,
                required=False,
                help_text=f"“{example[:60]}”" if example.strip() else "",
            )
            self.initial[f"column-{place}"] = reading.columns.get(place, "")

    def _add_fixed_fields(self, options: ImportOptions) -> None:
        """Add the fields for values that apply to every row."""
        for name in FIXED_COLUMNS:
            if name in options.columns.values():
                continue
            if name in FIXED_CHOICES:
                field: forms.Field = forms.ChoiceField(
                    choices=[("", "—"), *enum_choices(FIXED_CHOICES[name])], required=False
                )
            else:
                field = forms.CharField(max_length=1000, required=False, help_text=labels.FIXED_HELP.get(name, ""))
            field.label = labels.MAPPED_LABELS[name]
            self.fields[f"fixed-{name}"] = field
            self.initial[f"fixed-{name}"] = options.fixed.get(name, "")


FIXED_CHOICES: dict[str, type[StrEnum]] = {"kind": ActivityKind, "confidence": Confidence}
