"""The base class of errors in the meetings app."""

from __future__ import annotations

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.shell.errors import SiteError


class MeetingRuleError(SiteError, MeetingsError):
    """Base of errors raised when a rule about meetings is broken; message and advice are translated."""

    effect = SiteError.effect
