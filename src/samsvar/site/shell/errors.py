"""Errors with translated text, and the text that a page shows for any error."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from samsvar.errors import SamsvarError
from samsvar.site.shell import hooks
from samsvar.site.shell.labels import Label


class ErrorText(NamedTuple):
    """The text of an error for a page: what happened, the effect on the user's work, and what to do next."""

    message: Label
    effect: Label = ""
    advice: Label = ""


class SiteError(SamsvarError):
    """An error whose class attributes `message`, `effect` and `advice` are translated."""

    effect = _("Nothing was saved.")

    def __init__(self, message: Label = "", advice: Label | None = None, *, effect: Label | None = None) -> None:
        super().__init__(message, effect=effect, advice=advice)


def describe_error(error: SamsvarError) -> ErrorText:
    """Return the message, effect and advice of an error, translated where possible.

    Errors of the library have no translated text, so apps register translations by error code with the hook
    `error_texts`: as (message, advice), or (message, advice, effect) if "Nothing was saved." is not the effect.
    """
    for texts in hooks.providers("error_texts"):
        if error.code in texts:
            message, advice, *effect = texts[error.code]
            return ErrorText(message, effect[0] if effect else SiteError.effect, advice)
    return ErrorText(error.message, error.effect, error.advice)
