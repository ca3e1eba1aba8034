"""The fonts that paper is printed with: which characters they hold, and in which order they are asked for one.

First Noto Sans, then Noto's faces of the other scripts, then Noto Sans CJK in one of its national forms, symbols and
emoji, then the folder of whoever runs this site (`SAMSVAR_FONTS`), and last a font of plain dots that holds nearly
everything else. Typst goes through them for each run of characters; docs/decisions/0018 says why these.
"""

from __future__ import annotations

import logging
import mmap
import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings

from samsvar.meetings.meeting import MeetingsError

FOLDER = Path(str(resources.files("samsvar.site.meetings"))) / "paper" / "fonts"  # filled by tools/frontend.py
PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
FIRST = "Noto Sans"  # Latin, Greek and Cyrillic, with all that is put on, under and after their letters
HAN = "Noto Sans CJK "  # … SC, TC, HK, JP, KR: each holds all of them, in its own country's form
PICTURES = ("Noto Sans Symbols", "Noto Emoji")
LAST = "UnifontExMono"

# What no font draws because it only says how its neighbours are drawn (Default_Ignorable_Code_Point, Unicode 15.1).
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Canonical equivalence would turn these into other characters, and a name may differ from another by just that.
COMPATIBLE = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF))
CONTROLS = (*range(0x20), *range(0x7F, 0xA0))  # fonts give some of them a glyph all the same
SPACES = str.maketrans(dict.fromkeys("\t\x0b\x0c\x1c\x1d\x1e\x1f\x85", " ") | dict.fromkeys("\r\u2028\u2029", "\n"))

IDEOGRAPH = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# A script that one country's names alone are written in, by the first word of its characters' names in Unicode.
TELLING = {"HIRAGANA": "JP", "KATAKANA": "JP", "HANGUL": "KR", "BOPOMOFO": "TC"}
COUNTRIES = {
    "CN": "SC", "SG": "SC", "MY": "SC", "TW": "TC", "HK": "HK", "MO": "HK", "JP": "JP", "KR": "KR", "KP": "KR",
}  # fmt: skip
# Each country's own set of characters; where several hold a name whole, the form that most people read stands first.
NATIONAL = {"SC": "gb2312", "TC": "big5", "HK": "big5hkscs", "JP": "shift_jis", "KR": "euc_kr"}

log = logging.getLogger(__name__)


class NoFonts(MeetingsError):
    """The fonts for letters and badges are not there."""

    code = "no_fonts"
    kept = "Nothing was made."
    advice = "Ask whoever runs this site to run tools/frontend.py, which fetches them."


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of this site as Typst takes them, in their order, and every character that one of them holds."""

    typst: Any
    before: tuple[str, ...]  # families that are asked before Chinese, Japanese and Korean
    after: tuple[str, ...]
    held: bytearray  # by code point: 1 where a font has a glyph


def fonts() -> Fonts:
    """The fonts of this site, read once in each process."""
    own = settings.SAMSVAR_FONTS
    return _fonts(str(Path(own).resolve()) if own else "")


def printed(text: str) -> str:
    """A text as it goes to paper: composed (NFC), but for Han characters that composing would exchange for others."""
    if text.isascii() and text.isprintable():
        return text
    parts = COMPATIBLE.split(text.replace("\r\n", "\n").translate(SPACES))
    return "".join(part if COMPATIBLE.fullmatch(part) else unicodedata.normalize("NFC", part) for part in parts)


def not_printable(text: str) -> str:
    """The characters of a text that no font holds, each once; "" where all can be printed.

    What is left when every font was asked: controls, private use, halves of surrogates, and what Unicode has not
    assigned or has assigned after our fonts were drawn.
    """
    held = fonts().held
    return "".join(one for one in dict.fromkeys(printed(text)) if not held[ord(one)] and not UNSEEN.match(one))


def han_family(text: str, country: str = "") -> str:
    """The family in which the Han characters of a name are printed, in its own country's form.

    The name speaks first: kana make it Japanese, hangul Korean, bopomofo a traditional Chinese one. Then the country
    that the person comes for, where it writes with Han characters. Then the characters: the national set that holds
    most of them (GB 2312, Big5, HKSCS, JIS X 0208, KS X 1001), so that 国 is simplified, 國 traditional and 渋
    Japanese. What all of them hold, such as 王小明, is printed in the simplified form, which hardly differs there.
    """
    for one in text:
        if form := TELLING.get(unicodedata.name(one, "").partition(" ")[0]):
            return HAN + form
    if form := COUNTRIES.get(country):
        return HAN + form
    signs = IDEOGRAPH.findall(text)
    return HAN + max(NATIONAL, key=lambda form: sum(_is_in(one, NATIONAL[form]) for one in signs))


def has_han(text: str) -> bool:
    """Whether a text has characters that look different in China, Japan and Korea."""
    return not text.isascii() and IDEOGRAPH.search(text) is not None


def _is_in(one: str, charset: str) -> bool:
    try:
        one.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _fonts(own: str) -> Fonts:
    import typst

    folders = [str(FOLDER), *(str(resources.files(package)) for package in PACKAGES)]
    if not any(FOLDER.glob("*.ttf")):
        raise NoFonts("The fonts that letters and badges are printed with are missing on this site.")
    ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    loaded = ours
    if own:
        loaded = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders, own])
    scripts = [
        one for one in ours.families() if one not in (FIRST, LAST, *PICTURES) and not one.startswith(HAN.strip())
    ]
    theirs = sorted(set(loaded.families()) - set(ours.families()))
    held = bytearray(0x110000)
    for path, faces in _files(ours):
        _mark_file(path, faces, held)
    for first, last in PRIVATE:  # what our fonts have there is theirs alone, and no name means it
        held[first : last + 1] = bytes(last + 1 - first)
    for path, faces in _files(loaded):
        if own and path.is_relative_to(own):
            _mark_file(path, faces, held)
    for control in CONTROLS:
        held[control] = control == ord("\n")
    return Fonts(loaded, (FIRST, *scripts), (*PICTURES, *theirs, LAST), held)


def _files(loaded: Any) -> Iterator[tuple[Path, set[int]]]:
    """Each file of fonts with the numbers of its faces."""
    faces: dict[str, set[int]] = {}
    for one in loaded.fonts():
        if one.path:
            faces.setdefault(one.path, set()).add(one.index)
    for path in sorted(faces):
        yield Path(path), faces[path]


def _mark_file(path: Path, faces: set[int], held: bytearray) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as font:
        try:
            _mark(font, faces, held)
        except (struct.error, IndexError, KeyError):
            log.warning("The font %s cannot be read; what it holds is counted as missing.", path.name)


def _mark(font: mmap.mmap, faces: set[int], held: bytearray) -> None:
    """Mark what a file of fonts maps to a glyph: its tables `cmap` in the formats 4 and 12 (ISO/IEC 14496-22)."""
    starts = {0}
    if font[:4] == b"ttcf":
        starts = {struct.unpack_from(">I", font, 12 + 4 * face)[0] for face in faces}
    for start in sorted(starts):
        (count,) = struct.unpack_from(">H", font, start + 4)
        directory = [struct.unpack_from(">4sIII", font, start + 12 + 16 * number) for number in range(count)]
        table = {tag: at for tag, _checksum, at, _length in directory}[b"cmap"]
        (subtables,) = struct.unpack_from(">H", font, table + 2)
        records = [struct.unpack_from(">HHI", font, table + 4 + 8 * number) for number in range(subtables)]
        unicode = {table + at for platform, kind, at in records if platform == 0 or (platform == 3 and kind in (1, 10))}
        forms = {struct.unpack_from(">H", font, at)[0]: at for at in sorted(unicode)}
        if 12 in forms:  # holds all that a table of format 4 beside it does
            (groups,) = struct.unpack_from(">I", font, forms[12] + 12)
            for first, last, glyph in struct.iter_unpack(">III", font[forms[12] + 16 : forms[12] + 16 + 12 * groups]):
                first += glyph == 0
                held[first : last + 1] = bytes([1]) * (last + 1 - first)
        elif 4 in forms:
            _mark_format_4(font, forms[4], held)


def _mark_format_4(font: mmap.mmap, at: int, held: bytearray) -> None:
    (doubled,) = struct.unpack_from(">H", font, at + 6)
    ends, starts = at + 14, at + 16 + doubled
    deltas, offsets = starts + doubled, starts + 2 * doubled
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
                held[character] = 1
