"""PDF letters, certificates, badges and reports, typeset with Typst from plain data in any script.

User input is passed as data and is never interpreted as markup. Names that no font can print are detected beforehand
(`unprintable_characters`), so that no badge shows empty boxes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.meetings.fonts import FONT_FOLDER as FONTS
from samsvar.site.meetings.fonts import (
    choose_han_family,
    get_fonts,
    has_han_characters,
    normalise_for_print,
    unprintable_characters,
)
from samsvar.text import fold

FOLDER = FONTS.parent
QR_MASK = 2  # any mask can be scanned; choosing the best one takes ten times as long
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class UnprintableCharacters(MeetingsError):
    """Raised when a text contains characters that no font has."""

    effect = "No document was created."
    advice = (
        "Use other letters, for a name those in the passport, or ask a site administrator to add a font "
        "that contains these characters (SAMSVAR_FONTS)."
    )

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(f"The site's fonts cannot print {', '.join(map(_describe_unprintable_characters, texts))}.")


def typeset_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Render a template ("letter", "badges", "photographs", "report") as a tagged PDF with language and title.

    Raises `UnprintableCharacters` if a letter or a badge contains a character that no font has. In a report, which has
    many authors, such characters are replaced by the Unicode replacement character.
    """
    import typst

    font_set = get_fonts()
    texts: list[str] = []

    def collect_text(text: str) -> str:
        texts.append(normalise_for_print(text))
        return texts[-1]

    document = _map_texts(data, collect_text)
    if unprintable_characters("".join(set().union(*texts))):
        if template != "report":
            raise UnprintableCharacters(dict.fromkeys(text for text in texts if unprintable_characters(text)))
        document = _map_texts(document, _replace_unprintable_characters)
        texts = [_replace_unprintable_characters(text) for text in texts]
    families = {text: choose_han_family(text) for text in dict.fromkeys(texts) if has_han_characters(text)}
    document = {"han": choose_han_family("".join(families)), **document, "han_of": families}
    pdf = typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=font_set.typst,  # no system fonts, so that the result is the same on every machine
        sys_inputs={
            "data": json.dumps(document, ensure_ascii=False),
            "fonts": json.dumps({"before": font_set.families_before_han, "after": font_set.families_after_han}),
        },
        pdf_standards=[] if template == "report" else ["ua-1"],
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template} became several files")
    return pdf


def render_qr_svg(text: str) -> str:
    """Return a QR code of a text as SVG, with all dark squares in one path."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, mask_pattern=QR_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'
    )


def isolate_right_to_left(text: str) -> str:
    """Isolate a text with right-to-left letters, so that it does not change the order of the words around it."""
    if text.isascii() or not any(unicodedata.bidirectional(one) in ("R", "AL") for one in text):
        return text
    without_controls = "".join(
        one for one in text if one not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    return f"\N{FIRST STRONG ISOLATE}{without_controls}\N{POP DIRECTIONAL ISOLATE}"


def sort_by_name(named_items: Iterable[tuple[str, Any]]) -> list[Any]:
    """Return the items of (name, item) pairs sorted by name, ignoring accents: Ş sorts with S."""
    return [thing for _name, thing in sorted(named_items, key=lambda named: (fold(named[0]), named[0]))]


def _map_texts(data: Any, change: Callable[[str], str]) -> Any:
    """Return plain data with a function applied to every text in it."""
    match data:
        case str():
            return change(data)
        case Mapping():
            return {name: _map_texts(value, change) for name, value in data.items()}
        case list() | tuple():
            return [_map_texts(value, change) for value in data]
    return data


def _replace_unprintable_characters(text: str) -> str:
    missing = unprintable_characters(text)
    return "".join(REPLACEMENT if one in missing else one for one in text)


def _describe_unprintable_characters(text: str) -> str:
    """Return a text followed by the code points of its unprintable characters, for an error message."""
    numbers = ", ".join(f"U+{ord(one):04X}" for one in unprintable_characters(text))
    printable = "".join(one if one.isprintable() else REPLACEMENT for one in text)
    return f"{printable} ({numbers})" if numbers else printable
