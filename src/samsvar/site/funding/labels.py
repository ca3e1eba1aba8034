"""What the site calls the fixed values of money, in the reader's language, and what went wrong with a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.errors import SamsvarError
from samsvar.funding.loading import BadCell
from samsvar.site.shell.labels import COLON, SEMICOLON

if TYPE_CHECKING:
    from samsvar.site.funding.import_plan import PlannedLine

from samsvar.site.shell.labels import Label

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
    "partnership": _("preparation of a partnership"),
    "study_visit": _("study visit"),
    "predefined": _("predefined"),
    "from_call": _("from a call"),
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
    "gathering": _("gathering of a network"),
    "practice": _("practice"),
    "measure": _("measure"),
    "finding": _("finding"),
    "report": _("report"),
    "publication": _("publication"),
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
    "from_memory": _("Only remembered"),
    "read_on": _("Source read on"),
    "invented": _("Invented"),
}
PARTS: dict[str, Any] = {  # what a table can tell of the money and of what came of it
    "operator": _("Programme operator (names)"),
    "promoter": _("Promoter (names)"),
    "donor_body": _("Partner on the donor side (names)"),
    "planned": _("Amount planned"),
    "committed": _("Amount committed"),
    "disbursed": _("Amount paid out"),
    "spent": _("Amount spent"),
    "money_on": _("Day of the money"),
    "result": _("What a result is about"),
    "result_promised": _("Promised, in words"),
    "result_promised_number": _("Promised, as a number"),
    "result_came": _("Came, in words"),
    "result_came_number": _("Came, as a number"),
    "result_unit": _("Unit of the result"),
}
MAPPED: dict[str, Any] = {**COLUMNS, **PARTS}
NUMBERS: dict[str, Label] = {
    "recognised": _("recognised by themselves"),
    "point": _("1,234,567.50: a point before cents"),
    "comma": _("1.234.567,50: a comma before cents"),
}
DAYS: dict[str, Label] = {
    "recognised": _("recognised by themselves"),
    "day": _("04/06/2019 is the fourth of June"),
    "month": _("04/06/2019 is the sixth of April"),
}
FIXED_HELP: dict[str, Any] = {
    "currency": "EUR, NOK, RON",
    "period": "2014-2021",
    "source": _("Where the table was published: the address of the page, or the name of the document."),
    "part_of": _("The short name or the code of the programme."),
    "read_on": "2026-11-24",
}
PROBLEMS: dict[str, Label] = {
    "too_long": _("This is longer than there is room for."),
    "unknown_word": _("This is none of the words that can stand here."),
    "unknown_state": _("There is no such state. Write its name, or its code of two letters: RO BG."),
    "unknown_currency": _("There is no such currency. Write three letters: EUR, NOK, RON."),
    "no_currency": _("An amount needs a currency."),
    "unreadable_amount": _("This is no amount. Write digits, with a point before cents: 92253 or 92253.50."),
    "unreadable_date": _("This is no date. Write 2019-06-04, 2019-06 or 2019."),
    "ambiguous_amount": _("This can be read in two ways. Say how the table writes numbers."),
    "ambiguous_currency": _("This sign is the money of several states. Say the currency in three letters."),
    "ambiguous_date": _("This can be read in two ways. Say whether the day or the month stands first."),
    "which_money": _("Several sums of this step and day are here: it is not clear which is meant."),
    "no_real_source": _("A source is a web address with https:// or the name of a document."),
    "bad_partner": _("A partner is written as role/side/state: name, and the next one follows after a | sign."),
    "no_title": _("A title is needed."),
    "no_kind": _("Say what it is: a programme, a call, an initiative or a project. One word can hold for every row."),
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
TROUBLES: dict[str, Label] = {
    "table_empty": _("There is nothing in the file."),
    "table_too_large": _("The file is larger than what is read here."),
    "table_not_utf8": _("The file is neither a workbook nor text in UTF-8, UTF-16 or Windows-1252."),
    "table_damaged": _("The file is damaged or locked, and cannot be read as a table."),
    "table_unpacks_too_large": _("The workbook unpacks to more than is read here."),
    "empty_table": _("There is no row below the heading."),
    "too_many_rows": _("The table has more rows than are read at once."),
    "no_column": _("No column is the title. Say which one it is, or in which row the headings stand."),
    "column_twice": _("Two columns are said to be the same. Say of one of them that it is left out."),
}


def problem(cell: BadCell) -> Label:
    """What is wrong in a cell, in the reader's language."""
    return PROBLEMS.get(cell.code, cell.problem)


MOST_NAMED = 12  # rows left out that a message names; all of them stood on the page before


def left_out(lines: Sequence[PlannedLine]) -> str:
    """Which rows of a table were left out, and why."""
    told = []
    for line in lines[:MOST_NAMED]:
        why = f"{SEMICOLON} ".join(
            f"{MAPPED.get(cell.column, cell.column)} “{cell.cell[:40]}”{COLON} {problem(cell)}" for cell in line.wrong
        )
        told.append(f"{line.number} ({why})" if why else str(line.number))
    more = f" … {len(lines)}" if len(lines) > MOST_NAMED else ""
    return _now("Rows left out: %(rows)s") % {"rows": ", ".join(told) + more}


def trouble(error: SamsvarError) -> tuple[str | Promise, str, str]:
    """(what happened, what was kept, what to do next)."""
    if error.code in {"no_column", "column_twice"}:
        return TROUBLES[error.code], _now("Nothing was stored."), ""
    if error.code in TROUBLES:
        advice = _now("Save it again from a spreadsheet, as CSV in UTF-8 or as XLSX, and bring that.")
        return TROUBLES[error.code], _now("Nothing was stored."), advice
    if error.code in PROBLEMS:
        return PROBLEMS[error.code], _now("Nothing was stored."), ""
    return error.message, error.kept, error.advice
