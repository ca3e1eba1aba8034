"""Letters, certificates, badges and reports as PDF: typeset by Typst from plain data, names in the script they have.

What people wrote goes in as data and is never read as markup. Names that no font can print are found before
(`not_printable`), so that nobody wears a badge with empty boxes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.meetings.fonts import FOLDER as FONTS
from samsvar.site.meetings.fonts import fonts, han_family, has_han, not_printable, printed

FOLDER = FONTS.parent
MASK = 2  # of the QR code: any is read; to look for the prettiest takes ten times as long
MISSING = "\N{REPLACEMENT CHARACTER}"


class CannotPrint(MeetingsError):
    """A name has characters that no font holds."""

    code = "cannot_print"
    kept = "Nothing was made."
    advice = (
        "Write it with other letters, a name as the passport has it; or ask whoever runs this site to add a font "
        "that has these characters (SAMSVAR_FONTS)."
    )

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(f"This cannot be printed here: {', '.join(map(_with_what_is_missing, texts))}.")


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template ("letter", "badges", "photographs", "report"): tagged, with its language and title.

    A letter or a badge with a character that no font holds is refused; a report, which has many hands, is printed
    with a sign in its place.
    """
    import typst

    here = fonts()
    texts: list[str] = []

    def noted(text: str) -> str:
        texts.append(printed(text))
        return texts[-1]

    whole = _each_text(data, noted)
    if not_printable("".join(set().union(*texts))):
        if template != "report":
            raise CannotPrint(dict.fromkeys(text for text in texts if not_printable(text)))
        whole = _each_text(whole, _with_signs_for_what_is_missing)
        texts = [_with_signs_for_what_is_missing(text) for text in texts]
    families = {text: han_family(text) for text in dict.fromkeys(texts) if has_han(text)}
    whole = {"han": han_family("".join(families)), **whole, "han_of": families}
    made = typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=here.typst,  # and no font of the machine's own: the same letter everywhere
        sys_inputs={
            "data": json.dumps(whole, ensure_ascii=False),
            "fonts": json.dumps({"before": here.before, "after": here.after}),
        },
        pdf_standards=[] if template == "report" else ["ua-1"],
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


def isolated(text: str) -> str:
    """A text within a sentence of ours: one read from right to left keeps its own order, and gives it to none."""
    if text.isascii() or not any(unicodedata.bidirectional(one) in ("R", "AL") for one in text):
        return text
    steered = "".join(one for one in text if one not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return f"\N{FIRST STRONG ISOLATE}{steered}\N{POP DIRECTIONAL ISOLATE}"


def in_order(names: Iterable[tuple[str, Any]]) -> list[Any]:
    """Things in the order of their names, accents aside: Ş stands with S."""

    def key(named: tuple[str, Any]) -> tuple[str, str]:
        plain = "".join(c for c in unicodedata.normalize("NFKD", named[0]) if not unicodedata.combining(c))
        return plain.casefold(), named[0]

    return [thing for _name, thing in sorted(names, key=key)]


def _each_text(data: Any, change: Callable[[str], str]) -> Any:
    """Plain data anew, each text in it changed."""
    match data:
        case str():
            return change(data)
        case Mapping():
            return {name: _each_text(value, change) for name, value in data.items()}
        case list() | tuple():
            return [_each_text(value, change) for value in data]
    return data


def _with_signs_for_what_is_missing(text: str) -> str:
    missing = not_printable(text)
    return "".join(MISSING if one in missing else one for one in text)


def _with_what_is_missing(text: str) -> str:
    """A text for a message, with the numbers of the characters that cannot be printed."""
    numbers = ", ".join(f"U+{ord(one):04X}" for one in not_printable(text))
    shown = "".join(one if one.isprintable() else MISSING for one in text)
    return f"{shown} ({numbers})" if numbers else shown
