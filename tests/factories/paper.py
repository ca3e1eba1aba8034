"""What stands on printed pages, as PDFium reads it back."""

from __future__ import annotations

import ctypes
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw


def fonts_of(pdf: bytes, page: int = 0) -> set[str]:
    """The names of the fonts that a page is printed with, without the mark of a part, as "NotoSansCJKjp-Thin"."""
    found = set()
    for thing in pdfium.PdfDocument(BytesIO(pdf))[page].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        name = ctypes.create_string_buffer(200)
        raw.FPDFFont_GetBaseFontName(raw.FPDFTextObj_GetFont(thing.raw), name, 200)
        found.add(name.value.decode().partition("+")[2])
    return found


def national_forms_of(pdf: bytes) -> set[str]:
    """In whose forms the Han characters of the first page are printed: "sc", "tc", "hk", "jp", "kr"."""
    return {one.partition("-")[0][-2:] for one in fonts_of(pdf) if one.startswith("NotoSansCJK")}
