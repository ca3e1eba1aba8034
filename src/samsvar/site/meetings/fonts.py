"""The fonts for PDF documents: which characters they contain, and in which order they are tried.

The order is Noto Sans, Noto's fonts for other scripts, Noto Sans CJK in one of its national forms, symbols and emoji,
the operator's own folder (`SAMSVAR_FONTS`), and last a plain dotted font that covers nearly everything else. Typst
tries them in this order for each run of characters; docs/decisions/0018 gives the reasons.
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
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from samsvar.meetings.meeting import MeetingsError

FONT_FOLDER = Path(str(resources.files("samsvar.site.meetings"))) / "paper" / "fonts"  # filled by tools/frontend.py
PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")  # the second is optional: `pip install "samsvar[site,cjk]"`
FIRST_FONT = "Noto Sans"  # Latin, Greek and Cyrillic with all diacritics
HAN_PREFIX = "Noto Sans CJK "  # … SC, TC, HK, JP, KR: all have the same characters, each in its country's form
SYMBOL_FONTS = ("Noto Sans Symbols", "Noto Emoji")
LAST_FONT = "UnifontExMono"

# Characters that no font draws, because they only affect their neighbours (Default_Ignorable_Code_Point, Unicode 15.1).
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Normalisation would replace these by other characters, although two names may differ only in them.
COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
PRIVATE_USE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF))
CONTROLS = (*range(0x20), *range(0x7F, 0xA0))  # some fonts have glyphs for these, but they are not printed
SPACES = str.maketrans(dict.fromkeys("\t\x0b\x0c\x1c\x1d\x1e\x1f\x85", " ") | dict.fromkeys("\r\u2028\u2029", "\n"))

IDEOGRAPH = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Scripts used for names from only one country or region, by the first word of their characters' Unicode names.
SCRIPT_FORMS = {"HIRAGANA": "JP", "KATAKANA": "JP", "HANGUL": "KR", "BOPOMOFO": "TC"}
COUNTRY_FORMS = {
    "CN": "SC", "SG": "SC", "MY": "SC", "TW": "TC", "HK": "HK", "MO": "HK", "JP": "JP", "KR": "KR", "KP": "KR",
}  # fmt: skip
# The character set of each country; if several contain the whole name, the form that most people read comes first.
NATIONAL_CHARSETS = {"SC": "gb2312", "TC": "big5", "HK": "big5hkscs", "JP": "shift_jis", "KR": "euc_kr"}

log = logging.getLogger(__name__)


class FontsMissing(MeetingsError):
    """Raised when the fonts for letters and badges are not installed."""

    effect = "No document was created."
    advice = "Ask a site administrator to run tools/frontend.py, which downloads the fonts."


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of this site in the order in which Typst tries them, and the characters that they contain."""

    typst: Any
    families_before_han: tuple[str, ...]  # families tried before Chinese, Japanese and Korean
    families_after_han: tuple[str, ...]
    covered: bytearray  # by code point: 1 if a font has a glyph


def get_fonts() -> Fonts:
    """Return the fonts of this site, which are loaded once per process."""
    own = settings.SAMSVAR_FONTS
    return _load_fonts(str(Path(own).resolve()) if own else "")


def normalise_for_print(text: str) -> str:
    """Return the text as it is printed: in NFC, except for Han characters that NFC would replace."""
    if text.isascii() and text.isprintable():
        return text
    parts = COMPATIBILITY_IDEOGRAPHS.split(text.replace("\r\n", "\n").translate(SPACES))
    return "".join(
        part if COMPATIBILITY_IDEOGRAPHS.fullmatch(part) else unicodedata.normalize("NFC", part) for part in parts
    )


def unprintable_characters(text: str) -> str:
    """Return the characters of a text that no font contains, each only once; "" if everything can be printed.

    These are control characters, private-use characters, lone surrogates, and characters that Unicode has not
    assigned or assigned only after our fonts were drawn.
    """
    covered = get_fonts().covered
    return "".join(
        one for one in dict.fromkeys(normalise_for_print(text)) if not covered[ord(one)] and not INVISIBLE.match(one)
    )


def choose_han_family(text: str, country: str = "") -> str:
    """Return the font family that shows the Han characters of a name in the right national form.

    First, other scripts in the name decide: kana mean Japanese, hangul Korean, bopomofo traditional Chinese. Next,
    the country that the person represents decides, if it uses Han characters. Otherwise, it is the national character
    set that contains most of the name (GB 2312, Big5, HKSCS, JIS X 0208, KS X 1001), so that 国 is simplified, 國
    traditional and 渋 Japanese. Characters that all sets contain, such as 王小明, are printed in the simplified form,
    which hardly differs.
    """
    for character in text:
        if form := SCRIPT_FORMS.get(unicodedata.name(character, "").partition(" ")[0]):
            return HAN_PREFIX + form
    if form := COUNTRY_FORMS.get(country):
        return HAN_PREFIX + form
    ideographs = IDEOGRAPH.findall(text)
    return HAN_PREFIX + max(
        NATIONAL_CHARSETS,
        key=lambda form: sum(_is_encodable(character, NATIONAL_CHARSETS[form]) for character in ideographs),
    )


def has_han_characters(text: str) -> bool:
    """Return whether a text has characters that look different in China, Japan and Korea."""
    return not text.isascii() and IDEOGRAPH.search(text) is not None


def _is_encodable(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _load_fonts(extra_folder: str) -> Fonts:
    import typst

    packages = [package for package in PACKAGES if find_spec(package)]
    folders = [str(FONT_FOLDER), *(str(resources.files(package)) for package in packages)]
    if PACKAGES[0] not in packages or not any(FONT_FOLDER.glob("*.ttf")):
        raise FontsMissing("The fonts for letters and badges are not installed on this site.")
    bundled = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    loaded = bundled
    if extra_folder:
        loaded = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders, extra_folder]
        )
    scripts = [
        one
        for one in bundled.families()
        if one not in (FIRST_FONT, LAST_FONT, *SYMBOL_FONTS) and not one.startswith(HAN_PREFIX.strip())
    ]
    extra_families = sorted(set(loaded.families()) - set(bundled.families()))
    covered = bytearray(0x110000)
    for path, faces in _font_files(bundled):
        _mark_covered_characters(path, faces, covered)
    for first, last in PRIVATE_USE:  # private-use glyphs differ between fonts, and no name contains them
        covered[first : last + 1] = bytes(last + 1 - first)
    for path, faces in _font_files(loaded):
        if extra_folder and path.is_relative_to(extra_folder):
            _mark_covered_characters(path, faces, covered)
    for control in CONTROLS:
        covered[control] = control == ord("\n")
    return Fonts(loaded, (FIRST_FONT, *scripts), (*SYMBOL_FONTS, *extra_families, LAST_FONT), covered)


def _font_files(loaded: Any) -> Iterator[tuple[Path, set[int]]]:
    """Yield the path of each font file and the indexes of its faces."""
    faces: dict[str, set[int]] = {}
    for font in loaded.fonts():
        if font.path:
            faces.setdefault(font.path, set()).add(font.index)
    for path in sorted(faces):
        yield Path(path), faces[path]


def _mark_covered_characters(path: Path, faces: set[int], covered: bytearray) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as font:
        try:
            _mark_cmap_characters(font, faces, covered)
        except (struct.error, IndexError, KeyError):
            log.warning("The font %s cannot be read; its characters are treated as missing.", path.name)


def _mark_cmap_characters(font: mmap.mmap, faces: set[int], covered: bytearray) -> None:
    """Mark the characters that have a glyph in a font file: `cmap` tables in formats 4 and 12 (ISO/IEC 14496-22)."""
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
        if 12 in forms:  # it contains all characters of a format 4 table
            (groups,) = struct.unpack_from(">I", font, forms[12] + 12)
            for first, last, glyph in struct.iter_unpack(">III", font[forms[12] + 16 : forms[12] + 16 + 12 * groups]):
                first += glyph == 0
                covered[first : last + 1] = bytes([1]) * (last + 1 - first)
        elif 4 in forms:
            _mark_format_4_characters(font, forms[4], covered)


def _mark_format_4_characters(font: mmap.mmap, at: int, covered: bytearray) -> None:
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
                covered[character] = 1
