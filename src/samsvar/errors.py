"""The base classes of Samsvar's errors, and the errors raised while reading files."""

from __future__ import annotations

import re
from typing import Any


class SamsvarError(Exception):
    """Base class of every error that Samsvar raises deliberately.

    `effect` says what happened to the user's work and `advice` what to do next, each in one sentence. Pages, commands
    and API responses show both with the message, and never show a traceback. `code` identifies the error for machines;
    it is derived from the name of the class ("unreadable_report").
    """

    code: str
    # Any, because the errors of the site hold text that is translated when it is shown
    message: Any = ""
    effect: Any = "Nothing was saved."
    advice: Any = ""

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, message: Any = "", *, effect: Any = None, advice: Any = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)
        if effect is not None:
            self.effect = effect
        if advice is not None:
            self.advice = advice

    def full_message(self) -> str:
        """Return the message, the effect and the advice in one line."""
        return " ".join(str(part) for part in (self.message, self.effect, self.advice) if part)


class ConventionError(SamsvarError):
    """Base class of errors in the data of the treaty: its provisions, articles and events."""


class MonitoringError(SamsvarError):
    """Base class of errors in reading a report or its profile."""


class InterchangeError(SamsvarError):
    """Base class of errors in files or feeds that are imported or exported."""


class UnreadableTable(InterchangeError):
    """Raised when a file is not a table that can be read; `code` identifies the reason."""

    advice = "Save it again from a spreadsheet program, as CSV in UTF-8 or as XLSX, and upload the new file."

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnreadableReport(MonitoringError):
    """Raised when a file is damaged: it starts like a file of its format, but is not valid."""

    advice = "Open it in a viewer and save it again, or download the original again."


class UnreadablePage(UnreadableReport):
    """Raised when a page cannot be read; of a report, when none of its pages can, and otherwise noted."""

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"Page {page} of {pages} is damaged and cannot be read.")
        self.page, self.pages = page, pages


class EncryptedReport(MonitoringError):
    """Raised when a file requires a password."""

    advice = "Save a copy without a password and use that."


class EmptyReport(MonitoringError):
    """Raised when a file or its pages are empty."""

    advice = "Check that you chose the right file and that it was transferred completely."


class ReportTooLarge(MonitoringError):
    """Raised when a file, its unpacked size or its number of pages exceeds the limit."""

    advice = "Split it, or remove its images."


class ReadingTooLarge(MonitoringError):
    """Raised when a report has more text or findings, or longer paragraphs, than a report of a monitoring body has."""

    advice = "Check that this is a single report. If it is, split it; if its paragraphs are not numbered, number them."


class OcrRequired(MonitoringError):
    """Raised when the pages are images, so that there is no text to read."""

    advice = "Add a text layer first, for example with `ocrmypdf input.pdf output.pdf`, and use the result."


class OcrFailed(MonitoringError):
    """Raised when Tesseract cannot read a scanned report."""

    advice = OcrRequired.advice


class UnknownFormat(MonitoringError):
    """Raised when a file is not a PDF, DOCX, HTML or plain text file."""

    advice = "Save it as PDF, DOCX, HTML or plain text and use that."


class TimeLimitExceeded(MonitoringError):
    """Raised when reading took longer than allowed and was stopped."""

    advice = "Try the file alone, or save it again from a viewer: reading a damaged file may never finish."


class MemoryLimitExceeded(MonitoringError):
    """Raised when reading needed more memory than allowed and was stopped."""

    advice = "Split the file, or remove its images."


class ReaderCrashed(MonitoringError):
    """Raised when the process that read the file crashed; the cause is more often the file than the reader."""

    advice = "Save the file again from a viewer; if it still fails, report the problem and attach the file."


class ReaderKilled(MonitoringError):
    """Raised when the process that read the file was ended from outside, each time that it was tried."""

    advice = "Try again later. If the machine is short of memory, its administrator can see that in the system's log."


class UnknownProfile(MonitoringError):
    """Raised when there is no profile for the requested monitoring body."""

    def __init__(self, body: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no profile for “{body}”.", advice=f"Choose one of: {', '.join(known)}, auto.")
        self.body, self.known = body, known


class InvalidProfile(MonitoringError):
    """Raised when a profile.toml contains an invalid setting."""


class NoSuchPage(MonitoringError):
    """Raised when the document has no page with the requested number."""

    effect = ""

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"There is no page {page}: the document has {pages}.")
        self.page, self.pages = page, pages
