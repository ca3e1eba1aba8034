"""The reports of the invented states: where their sources are, and how they become PDFs like any that is uploaded."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

FOLDER = Path(str(resources.files("samsvar.site.demo"))) / "reports"


@dataclass(frozen=True, slots=True)
class InventedReport:
    """One report of an invented state, as reports/index.toml lists it."""

    file: str
    title: str
    body: str
    state: str
    procedure: str
    reference: str
    published: date
    language: str
    answers: str | None = None  # the reference of the report whose paragraphs it cites

    @property
    def name(self) -> str:
        """What the document is called once it is made: "nordmark-baseline.pdf"."""
        return f"{Path(self.file).stem}.pdf"


def invented_reports() -> tuple[InventedReport, ...]:
    """All reports of the demonstration, in the order of their publication."""
    index = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(InventedReport(**entry) for entry in index["report"])


def as_pdf(report: InventedReport) -> bytes:
    """The report as a PDF; the same source gives the same bytes. Needs the `typst` package."""
    import typst

    made = typst.compile(str(FOLDER / report.file), root=str(FOLDER))
    if not isinstance(made, bytes):
        raise TypeError(f"{report.file} became several files")
    return made
