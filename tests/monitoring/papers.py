"""Small documents for the reader's tests: PDFs by Typst, Word files by python-docx, and broken files."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import typst

HEAD = """#set page(width: 420pt, height: 300pt, margin: 50pt, header: text(size: 8pt)[OST/2021/3 · fictional],
  footer: context align(center, text(size: 8pt, counter(page).display())))
#set text(size: 10pt)
#set par(justify: true, spacing: 11pt, leading: 5pt)
#show heading.where(level: 1): set text(size: 14pt)
#show heading.where(level: 2): set text(size: 11pt)
"""


@cache
def make_pdf(source: str, head: str = HEAD) -> bytes:
    """Return a PDF of this Typst text with our running header and footer."""
    made = typst.compile((head + source).encode("utf-8"))
    assert isinstance(made, bytes)
    return made


def make_docx(build: Any) -> bytes:
    """Return a Word file filled by `build`."""
    import docx

    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_paragraphs(count: int, text: str = "The authorities of Ostria report on measure", start: int = 1) -> str:
    """Return numbered paragraphs of two or three lines each, as Typst."""
    return "\n\n".join(
        f"{start + n}\\. {text} number {'abcdefghij'[n % 10]} in all its parts, which were many, and at a length that"
        " fills a second line of the page and sometimes a third. They added that the measure had its price, that it was"
        " paid by the municipalities, that these had agreed to pay it, and that nobody had asked for less of it since."
        + " Nothing else was said."
        * (n % 3)
        * 4
        for n in range(count)
    )


def broken_pdf() -> bytes:
    """Return a PDF whose end is missing and whose content is not what its header promises."""
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" + b"\0" * 400


def scanned_pdf() -> bytes:
    """Return a PDF that shows a drawing and no text, as a scan does."""
    return make_pdf("#rect(width: 200pt, height: 100pt, fill: gray)", head="#set page(width: 300pt, height: 300pt)\n")


def locked_pdf() -> bytes:
    """Return a PDF that opens only with a password: its encryption dictionary names a key that no one has."""
    encrypt = (
        b"<< /Filter /Standard /V 1 /R 2 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> /P -4 >>"
    )  # fmt: skip
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
        encrypt,
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    identity = b"<" + b"33" * 16 + b">"
    out += b"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [%s %s] >>\n" % (identity, identity)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
