"""How a finding is cited: the document, the paragraph, the page and where it stands here."""

from __future__ import annotations

from samsvar.citations import Citation
from samsvar.dates import UnreadableDate, partial_date
from samsvar.site.monitoring.queries import FindingPage
from samsvar.territories import territory

# Who signs, and who publishes, as reference managers want it: in the language of the bodies and not of the reader.
BODIES = {
    "grevio": ("GREVIO", "Council of Europe"),
    "committee_of_the_parties": ("Committee of the Parties to the Istanbul Convention", "Council of Europe"),
    "cedaw": ("Committee on the Elimination of Discrimination against Women", "United Nations"),
    "upr": ("Working Group on the Universal Periodic Review", "United Nations"),
}
INVENTED = "Samsvar, invented example"  # an invented report has no publisher, and must not borrow a real one


def citation_of(page: FindingPage, permalink: str) -> Citation:
    """The citation of one finding; `permalink` is its absolute address."""
    document, found = page.document, page.finding
    body, publisher = BODIES.get(found.body, (found.body.replace("_", " "), ""))
    known = territory(found.state_id) if found.state_id else None
    if known and known.invented:
        body, publisher = f"{body} (invented example)", INVENTED
    try:
        published = partial_date(document.published)
    except UnreadableDate:
        published = None
    return Citation(
        reference=document.reference,
        title=document.title or "Monitoring report",
        body=body,
        permalink=permalink,
        paragraph=found.paragraph or None,
        page=found.page,
        state=found.state_id,
        published=published,
        publisher=publisher,
        language=found.language,
    )
