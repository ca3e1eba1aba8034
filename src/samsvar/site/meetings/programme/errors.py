"""Errors of editing and publishing a programme."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samsvar.meetings.meeting import MeetingsError


class ProgrammeError(MeetingsError):
    """Something in the programme cannot be so; said in the language of whoever is at the page."""

    code = "programme_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class SessionIsFarAway(ProgrammeError):
    """A session would be held at another time than its meeting: a slip of the pen, which no calendar could carry."""

    code = "session_is_far_away"

    def __init__(self, title: str, days: str) -> None:
        super().__init__(
            _("“%(title)s” would be held far from the days of the meeting (%(days)s).")
            % {"title": title, "days": days},
            _("A session is held at most a month before or after its meeting: change the day of one or the other."),
        )


class ConflictsAreLeft(ProgrammeError):
    """The programme would be published although something does not fit."""

    code = "conflicts_are_left"

    def __init__(self, conflicts: int) -> None:
        super().__init__(
            _("Something in the programme does not fit yet."),
            _("Resolve what is listed, or tick that it is to be published as it is."),
        )
        self.conflicts = conflicts


class NothingHasChanged(ProgrammeError):
    """There is nothing to publish that was not published before."""

    code = "nothing_has_changed"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing has changed since the last version."), _("Drafts are not published: mark a session as ready.")
        )


class WasPublished(ProgrammeError):
    """What stood in a published version is cancelled, in the open; it does not vanish."""

    code = "was_published"

    def __init__(self) -> None:
        super().__init__(_("This session was published."), _("Cancel it: readers then see that it is not held."))


class IsThereAlready(ProgrammeError):
    """Somebody stands in the session with this part, or a room or track has this name."""

    code = "is_there_already"

    def __init__(self) -> None:
        super().__init__(_("That is there already."))


class SessionsAreThere(ProgrammeError):
    """A room or a track is not removed under its sessions; who removes it says what becomes of them."""

    code = "sessions_are_there"

    def __init__(self, held: int) -> None:
        super().__init__(
            ngettext("%(count)s session is in it.", "%(count)s sessions are in it.", held) % {"count": held},
            _("Say where they go, and remove it then."),
        )
        self.held = held
