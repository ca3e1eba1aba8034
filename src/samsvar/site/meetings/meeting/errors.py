"""The base class of the errors of meetings."""

from __future__ import annotations

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.shell.errors import SiteError


class MeetingRuleError(SiteError, MeetingsError):
    """A rule about meetings is broken; message and advice are in the language of the page."""

    effect = SiteError.effect
