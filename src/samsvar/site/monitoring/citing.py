"""Citations of findings: short ones for lists and links, and whole ones with document and permalink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _

from samsvar.citations import Citation
from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.site.shell.labels import BODIES, find_label
from samsvar.territories import is_fictional

if TYPE_CHECKING:
    from samsvar.site.monitoring.queries import FindingPage

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


def build_citation(page: FindingPage, permalink: str) -> Citation:
    """Return the citation of a finding; `permalink` is its absolute URL."""
    document, finding = page.document, page.finding
    body, publisher = AUTHORS_AND_PUBLISHERS.get(finding.body, (finding.body.replace("_", " "), ""))
    if is_fictional(finding.state_id):
        body, publisher = f"{body} (fictional example)", FICTIONAL_PUBLISHER
    try:
        published = parse_partial_date(document.published)
    except UnreadableDate:
        published = None
    return Citation(
        reference=document.reference,
        title=document.title or "Monitoring report",
        body=body,
        permalink=permalink,
        paragraph=finding.paragraph or None,
        page=finding.page,
        state=finding.state_id,
        published=published,
        publisher=publisher,
        language=finding.language,
    )
