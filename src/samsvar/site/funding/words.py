"""What the site calls the fixed values of money, in the reader's language, and what went wrong with a table."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.errors import SamsvarError
from samsvar.funding.loading import BadCell

type Word = str | Promise

KINDS: dict[str, Word] = {
    "programme": _("programme"),
    "call": _("call for projects"),
    "initiative": _("bilateral initiative"),
    "project": _("project"),
}
FORMS: dict[str, Word] = {
    "open_call": _("open call"),
    "small_grants": _("small grants"),
    "conference": _("conference"),
    "workshop": _("workshop or seminar"),
    "partnership": _("preparation of a partnership"),
    "study_visit": _("study visit"),
    "predefined": _("predefined"),
    "from_call": _("from a call"),
}
ROLES: dict[str, Word] = {
    "operator": _("programme operator"),
    "promoter": _("promoter"),
    "partner": pgettext_lazy("a body in a project", "partner"),
    "adviser": _("adviser"),
}
SIDES: dict[str, Word] = {
    "donor": _("donor side"),
    "beneficiary": _("beneficiary side"),
    "international": _("international"),
}
STEPS: dict[str, Word] = {
    "planned": pgettext_lazy("money", "planned"),
    "committed": pgettext_lazy("money", "committed"),
    "disbursed": pgettext_lazy("money", "paid out"),
    "spent": pgettext_lazy("money", "spent"),
}
LINKS: dict[str, Word] = {
    "meeting": _("meeting"),
    "gathering": _("gathering of a network"),
    "practice": _("practice"),
    "measure": _("measure"),
    "finding": _("finding"),
    "report": _("report"),
}
COLUMNS: dict[str, Any] = {  # labels of form fields too, whose type is Django's own
    "kind": _("Kind"),
    "id": _("Short name"),
    "code": _("Code"),
    "title": _("Title"),
    "language": _("Language of the title"),
    "form": _("Form"),
    "period": _("Period"),
    "part_of": _("Part of"),
    "donors": _("Donor states"),
    "beneficiaries": _("Beneficiary states"),
    "areas": _("Areas"),
    "currency": _("Currency"),
    "grant": _("Grant in all"),
    "grant_eea": _("Of it from the EEA Grants"),
    "grant_norway": _("Of it from the Norway Grants"),
    "cofinancing": _("Co-financing"),
    "gbv_share": _("Of it against domestic and gender-based violence"),
    "valued_on": _("Day of the value"),
    "begins": _("Begins"),
    "ends": _("Ends"),
    "partners": _("Partners"),
    "about": _("About"),
    "note": _("Note"),
    "source": _("Source"),
    "second_source": _("Second source"),
    "confidence": _("How sure"),
    "read_on": _("Source read on"),
    "invented": _("Invented"),
}
PROBLEMS: dict[str, Word] = {
    "too_long": _("This is longer than there is room for."),
    "unknown_word": _("This is none of the words that can stand here."),
    "unknown_state": _("There is no such state. Write codes of two letters, with blanks between them: RO BG."),
    "unknown_currency": _("There is no such currency. Write three letters: EUR, NOK, RON."),
    "no_currency": _("An amount needs a currency."),
    "unreadable_amount": _("This is no amount. Write digits, with a point before cents: 92253 or 92253.50."),
    "unreadable_date": _("This is no date. Write 2019-06-04, 2019-06 or 2019."),
    "bad_partner": _("A partner is written as role/side/state: name, and the next one follows after a | sign."),
    "no_title": _("A title is needed."),
    "no_slug": _("A short name has small letters, digits and hyphens only."),
    "no_source": _("Without a source it can only be from memory."),
    "wrong_form": _("This form does not belong to this kind."),
    "programme_in_programme": _("A programme is a part of nothing."),
    "part_of_itself": _("It cannot be a part of itself."),
    "unknown_parent": _("There is no such programme or call, here or in the table."),
    "wrong_parent": _("It cannot be a part of this kind of thing."),
    "ends_first": _("It would end before it begins."),
    "negative_amount": _("An amount cannot be below nothing."),
    "different_currencies": _("Its amounts are in different currencies."),
    "parts_exceed_grant": _("The parts are more than the grant."),
    "share_exceeds_grant": _("The part for the field is more than the grant."),
    "twice": _("Another row of this table is the same activity."),
    "not_yours": _("You keep the facts of other states only."),
    "other_thing": _("Something else has this short name. Give this row another one."),
    "no_result": _("Say what the result is about."),
    "empty_result": _("Say what was promised or what came."),
    "no_such_thing": _("There is nothing of this kind with this key."),
    "linked_already": _("This link is here already."),
}
TROUBLES: dict[str, Word] = {
    "table_empty": _("There is nothing in the file."),
    "table_too_large": _("The file is larger than what is read here."),
    "table_not_utf8": _("The file is neither a workbook nor text in UTF-8."),
    "table_damaged": _("The file is damaged or locked, and cannot be read as a table."),
    "table_unpacks_too_large": _("The workbook unpacks to more than is read here."),
    "empty_table": _("There is no row below the heading."),
    "too_many_rows": _("The table has more rows than are read at once."),
    "no_column": _("The columns “kind” and “title” are needed, and one of them is missing."),
}


def problem(cell: BadCell) -> Word:
    """What is wrong in a cell, in the reader's language."""
    return PROBLEMS.get(cell.code, cell.problem)


def trouble(error: SamsvarError) -> tuple[str | Promise, str, str]:
    """(what happened, what was kept, what to do next)."""
    if error.code in TROUBLES:
        advice = _now("Save it again from a spreadsheet, as CSV in UTF-8 or as XLSX, and bring that.")
        return TROUBLES[error.code], _now("Nothing was stored."), advice
    if error.code in PROBLEMS:
        return PROBLEMS[error.code], _now("Nothing was stored."), ""
    return error.message, error.kept, error.advice
