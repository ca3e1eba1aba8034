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
