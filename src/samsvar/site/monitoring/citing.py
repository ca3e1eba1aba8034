"""Citations of findings: short ones for lists and links, and whole ones with document and permalink."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from samsvar.citations import Citation
from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.site.monitoring.models import Document, Finding
from samsvar.site.shell.labels import BODIES, find_label
from samsvar.territories import is_fictional

# Author and publisher for reference managers, in the language of the monitoring body, not the reader's.
AUTHORS_AND_PUBLISHERS = {
    "grevio": ("GREVIO", "Council of Europe"),
    "committee_of_the_parties": ("Committee of the Parties to the Istanbul Convention", "Council of Europe"),
    "cedaw": ("Committee on the Elimination of Discrimination against Women", "United Nations"),
    "upr": ("Working Group on the Universal Periodic Review", "United Nations"),
    "special_procedures": ("Special procedures of the Human Rights Council", "United Nations"),
}
FICTIONAL_PUBLISHER = "Samsvar, fictional example"  # a fictional report has no publisher and must not name a real one


class CitedFinding(Protocol):
    """What a short citation is made of: a row of `Finding`, or a search result."""

    @property
    def body(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def paragraph(self) -> str: ...
    @property
    def page(self) -> int | None: ...


def short_citation(finding: CitedFinding) -> str:
    """Return where a finding is printed, in the reader's language: "GREVIO 2025 § 30, p. 5".

    Every list, link and search result cites a finding with this function, so that the same paragraph number of two
    reports is never mistaken. Parts that are not known are left out.
    """
    parts = (find_label(BODIES, finding.body), finding.year, finding.paragraph and f"§ {finding.paragraph}")
    place = " ".join(str(part) for part in parts if part)
    return ", ".join(filter(None, (place, _("p. %(page)s") % {"page": finding.page} if finding.page else "")))


def build_citation(document: Document, finding: Finding, permalink: str) -> Citation:
    """Return the citation of a finding in its document; `permalink` is its absolute URL."""
    body, publisher = author_and_publisher(finding.body, finding.state_id)
    return Citation(
        reference=document.reference,
        title=document.title or "Monitoring report",
        body=body,
        permalink=permalink,
        paragraph=finding.paragraph or None,
        page=finding.page,
        state=finding.state_id,
        published=published_day(document.published),
        publisher=publisher,
        language=finding.language,
    )


def author_and_publisher(body: str, state: str | None) -> tuple[str, str]:
    """Return the author and publisher of what a body wrote on a state, which names no real body if it is fictional."""
    author, publisher = AUTHORS_AND_PUBLISHERS.get(body, (body.replace("_", " "), ""))
    return (f"{author} (fictional example)", FICTIONAL_PUBLISHER) if is_fictional(state) else (author, publisher)


def published_day(text: str) -> PartialDate | None:
    """Return the day, month or year when something was published; None if it is not known."""
    try:
        return parse_partial_date(text)
    except UnreadableDate:
        return None
