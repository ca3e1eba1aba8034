"""Letters, certificates and badges as PDF: typeset by Typst from plain data, in fonts that hold names of many scripts.

What people wrote goes in as data and is never read as markup. Names that no font of ours can print are found before
(`not_printable`), so that nobody wears a badge with empty boxes.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from samsvar.meetings.meeting import MeetingsError

FOLDER = Path(str(resources.files("samsvar.site.meetings"))) / "paper"
FONTS = FOLDER / "fonts"  # fetched by tools/frontend.py
# DejaVu: Latin, Greek, Cyrillic, Georgian, Armenian, Arabic, Hebrew. XiaoWei: Chinese as GB 2312 has it.
FAMILIES = ["DejaVu Sans", "ZCOOL XiaoWei"]
MASK = 2  # of the QR code: any is read; to look for the prettiest takes ten times as long


class NoFonts(MeetingsError):
    """The fonts for letters and badges are not there."""

    code = "no_fonts"
    kept = "Nothing was made."
    advice = "Ask whoever runs this site to run tools/frontend.py, which fetches them."


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template ("letter", "badges") with this data: tagged, with its language and title."""
    import typst

    if not any(FONTS.glob("*.ttf")):
        raise NoFonts("The fonts that letters and badges are printed with are missing on this site.")
    made = typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,  # the same letter on every machine
        sys_inputs={"data": json.dumps({**data, "fonts": FAMILIES}, ensure_ascii=False)},
        pdf_standards=["ua-1"] if template == "letter" else [],
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} became several files")
    return made


def qr(text: str) -> str:
    """A QR code of this text as SVG, one square path for all that is dark."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'
    )


def not_printable(text: str) -> str:
    """The characters of a text that no font of ours holds, each once; "" where all can be printed."""
    held = _held()
    composed = unicodedata.normalize("NFC", text)
    return "".join(dict.fromkeys(one for one in composed if not one.isspace() and ord(one) not in held))


def in_order(names: Iterable[tuple[str, Any]]) -> list[Any]:
    """Things in the order of their names, accents aside: Ş stands with S."""

    def key(named: tuple[str, Any]) -> tuple[str, str]:
        plain = "".join(c for c in unicodedata.normalize("NFKD", named[0]) if not unicodedata.combining(c))
        return plain.casefold(), named[0]

    return [thing for _name, thing in sorted(names, key=key)]


@cache
def _held() -> frozenset[int]:
    """Every character that one of our fonts holds, as its own table says."""
    found: set[int] = set()
    for font in sorted(FONTS.glob("*.ttf")):
        found |= characters_of(font.read_bytes())
    return frozenset(found)


def characters_of(font: bytes) -> set[int]:
    """The characters that a TrueType font maps to a glyph: its `cmap` in the formats 4 and 12 (ISO/IEC 14496-22)."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = {font[12 + 16 * n : 16 + 16 * n]: struct.unpack_from(">I", font, 20 + 16 * n)[0] for n in range(count)}
    start = tables[b"cmap"]
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(subtables):
        at = start + struct.unpack_from(">HHI", font, start + 4 + 8 * number)[2]
        (form,) = struct.unpack_from(">H", font, at)
        if form == 4:
            found |= _format_4(font, at)
        elif form == 12:
            (groups,) = struct.unpack_from(">I", font, at + 12)
            for group in range(groups):
                first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * group)
                found.update(range(first, last + 1))
    return found


def _format_4(font: bytes, at: int) -> set[int]:
    (doubled,) = struct.unpack_from(">H", font, at + 6)
    ends, starts = at + 14, at + 16 + doubled
    deltas, offsets = starts + doubled, starts + 2 * doubled
    found: set[int] = set()
    for step in range(0, doubled, 2):
        first, last = struct.unpack_from(">H", font, starts + step)[0], struct.unpack_from(">H", font, ends + step)[0]
        (delta,) = struct.unpack_from(">H", font, deltas + step)
        (offset,) = struct.unpack_from(">H", font, offsets + step)
        for character in range(first, min(last, 0xFFFE) + 1):
            if offset == 0:
                glyph = (character + delta) & 0xFFFF
            else:
                (glyph,) = struct.unpack_from(">H", font, offsets + step + offset + 2 * (character - first))
            if glyph:
                found.add(character)
    return found
