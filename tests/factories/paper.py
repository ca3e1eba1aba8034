"""Inspect the fonts of PDF pages, as read by PDFium."""

from __future__ import annotations

import ctypes
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw


def fonts_of(pdf: bytes, page: int = 0) -> set[str]:
    """Return the names of a page's fonts without their subset prefix, such as "NotoSansCJKjp-Thin"."""
    found = set()
    for thing in pdfium.PdfDocument(BytesIO(pdf))[page].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
        name = ctypes.create_string_buffer(200)
        pypdfium2.raw.FPDFFont_GetBaseFontName(pypdfium2.raw.FPDFTextObj_GetFont(thing.raw), name, 200)
        found.add(name.value.decode().partition("+")[2])
    return found


def han_variants_of(pdf: bytes) -> set[str]:
    """Return the regional forms of the Han characters on the first page: "sc", "tc", "hk", "jp" or "kr"."""
    return {one.partition("-")[0][-2:] for one in fonts_of(pdf) if one.startswith("NotoSansCJK")}
