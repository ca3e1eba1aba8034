"""The action that adds a suggested session to the draft programme."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from samsvar.dates import display_date
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.meetings.programme import SessionKind
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda.errors import AlreadyInProgramme, GapNotShared
from samsvar.site.meetings.agenda.queries import sessions as queries
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.programme.actions.sessions import save_session
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.labels import COLON
from samsvar.territories import territory_name

MAX_TITLE, MAX_TEXT = 200, 5000  # as in the form of a session


def add_suggested_session(*, by: Account, meeting: models.Meeting, article: int) -> models.Session:
    """Add a draft session about a gap to the draft programme, linked to its findings and practices.

    Its text cites public sources only and names no one: organisers ask the speakers themselves. Raises GapNotShared
    and AlreadyInProgramme.
    """
    check_can_manage(by, meeting)
    language = _language_of_text(meeting)
    with transaction.atomic(), override(language):
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # so that it is added once
        suggestion = queries.find_suggestion(meeting, article, language=language)
        if suggestion is None:
            raise GapNotShared
        if suggestion.session is not None:
            raise AlreadyInProgramme
        title = _("%(title)s (Article %(number)s): sharing experience") % {
            "title": suggestion.title, "number": article,
        }  # fmt: skip
        return save_session(
            by=by,
            meeting=meeting,
            title={language: title[:MAX_TITLE]},
            abstract={language: _describe(suggestion, language)[:MAX_TEXT]},
            kind=SessionKind.PANEL,
            articles=[str(article)],
            findings=[finding.public_id for country in suggestion.countries for finding in country.findings],
            practices=suggestion.practice_keys,
        )


def _language_of_text(meeting: models.Meeting) -> str:
    """Return the organiser's language if the meeting has texts in it, or else one that the meeting has."""
    current = get_language() or "en"
    known = [code for code in meeting.languages if code in INTERFACE_LANGUAGES]
    return current if current in known or not known else known[0]


def _describe(suggestion: queries.Suggestion, language: str) -> str:
    """Return the text of the session: the gaps and the experience, with their citations."""
    day = display_date(timezone.localdate(), language)
    number = suggestion.article
    lines = [_("Open recommendations under Article %(number)s, as of %(day)s:") % {"number": number, "day": day}]
    for country in suggestion.countries:
        citations = "; ".join(short_citation(finding) for finding in country.findings)
        lines.append(f"– {territory_name(country.state, language)}{COLON} {citations}")
    if suggestion.experiences:
        lines += ["", _("Experience that could be shared:")]
        for experience in suggestion.experiences:
            lines.append(f"– {experience.sentence}{COLON} {experience.title}")
    return "\n".join(lines)
