"""Errors raised when editing and publishing a programme."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from samsvar.site.meetings.meeting.errors import MeetingRuleError


class ProgrammeError(MeetingRuleError):
    """Raised when the programme does not allow a change. The message is in the language of the page."""


class SessionFarFromMeeting(ProgrammeError):
    """Raised when a session is over a month before or after its meeting, which must be a typing error."""

    def __init__(self, title: str, days: str) -> None:
        super().__init__(
            _("“%(title)s” would be too far from the meeting dates (%(days)s).") % {"title": title, "days": days},
            _(
                "A session can take place at most one month before or after its meeting. Change the date of the "
                "session or of the meeting."
            ),
        )


class UnresolvedConflicts(ProgrammeError):
    """Raised when the programme would be published with unresolved conflicts."""

    def __init__(self, conflicts: int) -> None:
        super().__init__(
            _("The programme still has conflicts."),
            _("Resolve the conflicts listed, or tick the box to publish anyway."),
        )
        self.conflicts = conflicts


class NoChanges(ProgrammeError):
    """Raised when the draft does not differ from the published version."""

    message = _("Nothing has changed since the last version.")
    advice = _("Drafts are not published. Mark at least one session as ready.")


class SessionAlreadyPublished(ProgrammeError):
    """Raised when a published session would be deleted. It can only be cancelled, which readers can see."""

    message = _("This session has already been published.")
    advice = _("Cancel the session instead: readers will then see that it will not take place.")


class ItemAlreadyExists(ProgrammeError):
    """Raised when a person already has this role in the session, or a room or track already has this name."""

    message = _("This item already exists.")


class RoomOrTrackInUse(ProgrammeError):
    """Raised when a room or track to be removed still has sessions, and no valid replacement was given."""

    def __init__(self, session_count: int) -> None:
        super().__init__(
            ngettext(
                "%(count)s session is assigned to this room or track.",
                "%(count)s sessions are assigned to this room or track.",
                session_count,
            )
            % {"count": session_count},
            _("Move the sessions elsewhere first, then remove the room or track."),
        )
        self.session_count = session_count
