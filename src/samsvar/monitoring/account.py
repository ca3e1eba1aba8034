"""The closed books of a reading: read = understood + set aside + unexplained, to the last printed character."""

from __future__ import annotations

from collections.abc import Iterable

from samsvar.errors import MonitoringError
from samsvar.monitoring.passages import Split
from samsvar.monitoring.report import Account, Aside, Line, Report, Unexplained


class BooksDoNotClose(MonitoringError):
    """A line of the report has no fate, or two: the reader is wrong, and nothing it found may be trusted."""

    code = "books_do_not_close"
    advice = "Report this with the file: it is a fault of the reader."


def account_for(report: Report, split: Split, notes: Iterable[str] = ()) -> Account:
    """The account of a report that was taken apart; characters are counted without white space."""
    read = sum(printed(line.text) for page in report.pages for line in page.lines)
    understood = sum(map(_printed_in, split.understood))
    set_aside = dict.fromkeys((aside.value for aside in Aside), 0)
    for line, aside in split.asides:
        set_aside[aside.value] += printed(line.text)
    unexplained = tuple(Unexplained(line.text, line.box.page) for line in split.unexplained)
    account = Account(read, understood, set_aside, unexplained, (*split.notes, *notes))
    if read != understood + sum(set_aside.values()) + account.unexplained_characters:
        raise BooksDoNotClose(f"“{report.document}”: {read} characters were read and {understood} understood.")
    return account


def printed(text: str) -> int:
    """How many characters of a text leave ink on paper."""
    return len("".join(text.split()))


def _printed_in(line: Line) -> int:
    return printed(line.text)
