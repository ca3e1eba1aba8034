"""Build the documents of the golden examples: PDFs from Typst sources, and Word files from marked lines."""

from __future__ import annotations

import hashlib
import io
import os
import tomllib
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "examples"


@dataclass(frozen=True)
class Example:
    """A golden example: a folder with the source of a document, the expected findings and the reason for it."""

    folder: Path

    @property
    def body(self) -> str:
        return self.folder.parent.name

    @property
    def name(self) -> str:
        return f"{self.body}/{self.folder.name}"

    @property
    def source(self) -> Path:
        (source,) = self.folder.glob("source.*")
        return source

    @property
    def why(self) -> str:
        return (self.folder / "why.md").read_text(encoding="utf-8").strip()

    @cached_property
    def expected(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "expected.toml").read_text(encoding="utf-8"))

    def document(self) -> bytes:
        """Return the document's bytes. PDFs are built once for each version of their source."""
        match self.source.suffix:
            case ".typ":
                return _kept(self.source.read_bytes() + (HERE / "layout.typ").read_bytes(), self._as_pdf)
            case ".md":
                return as_word(self.source.read_text(encoding="utf-8"))
            case _:
                return self.source.read_bytes()

    def _as_pdf(self) -> bytes:
        import typst

        made = typst.compile(str(self.source), root=str(HERE))
        assert isinstance(made, bytes)
        return made


def examples() -> list[Example]:
    """Return all golden examples, ordered by body and name."""
    return [Example(path.parent) for path in sorted(HERE.glob("*/*/expected.toml"))]


def _kept(source: bytes, make: Any) -> bytes:
    """Return the output of `make`, from the cache if it has already been built from the same source."""
    import typst

    version = getattr(typst, "__version__", "")
    place = CACHE / f"{hashlib.sha256(source + version.encode()).hexdigest()[:24]}.pdf"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made = place.with_suffix(f".{os.getpid()}.part")  # tests run in several processes
        made.write_bytes(make())
        made.replace(place)
    return place.read_bytes()


def as_word(lines: str) -> bytes:
    """Build a Word file that uses automatic numbering only.

    Each line starts with its kind: T title, H1 or H2 heading, N paragraph numbered by Word, P point lettered below it;
    **…** is bold.
    """
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f"<w:abstractNum {nsdecls('w')} w:abstractNumId='77'><w:multiLevelType w:val='multilevel'/>"
        "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/></w:lvl>"
        "<w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/><w:lvlText w:val='%2.'/></w:lvl>"
        "</w:abstractNum>"
    )
    numbering.insert(0, abstract)  # Word requires every definition before its first use
    numbering.append(parse_xml(f"<w:num {nsdecls('w')} w:numId='77'><w:abstractNumId w:val='77'/></w:num>"))
    numbered = parse_xml(f"<w:numPr {nsdecls('w')}><w:ilvl w:val='0'/><w:numId w:val='77'/></w:numPr>")
    for line in lines.splitlines():
        kind, _, text = line.partition(" ")
        if kind in {"H1", "H2"}:
            document.add_heading(text, level=int(kind[1]))
            continue
        paragraph = document.add_paragraph()
        for place, run in enumerate(text.split("**")):
            paragraph.add_run(run).bold = place % 2 == 1
        if kind in {"N", "P"}:
            properties = paragraph._p.get_or_add_pPr()
            own = deepcopy(numbered)
            own.find(qn("w:ilvl")).set(qn("w:val"), "0" if kind == "N" else "1")
            properties.append(own)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()
