"""Citations of findings: document, paragraph, page and permalink."""

from __future__ import annotations

from samsvar.citations import Citation
from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.site.monitoring.queries import FindingPage
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
