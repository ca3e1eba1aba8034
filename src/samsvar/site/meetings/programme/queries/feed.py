"""Atom feed (RFC 4287) of the versions of a programme, with the same content as the page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from samsvar.site.meetings import models
from samsvar.site.meetings.programme import labels as words
from samsvar.site.meetings.programme.queries.published import VisibleVersion
from samsvar.site.shell import atom
from samsvar.site.shell.labels import COLON


def render_atom_feed(
    meeting: models.Meeting, versions: Iterable[VisibleVersion], *, page_url: str, self_url: str, language: str
) -> bytes:
    """Return the feed as XML, with one entry per version and one line per change."""

    def build_entry(shown_version: VisibleVersion) -> atom.Entry:
        version = shown_version.version
        lines = [version.note]
        for change in shown_version.changes:
            lines.append(f"{words.CHANGES[change.kind]}{COLON} {meeting.choose_text(change.title, language)}")
        address = f"{page_url}#version-{version.number}"
        title = _("Version %(number)s") % {"number": version.number}
        return atom.Entry(address, title, version.released_at, address, "\n".join(filter(None, lines)) or "–")

    return atom.render_feed(
        map(build_entry, versions),
        title=_("Programme of “%(meeting)s”") % {"meeting": meeting.get_title(language)},
        page_url=page_url,
        self_url=self_url,
        updated=meeting.created_at,
        language=language,
    )
