"""Functions for texts and identifiers that every exchange format accepts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import timedelta

from samsvar.text import choose_text, remove_invalid_xml_characters

MAX_DISTANCE = timedelta(days=36_525)  # no session is further from its meeting; the year 10000 cannot be written
_LINE_ENDS = re.compile("\r\n?")


def clean_text(text: str) -> str:
    """Return the text without characters that XML forbids and with LF line ends, so that every format accepts it."""
    return remove_invalid_xml_characters(_LINE_ENDS.sub("\n", text))


def select_text(texts: Mapping[str, str], language: str = "") -> str:
    """Return the cleaned text in `language`, or else the one that `choose_text` picks; the first is the original."""
    return clean_text(choose_text(texts, language, original=next((code for code in texts if texts[code]), "")))


def make_guid(meeting: str, key: str) -> uuid.UUID:
    """Return the key if it is a UUID; otherwise a stable UUID computed from the meeting and the key."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"samsvar:{clean_text(meeting)}/{clean_text(key)}")


def allocate_unique_number(guid: uuid.UUID, used: set[int]) -> int:
    """Return a positive 31-bit number for the GUID (old apps need one) that is not in `used`; add it to `used`."""
    number = guid.int % 0x7FFFFFFF or 1
    while number in used:
        number = number % 0x7FFFFFFF + 1
    used.add(number)
    return number
