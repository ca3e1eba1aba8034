"""Labels of the columns of a table of measures, of problems in its cells, and of fits of citations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.interchange.measure_tables import MeasureCellProblem
from samsvar.site.shell.labels import LABELS, Label

COLUMNS: dict[str, Label] = {
    "number": pgettext_lazy("column of a table of measures", "Number"),
    "title": pgettext_lazy("column of a table of measures", "Title of the measure"),
    "description": pgettext_lazy("column of a table of measures", "Description"),
    "kind": pgettext_lazy("column of a table of measures", "Kind"),
    "lead": pgettext_lazy("column of a table of measures", "Lead body"),
    "others": pgettext_lazy("column of a table of measures", "Other bodies"),
    "chapter": pgettext_lazy("column of a table of measures", "Chapter of the plan"),
    "region": pgettext_lazy("column of a table of measures", "Region or municipality"),
    "period": pgettext_lazy("column of a table of measures", "Period (start and due date)"),
    "begins": pgettext_lazy("column of a table of measures", "Start"),
    "due": pgettext_lazy("column of a table of measures", "Due date"),
    "stage": pgettext_lazy("column of a table of measures", "Stage"),
    "reason": pgettext_lazy("column of a table of measures", "Reason for the stage"),
    "amount": pgettext_lazy("column of a table of measures", "Amount"),
    "currency": pgettext_lazy("column of a table of measures", "Currency"),
    "findings": pgettext_lazy("column of a table of measures", "Findings, recommendations or articles"),
}
HEADING_REASONS: dict[str, Label] = {
    "known": _("the heading is a known name"),
    "contains": _("the heading contains “%(known)s”"),
    "similar": _("the heading is spelt almost like “%(known)s”"),
}
CITATION_FITS: dict[str, Label] = {
    "several": _("several findings fit; choose"),
    "topic": _("an article names a topic; choose the findings, if any"),
    "none": _("no finding on this state fits"),
    "unclear": _("not clear whether this is a paragraph, a recommendation or an article"),
}
PROBLEMS: dict[str, Label] = {
    "title_missing": _("The title of the measure is missing."),
    "too_long": _("The text is longer than %(detail)s characters."),
    "date_ambiguous": _("This can be read in two ways. Choose whether the day or the month comes first."),
    "date_quarter": _("A quarter is not a date. Write its last month, for example 2026-06."),
    "date_season": _("A season is not a date. Write its last month, for example 2026-05."),
    "date_part_of_year": _("A part of a year is not a date. Write its last month, for example 2026-06."),
    "date_range": _("Two dates are in one cell. Set the column to “Period”, or use two columns."),
    "date_open_ended": _("This names no day. Leave the cell empty, and write it in the description."),
    "date_number": _("This is a spreadsheet’s number of a day. Format the column as dates."),
    "date_unreadable": _("This is not a date. Enter it as 2019-06-04, 2019-06 or 2019."),
    "due_before_start": _("The measure is due before it begins."),
    "kind_several": _("A measure has one kind. Keep the most important one."),
    "kind_unknown": _(
        "This kind is not known. The kinds are law, policy, service, training, data, awareness-raising, funding and "
        "co-ordination."
    ),
    "stage_percent": _("A percentage is not a stage. Write for example “under way” or “done”."),
    "stage_unknown": _("This stage is not known. The stages are proposed, decided, under way, done and stopped."),
    "reason_missing": _("This step needs a reason. Add a column with the reason for the stage."),
    "step_not_possible": _("A measure cannot go from its present stage to this one."),
    "amount_unreadable": _("This is not an amount. Use digits and a decimal point: 92253 or 92253.50."),
    "amount_ambiguous": _("This can be read in two ways. Choose the number format used in the spreadsheet."),
    "amount_negative": _("An amount cannot be negative."),
    "amount_too_large": _("The amount is too large."),
    "currency_missing": _("Enter a currency for the amount."),
    "currency_unknown": _("This currency is not recognised. Enter three letters: EUR, NOK, RON."),
    "currency_ambiguous": _("Several states use this currency symbol. Enter the three-letter currency code."),
    "currency_of_payment": _("The amount already paid is in %(detail)s, so the budget cannot be in another currency."),
    "different_currencies": _("The amounts are in different currencies."),
    "row_repeated": _(
        "Row %(detail)s is the same measure. If numbers such as 1.10 became 1.1, format the column as text."
    ),
    "number_ambiguous": _("Several measures have this number."),
    "title_ambiguous": _("Several measures have this title. Add a column with their numbers."),
    "region_unknown": _(
        "The state has no region or municipality of this name here. You can create it with the import, below."
    ),
    "chapter_without_plan": _("A chapter needs a plan. Choose a plan, or set the column to “skipped”."),
}
ERROR_TEXTS: dict[str, tuple[Label, Label]] = {
    "no_title": (
        _("No title column has been chosen. Choose the title column, or choose the header row."),
        "",
    ),
    "period_and_dates": (
        _("A column with periods and a column with dates are both chosen. Set one of them to “skipped”."),
        "",
    ),
}
LABELS.update({"measure_column": COLUMNS, "CitationFit": CITATION_FITS})


def problem_label(problem: MeasureCellProblem) -> str:
    """Return what is wrong with a cell, in the user's language."""
    return str(PROBLEMS[problem.code]) % {"detail": problem.detail}
