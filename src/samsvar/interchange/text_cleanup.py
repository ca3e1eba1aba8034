"""What every exchange format can carry: letters, line ends, languages, and names that never change."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import timedelta

# Characters that XML 1.0 cannot write (https://www.w3.org/TR/xml/#charsets), and halves of letters, which no UTF-8 has.
_XML_HAS_NO = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
A_LIFETIME = timedelta(days=36_525)  # no session is further from its meeting, and no format says the year 10000
_LINE_ENDS = re.compile("\r\n?")


def carried(text: str) -> str:
    """The text as every format carries it: without characters that XML has none of, lines ended by "\\n"."""
    return _XML_HAS_NO.sub("", _LINE_ENDS.sub("\n", text))


def said(texts: Mapping[str, str], language: str = "") -> str:
    """The text in that language, else the original, which is the first; "" where nothing is said."""
    return carried(texts.get(language) or next((text for text in texts.values() if text), ""))


def guid_of(meeting: str, key: str) -> uuid.UUID:
    """The key itself where it is a UUID, else one made of the meeting's and the thing's key; always the same."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"samsvar:{carried(meeting)}/{carried(key)}")


def number_of(guid: uuid.UUID, taken: set[int]) -> int:
    """A positive number of 31 bits for that guid, which old apps want; the next free one where two fall together."""
    number = guid.int % 0x7FFFFFFF or 1
    while number in taken:
        number = number % 0x7FFFFFFF + 1
    taken.add(number)
    return number
