"""What can go wrong, by name: every error says what happened, what was kept and what to do next."""

from __future__ import annotations


class SamsvarError(Exception):
    """The parent of every error that Samsvar raises on purpose.

    `kept` says what became of the user's work and `advice` what to do next, each one sentence; a page, a command
    and an API answer show all three and never a traceback. `code` is the stable name for machines.
    """

    code: str = "samsvar_error"
    kept: str = "Nothing was stored."
    advice: str = ""

    def __init__(self, message: str, *, kept: str | None = None, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if kept is not None:
            self.kept = kept
        if advice is not None:
            self.advice = advice

    def explained(self) -> str:
        """The whole story in one line: what happened, what was kept, what to do."""
        return " ".join(part for part in (self.message, self.kept, self.advice) if part)


class ConventionError(SamsvarError):
    """Something about the treaty, its provisions or its events does not hold."""

    code = "convention_error"


class MonitoringError(SamsvarError):
    """A report could not be read, or says something its profile does not know."""

    code = "monitoring_error"


class InterchangeError(SamsvarError):
    """A file or feed that should be taken in or given out is not what it claims to be."""

    code = "interchange_error"


class UnreadableReport(MonitoringError):
    """The file is damaged: it begins like its format and does not keep it."""

    code = "unreadable_report"
    advice = "Open it in a viewer and save it again, or fetch the original once more."


class PageUnreadable(UnreadableReport):
    """One page of the file cannot be read; without it findings could go missing unseen."""

    code = "page_unreadable"

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"Page {page} of {pages} is damaged and cannot be read.")
        self.page, self.pages = page, pages


class EncryptedReport(MonitoringError):
    """The file opens with a password only."""

    code = "encrypted_report"
    advice = "Save a copy without a password and read that."


class EmptyReport(MonitoringError):
    """There is nothing in the file, or nothing on its pages."""

    code = "empty_report"
    advice = "Check that the right file was chosen and that it arrived whole."


class TooLarge(MonitoringError):
    """The file, what it unpacks to, or its number of pages is beyond what is read."""

    code = "too_large"
    advice = "Split it, or leave out its pictures."


class NeedsOcr(MonitoringError):
    """The pages are pictures: there is no text to read."""

    code = "needs_ocr"
    advice = "Give it a text layer first, for example with `ocrmypdf input.pdf output.pdf`, and read the result."


class UnknownFormat(MonitoringError):
    """The file is none of PDF, DOCX, HTML and plain text."""

    code = "unknown_format"
    advice = "Save it as PDF, DOCX, HTML or plain text and read that."


class TimeLimit(MonitoringError):
    """Reading took longer than allowed and was stopped."""

    code = "time_limit"
    advice = "Try the file alone, or save it again from a viewer: damaged files can keep a reader busy for ever."


class MemoryLimit(MonitoringError):
    """Reading needed more memory than allowed and was stopped."""

    code = "memory_limit"
    advice = "Split the file, or leave out its pictures."


class ReaderCrashed(MonitoringError):
    """The process that read the file died; the file is at fault more often than the reader."""

    code = "reader_crashed"
    advice = "Save the file again from a viewer; if it still fails, report it with the file."


class UnknownProfile(MonitoringError):
    """A monitoring body was asked for that has no profile."""

    code = "unknown_profile"

    def __init__(self, body: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no profile for “{body}”.", advice=f"Known are: {', '.join(known)}, and auto.")
        self.body, self.known = body, known


class BadProfile(MonitoringError):
    """A profile.toml says something that a profile cannot say."""

    code = "bad_profile"


class NoSuchPage(MonitoringError):
    """A page was asked for that the document does not have."""

    code = "no_such_page"
    kept = ""

    def __init__(self, page: int, pages: int) -> None:
        super().__init__(f"There is no page {page}: the document has {pages}.")
        self.page, self.pages = page, pages
