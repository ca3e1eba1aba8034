"""The demo reports of the fictional states: reading their index, and compiling their sources to PDF."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

REPORTS_FOLDER = Path(str(resources.files("samsvar.site.demo"))) / "reports"


@dataclass(frozen=True, slots=True)
class FictionalReport:
    """A report of a fictional state, as listed in reports/index.toml."""

    file: str
    title: str
    body: str
    state: str
    procedure: str
    reference: str
    published: date
    language: str
    answers: str | None = None  # reference of the report whose paragraphs it cites

    @property
    def filename(self) -> str:
        """Return the filename of the compiled document: "nordmark-baseline.pdf"."""
        return f"{Path(self.file).stem}.pdf"


def fictional_reports() -> tuple[FictionalReport, ...]:
    """Return all reports of the demo, in order of publication."""
    index = tomllib.loads((REPORTS_FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(FictionalReport(**entry) for entry in index["report"])


def compile_pdf(report: FictionalReport) -> bytes:
    """Compile the report to PDF; the same source always gives the same bytes. Requires the `typst` package."""
    import typst

    pdf = typst.compile(str(REPORTS_FOLDER / report.file), root=str(REPORTS_FOLDER))
    if not isinstance(pdf, bytes):
        raise TypeError(f"{report.file} became several files")
    return pdf
