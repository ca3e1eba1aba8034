"""How a finding is cited: the document, the paragraph, the page and where it stands here."""

from __future__ import annotations

from dataclasses import dataclass

from samsvar.site.monitoring.queries import FindingPage


@dataclass(frozen=True, slots=True)
class Plain:
    plain: str
    permalink: str
    bibtex: str = ""
    csl_json: str = "{}"


def citation_of(page: FindingPage, permalink: str) -> Plain:
    """The citation of one finding; `permalink` is its absolute address."""
    document, found = page.document, page.finding
    parts = (
        document.reference or document.title,
        f"§ {found.paragraph}" if found.paragraph else "",
        f"p. {found.page}",
    )
    return Plain(", ".join(part for part in parts if part) + f". {permalink}", permalink)
