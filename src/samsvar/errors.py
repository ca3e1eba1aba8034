"""The base classes of Samsvar's errors, and the errors raised while reading reports."""

from __future__ import annotations

from typing import Any


class SamsvarError(Exception):
    """Base class of every error that Samsvar raises deliberately.

    `effect` says what became of the user's work and `advice` what to do next, each in one sentence. A page, a command
    and an API response show both with the message and never a traceback. `code` is a stable identifier for machines.
    """

    code: str = "samsvar_error"
    # Any, because the errors of the site hold text that is translated when it is shown
    message: Any = ""
    effect: Any = "Nothing was saved."
    advice: Any = ""

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
    """The treaty, its provisions or its events are inconsistent."""

    code = "convention_error"


class MonitoringError(SamsvarError):
    """A report could not be read, or contains something that its profile does not cover."""

    code = "monitoring_error"


class InterchangeError(SamsvarError):
    """A file or feed to be imported or exported is not what it claims to be."""

    code = "interchange_error"


class UnreadableReport(MonitoringError):
    """The file is damaged: it starts like a file of its format but does not follow it."""

    code = "unreadable_report"
    advice = "Open it in a viewer and save it again, or download the original again."


class UnreadablePage(UnreadableReport):
    """One page of the file cannot be read; findings could be missed without anyone noticing."""

    code = "page_unreadable"

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"Page {page} of {pages} is damaged and cannot be read.")
        self.page, self.pages = page, pages


class EncryptedReport(MonitoringError):
    """The file requires a password."""

    code = "encrypted_report"
    advice = "Save a copy without a password and use that."


class EmptyReport(MonitoringError):
    """The file or its pages contain nothing."""

    code = "empty_report"
    advice = "Check that you chose the right file and that it was transferred completely."


class ReportTooLarge(MonitoringError):
    """The file, its unpacked size or its number of pages exceeds the limit."""

    code = "too_large"
    advice = "Split it, or remove its images."


class OcrRequired(MonitoringError):
    """The pages are images: there is no text to read."""

    code = "needs_ocr"
    advice = "Give it a text layer first, for example with `ocrmypdf input.pdf output.pdf`, and use the result."


class UnknownFormat(MonitoringError):
    """The file is not a PDF, DOCX, HTML or plain text file."""

    code = "unknown_format"
    advice = "Save it as PDF, DOCX, HTML or plain text and use that."


class TimeLimitExceeded(MonitoringError):
    """Reading took longer than allowed and was stopped."""

    code = "time_limit"
    advice = "Try the file alone, or save it again from a viewer: reading a damaged file may never finish."


class MemoryLimitExceeded(MonitoringError):
    """Reading needed more memory than allowed and was stopped."""

    code = "memory_limit"
    advice = "Split the file, or remove its images."


class ReaderCrashed(MonitoringError):
    """The process that read the file died, more often because of the file than of the reader."""

    code = "reader_crashed"
    advice = "Save the file again from a viewer; if it still fails, report it with the file."


class UnknownProfile(MonitoringError):
    """There is no profile for the requested monitoring body."""

    code = "unknown_profile"

    def __init__(self, body: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no profile for “{body}”.", advice=f"Choose one of: {', '.join(known)}, auto.")
        self.body, self.known = body, known


class InvalidProfile(MonitoringError):
    """A profile.toml contains an invalid setting."""

    code = "bad_profile"


class NoSuchPage(MonitoringError):
    """The document has no page with this number."""

    code = "no_such_page"
    effect = ""

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"There is no page {page}: the document has {pages}.")
        self.page, self.pages = page, pages
