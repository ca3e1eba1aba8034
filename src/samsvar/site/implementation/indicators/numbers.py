"""Numbers as people type them: with spaces between thousands, and a comma or a full stop before decimals."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.errors import SiteError

_SPACES = re.compile(r"[\s’']")  # no-break and thin spaces too; apostrophes are Swiss thousands
_NUMBER = re.compile(r"[0-9]{1,13}(?:[.,][0-9]{1,3})?", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)  # "5,400": a thousand in one language, not in another


class UnreadableNumber(SiteError):
    """The text is no number, or could be two different ones."""

    message = _("This is not a number, or it could mean two different ones. Write 5400 or 5400.5, without a sign.")


def parse_number(text: str) -> Decimal | None:
    """Return the number, or None for an empty text. Raises UnreadableNumber; nothing is guessed."""
    bare = _SPACES.sub("", text)
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare) or _AMBIGUOUS.fullmatch(bare):
        raise UnreadableNumber
    return Decimal(bare.replace(",", "."))


def format_plain(number: Decimal | None) -> str:
    """Return a number as digits without trailing zeros, "412", "0" or "12.5"; "" for None."""
    return "" if number is None else f"{number.normalize():f}"
