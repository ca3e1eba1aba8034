"""Forms for drafts of a report back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from samsvar.dates import display_date
from samsvar.implementation.drafts import Block, FieldContent, Record
from samsvar.implementation.forms import FormUse, Variant, find_form
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.site.implementation import models
from samsvar.site.implementation.labels import DUTY_KINDS, DUTY_STATUSES
from samsvar.site.implementation.reports import queries
from samsvar.site.monitoring.models import Report
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import LABELS, enum_choices
from samsvar.text import choose_text

MAX_TEXT = 50_000  # characters of a block; a whole report has 200,000
MAX_CELL = 2_000


class CreateDraftForm(forms.Form):
    """Choice of the form, the report that it answers, the language and the title of a new draft."""

    form = forms.ChoiceField(label=_("Form"))
    report = forms.ModelChoiceField(
        Report.objects.none(),
        label=_("Recommendations of"),
        required=False,
        empty_label=_("no report: annexes only"),
        help_text=_("Each recommendation of this report becomes a section."),
    )
    variant = forms.ChoiceField(label=_("Extent"), initial=Variant.FULL.value)
    duty = forms.ChoiceField(
        label=_("Duty that it completes"),
        required=False,
        help_text=_("Only for a report on measures taken. You can still change it when you submit."),
    )
    language = forms.ChoiceField(
        label=_("Language of the report"),
        help_text=_("Headings and sentences taken from measures are written in this language."),
    )
    title = forms.CharField(label=_("Title"), max_length=300)

    def __init__(self, data: Any = None, *, state: str) -> None:
        super().__init__(data)
        self.known_forms = {form.form_id: form for form in queries.desk_forms()}
        self.fields["form"].choices = [  # type: ignore[attr-defined]
            (form.form_id, choose_text(form.title, get_language() or "en")) for form in self.known_forms.values()
        ]
        reports = self.fields["report"]
        assert isinstance(reports, forms.ModelChoiceField)
        reports.queryset = queries.reports_with_recommendations(state)
        reports.label_from_instance = _describe_report  # type: ignore[method-assign, assignment]
        reports.initial = reports.queryset.first()
        self.fields["variant"].choices = enum_choices(Variant)  # type: ignore[attr-defined]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, language_name(code)) for code in INTERFACE_LANGUAGES
        ]
        self.fields["language"].initial = get_language()
        duties = queries.open_duties(state, timezone.localdate())
        self.fields["duty"].choices = _duty_choices(duties)  # type: ignore[attr-defined]
        self.fields["duty"].initial = duties[0].key if len(duties) == 1 else ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        form = self.known_forms.get(data.get("form", ""))
        if form is not None and form.use is not FormUse.REPORT_BACK:
            data["duty"] = ""  # chosen for the report when the form was opened
        return data


def _duty_choices(duties: Iterable[queries.DraftDuty]) -> list[tuple[str, str]]:
    return [("", pgettext("a duty", "none")), *((duty.key, _describe_duty(duty)) for duty in duties)]


def _describe_duty(duty: queries.DraftDuty) -> str:
    """Return a step with its procedure, due day and status: "report …, baseline evaluation, due 1 June 2026, …"."""
    facts = [str(DUTY_KINDS[duty.kind]), str(LABELS["procedure"][duty.procedure])]
    if duty.line is not None and duty.line.duty.due:
        facts.append(gettext("due %(day)s") % {"day": display_date(duty.line.duty.due, get_language() or "en")})
    return ", ".join([*facts, *([str(DUTY_STATUSES[duty.line.status])] if duty.line is not None else [])])


def _describe_report(report: Report) -> str:
    return report.document.reference or report.document.title or report.filename


class ClearForm(forms.Form):
    """The name of the person who clears a report, and the office on whose behalf."""

    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("Only the national desk sees it."))
    office = forms.CharField(
        label=_("On behalf of"), max_length=200, help_text=_("The office, for example a directorate. It is published.")
    )


class SubmitForm(forms.Form):
    """The authority on whose behalf a report is submitted, and the duty that it completes."""

    on_behalf_of = forms.CharField(
        label=_("On behalf of"), max_length=200, help_text=_("The authority that submits the report. It is published.")
    )
    duty = forms.ChoiceField(
        label=_("Duty that it completes"),
        required=False,
        help_text=_(
            "It is recorded as done today, with this report as its source, unless it is done already. Everyone can see "
            "that; the text stays with the desk until you publish it."
        ),
    )

    def __init__(self, data: Any = None, *, draft: models.Draft) -> None:
        super().__init__(data)
        if find_form(draft.form_id, draft.form_version).use is not FormUse.REPORT_BACK:
            del self.fields["duty"]
            return
        duties = list(queries.open_duties(draft.state_id, timezone.localdate()))
        chosen = queries.draft_duty(draft)
        if chosen is not None and chosen.key not in {
            duty.key for duty in duties
        }:  # it is done, or nothing is known about it any longer
            duties.append(chosen)
        self.fields["duty"].choices = _duty_choices(duties)  # type: ignore[attr-defined]
        self.fields["duty"].initial = draft.duty


class WordUploadForm(forms.Form):
    """An edited Word file."""

    file = forms.FileField(
        label=_("Edited Word file"),
        help_text=_("DOCX, up to 10 MB. You see every difference before anything is saved."),
        widget=forms.FileInput(
            attrs={"accept": ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
        ),
    )


class AcceptWordForm(forms.Form):
    """The sections of an edited file that are taken over."""

    sections = forms.MultipleChoiceField(
        label=_("Sections to take over"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, data: Any = None, *, changes: Sequence[queries.ChangedSection]) -> None:
        super().__init__(
            data, initial={"sections": [change.section.section_id for change in changes if not change.saved_since]}
        )
        self.fields["sections"].choices = [  # type: ignore[attr-defined]
            (change.section.section_id, change.section.heading) for change in changes
        ]


# --- A section --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlockInput:
    """A block of text in the form of a section: its text, the record it cites, and that record's newer version."""

    text: BoundField
    record: Record | None
    newer: Record | None
    is_edited: bool


@dataclass(frozen=True, slots=True)
class FieldInput:
    """A field of a section in its form: blocks, records that can be added, and the cells of a table."""

    line: queries.FieldLine
    blocks: tuple[BlockInput, ...]
    take: BoundField | None
    other: BoundField | None
    columns: tuple[str, ...]
    rows: tuple[tuple[BoundField, ...], ...]


def _records_field(label: Any, records: Iterable[Record]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(queries.format_key(one.key), f"{one.text} [{one.citation}]") for one in records],
    )


class SectionForm(forms.Form):
    """The text of a section: one input for each block, one for new text, a choice of records, and cells of tables.

    An emptied block is removed. The inputs are made from the section as it was shown, whose version is `seen`.
    """

    use_required_attribute = False

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, page: queries.DraftSectionPage, language: str) -> None:
        super().__init__(data, initial={"seen": page.section.version})
        self.page, self.language = page, language
        for line in page.lines:
            self._add_field(line)

    def _add_field(self, line: queries.FieldLine) -> None:
        name = line.form_field.field_id
        for number, block in enumerate(line.content.blocks):
            block_label = _("Sentence from a record") if block.record else _("Text")
            self.fields[f"{name}-{number}"] = self._text_field(block_label, block.text)
        self.fields[f"{name}-new"] = self._text_field(_("New text"), "")
        if line.available:
            self.fields[f"{name}-take"] = _records_field(_("Records to add"), line.available)
        if line.others:
            self.fields[f"{name}-other"] = _records_field(_("Figures about other articles"), line.others)
        for cell_name, text, label in self._iter_cells(line):
            self.fields[cell_name] = forms.CharField(
                label=label, required=False, max_length=MAX_CELL, initial=text, strip=False
            )

    def _text_field(self, label: Any, text: str) -> forms.CharField:
        lines = min(max(text.count("\n") + len(text) // 90 + 1, 2), 12)
        widget = forms.Textarea(attrs={"rows": lines, "lang": self.language})
        return forms.CharField(
            label=label, required=False, max_length=MAX_TEXT, initial=text, strip=False, widget=widget
        )

    def _iter_cells(self, line: queries.FieldLine) -> Iterator[tuple[str, str, str]]:
        """Yield the name, text and label of each cell of a table, with an empty row at its end."""
        columns = [choose_text(column, self.language) for column in line.form_field.columns]
        rows = [*line.content.rows, ("",) * len(columns)] if columns else []
        for row_number, cells in enumerate(rows):
            for column_number, (text, column) in enumerate(zip(cells, columns, strict=True)):
                heading = cells[0] if column_number and cells[0] else str(row_number + 1)
                name = f"{line.form_field.field_id}-{row_number}-{column_number}"
                yield name, text, column if column_number == 0 else f"{heading}: {column}"

    @property
    def has_table(self) -> bool:
        return any(line.form_field.columns for line in self.page.lines)

    def groups(self) -> Iterator[FieldInput]:
        """Yield the fields of the section with their inputs, for the template."""
        for line in self.page.lines:
            name = line.form_field.field_id
            cells = [self[cell_name] for cell_name, _text, _label in self._iter_cells(line)]
            width = len(line.form_field.columns) or 1
            blocks = [
                BlockInput(
                    self[f"{name}-{number}"], block.record, block.record and line.newer.get(block.record.key),
                    block.is_edited,
                )
                for number, block in enumerate(line.content.blocks)
            ]  # fmt: skip
            blocks.append(BlockInput(self[f"{name}-new"], None, None, False))
            yield FieldInput(
                line, tuple(blocks), self[f"{name}-take"] if line.available else None,
                self[f"{name}-other"] if line.others else None,
                tuple(choose_text(column, self.language) for column in line.form_field.columns),
                tuple(tuple(cells[start : start + width]) for start in range(0, len(cells), width)),
            )  # fmt: skip

    def contents(self) -> tuple[FieldContent, ...]:
        """Return the text of the section as it was submitted; fields that the variant does not print stay."""
        edited = {line.form_field.field_id: self._read_field(line) for line in self.page.lines}
        not_printed = (one for one in self.page.section.fields if one.field_id not in edited)
        return (*edited.values(), *not_printed)

    def _read_field(self, line: queries.FieldLine) -> FieldContent:
        name = line.form_field.field_id
        blocks = [
            Block(text, block.record)
            for number, block in enumerate(line.content.blocks)
            if (text := self.cleaned_data[f"{name}-{number}"]).strip()
        ]
        chosen = {*self.cleaned_data.get(f"{name}-take", ()), *self.cleaned_data.get(f"{name}-other", ())}
        records = (*line.available, *line.others)
        blocks += [Block(one.text, one) for one in records if queries.format_key(one.key) in chosen]
        blocks.append(Block(self.cleaned_data[f"{name}-new"]))
        cells = [self.cleaned_data[cell_name] for cell_name, _text, _label in self._iter_cells(line)]
        width = len(line.form_field.columns) or 1
        rows = [tuple(cells[start : start + width]) for start in range(0, len(cells), width)]
        return FieldContent(name, tuple(blocks), tuple(row for row in rows if any(cell.strip() for cell in row)))
