"""A room as a report in plain blocks, for Word and Markdown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from samsvar.meetings.report import MeetingReport, Paragraph, ReportBlock, ReportHeading
from samsvar.site.implementation.rooms.models import Room
from samsvar.site.implementation.rooms.queries import section_rows
from samsvar.territories import is_fictional, territory_name


def build_report(room: Room, *, language: str) -> MeetingReport:
    """Return all sections of a room: the finding as printed, then the organisation's text.

    `language` is that of the headings; the organisation's text is in the language of the room.
    """
    blocks: list[ReportBlock] = []
    for subject in section_rows(room):
        blocks.append(ReportHeading(subject.title or _("A finding that is no longer published")))
        if subject.finding is not None:
            blocks.append(Paragraph(f"“{subject.finding.text}”", subject.finding.language))
        paragraphs = [part.strip() for part in subject.section.text.split("\n\n") if part.strip()]
        blocks += [Paragraph(part, room.language) for part in paragraphs] or [Paragraph(_("[Nothing written yet]"))]
    subtitle = [room.organisation.name, territory_name(room.state_id, language)]
    if room.report is not None:
        subtitle.append(room.report.document.reference or room.report.document.title)
    notice = _("Fictional, for demonstration only") if is_fictional(room.state_id) else ""
    return MeetingReport(room.title, language, tuple(filter(None, subtitle)), tuple(blocks), notice)
