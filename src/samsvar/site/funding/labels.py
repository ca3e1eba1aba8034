"""Translated labels for the fixed values of funding data, and messages for problems in imported tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.funding.loading import CellProblem
from samsvar.site.shell.labels import COLON, LABELS, SEMICOLON, Label

if TYPE_CHECKING:
    from samsvar.site.funding.import_plan import PlannedRow

KINDS: dict[str, Label] = {
    "programme": _("programme"),
    "call": _("call for projects"),
    "initiative": _("bilateral initiative"),
    "project": _("project"),
}
FORMS: dict[str, Label] = {
    "open_call": _("open call"),
    "small_grants": _("small grants"),
    "conference": _("conference"),
    "workshop": _("workshop or seminar"),
    "partnership": _("partnership preparation"),
    "study_visit": _("study visit"),
    "predefined": _("predefined"),
    "from_call": _("selected through a call"),
}
ROLES: dict[str, Label] = {
    "operator": _("programme operator"),
    "promoter": _("promoter"),
    "partner": pgettext_lazy("a body in a project", "partner"),
    "adviser": _("adviser"),
}
SIDES: dict[str, Label] = {
    "donor": _("donor side"),
    "beneficiary": _("beneficiary side"),
    "international": _("international"),
}
STEPS: dict[str, Label] = {
    "planned": pgettext_lazy("money", "planned"),
    "committed": pgettext_lazy("money", "committed"),
    "disbursed": pgettext_lazy("money", "paid out"),
    "spent": pgettext_lazy("money", "spent"),
}
LINKS: dict[str, Label] = {
    "meeting": _("meeting"),
    "gathering": _("network meeting"),
    "practice": _("practice"),
    "measure": _("measure"),
    "finding": _("finding"),
    "report": _("report"),
    "publication": _("publication"),
}
COLUMN_LABELS: dict[str, Any] = {  # also used for form fields, whose labels Django types differently
    "kind": _("Type"),
    "id": _("Short name"),
    "code": _("Code"),
    "title": _("Title"),
    "language": _("Language of the title"),
    "form": _("Format"),
    "period": _("Period"),
    "part_of": _("Part of"),
    "donors": _("Donor states"),
    "beneficiaries": _("Beneficiary states"),
    "areas": _("Programme areas"),
    "currency": _("Currency"),
    "grant": _("Total grant"),
    "grant_eea": _("Of which from the EEA Grants"),
    "grant_norway": _("Of which from the Norway Grants"),
    "cofinancing": _("Co-financing"),
    "gbv_share": _("Of which for combating domestic and gender-based violence"),
    "valued_on": _("Value date"),
    "begins": _("Starts"),
    "ends": _("Ends"),
    "partners": _("Partners"),
    "about": _("About"),
    "note": _("Note"),
    "source": _("Source"),
    "second_source": _("Second source"),
    "confidence": _("Confidence"),
    "from_memory": _("Unverified fields"),
    "read_on": _("Source accessed on"),
    "fictional": _("Fictional"),
}
PART_LABELS: dict[str, Any] = {  # columns for transactions and results
    "operator": _("Programme operator (names)"),
    "promoter": _("Promoter (names)"),
    "donor_body": _("Donor-side partner (names)"),
    "planned": _("Amount planned"),
    "committed": _("Amount committed"),
    "disbursed": _("Amount paid out"),
    "spent": _("Amount spent"),
    "money_on": _("Date of the amount"),
    "result": _("Subject of the result"),
    "result_promised": _("Expected result, in words"),
    "result_promised_number": _("Expected result, as a number"),
    "result_came": _("Result achieved, in words"),
    "result_came_number": _("Result achieved, as a number"),
    "result_unit": _("Unit of the result"),
}
MAPPED_LABELS: dict[str, Any] = {**COLUMN_LABELS, **PART_LABELS}
NUMBER_FORMATS: dict[str, Label] = {
    "recognised": _("detected automatically"),
    "point": _("1,234,567.50: decimal point"),
    "comma": _("1.234.567,50: decimal comma"),
}
DATE_ORDERS: dict[str, Label] = {
    "recognised": _("detected automatically"),
    "day": _("04/06/2019 is 4 June"),
    "month": _("04/06/2019 is 6 April"),
}
LABELS.update(
    ActivityKind=KINDS, ActivityFormat=FORMS, PartnerRole=ROLES, PartnerSide=SIDES, TransactionStep=STEPS,
    FundingLinkKind=LINKS, NumberFormat=NUMBER_FORMATS, DateOrder=DATE_ORDERS, funding_column=MAPPED_LABELS,
)  # fmt: skip
FIXED_HELP: dict[str, Any] = {
    "currency": "EUR, NOK, RON",
    "period": "2014-2021",
    "source": _("Where the spreadsheet was published: the address of the page, or the name of the document."),
    "part_of": _("The short name or code of the programme."),
    "read_on": "2026-11-24",
}
PROBLEM_LABELS: dict[str, Label] = {
    "too_long": _("This text is too long."),
    "unknown_value": _("This is not one of the accepted values."),
    "unknown_state": _("This state is not recognised. Enter its name or its two-letter code: RO BG."),
    "unknown_currency": _("This currency is not recognised. Enter three letters: EUR, NOK, RON."),
    "no_currency": _("Enter a currency for the amount."),
    "unreadable_amount": _("This is not an amount. Use digits and a decimal point: 92253 or 92253.50."),
    "unreadable_date": _("This is not a date. Enter it as 2019-06-04, 2019-06 or 2019."),
    "ambiguous_amount": _("This can be read in two ways. Choose the number format used in the spreadsheet."),
    "ambiguous_currency": _("Several states use this currency symbol. Enter the three-letter currency code."),
    "ambiguous_date": _("This can be read in two ways. Choose whether the day or the month comes first."),
    "which_money": _("There are several amounts for this stage and date: it is not clear which one is meant."),
    "no_real_source": _("A source must be a web address starting with https:// or the name of a document."),
    "bad_partner": _("Enter each partner as role/side/state: name, and separate partners with a | sign."),
    "no_title": _("Enter a title."),
    "no_kind": _("Choose the type: programme, call, initiative or project. You can set one type for all rows."),
    "no_slug": _("A short name can contain only lower-case letters, digits and hyphens."),
    "no_source": _("Without a source, this can only be marked as unverified."),
    "wrong_form": _("This format cannot be used with this type."),
    "programme_in_programme": _("A programme cannot be part of another activity."),
    "part_of_itself": _("An activity cannot be part of itself."),
    "unknown_parent": _("There is no such programme or call on this site or in the spreadsheet."),
    "wrong_parent": _("An activity of this type cannot be part of the activity given."),
    "ends_first": _("The end cannot be before the start."),
    "negative_amount": _("An amount cannot be negative."),
    "different_currencies": _("The amounts are in different currencies."),
    "parts_exceed_grant": _("The amounts from the EEA Grants and the Norway Grants add up to more than the grant."),
    "share_exceeds_grant": _("The amount for work against violence is more than the grant."),
    "twice": _("Another row of this spreadsheet is for the same activity."),
    "not_yours": _("You do not have permission to edit data about this state."),
    "other_thing": _("This short name is already in use. Choose another one for this row."),
    "no_result": _("Enter the subject of the result."),
    "empty_result": _("Enter an expected or an achieved result."),
    "no_such_thing": _("No item of this type has this identifier."),
    "linked_already": _("This link already exists."),
}
TABLE_ERRORS: dict[str, Label] = {
    "table_empty": _("The file is empty."),
    "table_too_large": _("The file is too large to import."),
    "table_not_utf8": _("The file is neither a spreadsheet nor text in UTF-8, UTF-16 or Windows-1252."),
    "table_damaged": _("The file is damaged or locked and cannot be read as a spreadsheet."),
    "table_unpacks_too_large": _("The spreadsheet is too large once it is unpacked."),
    "table_too_many_cells": _("The spreadsheet has too many cells between its first and its last filled cell."),
    "table_too_much_text": _("The cells of the spreadsheet contain too much text."),
    "empty_table": _("There are no rows below the header row."),
    "too_many_rows": _("The spreadsheet has too many rows to import at once."),
}
COLUMN_ERRORS: dict[str, Label] = {
    "no_column": _("No title column has been chosen. Choose the title column, or choose the header row."),
    "column_twice": _("Two columns are set to the same field. Set one of them to “skipped”."),
}
SAVE_TABLE_AGAIN = _(
    "Save the file again from a spreadsheet program, as CSV in UTF-8 or as XLSX, and upload the new file."
)
ERROR_TEXTS: dict[str, tuple[Label, Label]] = {
    **{code: (message, "") for code, message in (PROBLEM_LABELS | COLUMN_ERRORS).items()},
    **{code: (message, SAVE_TABLE_AGAIN) for code, message in TABLE_ERRORS.items()},
}


def problem_label(cell: CellProblem) -> Label:
    """Return what is wrong with a cell, in the user's language."""
    return PROBLEM_LABELS.get(cell.code, cell.problem)


MAX_LISTED = 12  # excluded rows listed in a message; the preview has already shown all of them


def excluded_rows_message(planned_rows: Sequence[PlannedRow]) -> str:
    """Return a message that lists the excluded rows of a table, with reasons."""
    descriptions = []
    for planned in planned_rows[:MAX_LISTED]:
        reasons = f"{SEMICOLON} ".join(
            f"{MAPPED_LABELS.get(cell.column, cell.column)} “{cell.cell[:40]}”{COLON} {problem_label(cell)}"
            for cell in planned.problems
        )
        descriptions.append(f"{planned.number} ({reasons})" if reasons else str(planned.number))
    more = f" … {len(planned_rows)}" if len(planned_rows) > MAX_LISTED else ""
    return _now("Rows skipped: %(rows)s") % {"rows": ", ".join(descriptions) + more}
