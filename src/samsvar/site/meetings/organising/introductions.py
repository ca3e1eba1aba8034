"""Introductions that become meetings: a call, a peer review or a study visit between the two sides.

There is no other model of a visit: programme, participants, funding and outcomes are those of the meeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.exchange.introductions import IntroductionActor, IntroductionStatus
from samsvar.exchange.requests import HelpForm
from samsvar.ids import random_id
from samsvar.meetings.meeting import AttendanceMode, MeetingKind, RegistrationPolicy
from samsvar.site.exchange.introductions.permissions import can_arrange, side_of
from samsvar.site.exchange.introductions.queries import has_both_accepted, introductions, other_side
from samsvar.site.exchange.models import Introduction
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_see
from samsvar.site.meetings.meeting.queries.opening import is_over
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.labels import enum_label
from samsvar.territories import is_fictional, territory_name

MEETING_KINDS = {
    HelpForm.CALL: MeetingKind.CALL,
    HelpForm.PEER_REVIEW: MeetingKind.PEER_REVIEW,
    HelpForm.STUDY_VISIT: MeetingKind.STUDY_VISIT,
}


def introduction_to_meet(user: User, public_id: str) -> Introduction | None:
    """Return an introduction that can become a meeting and that the user arranges; None for anyone else."""
    introduction = introductions().filter(public_id=public_id).first()
    if introduction is None or not can_become_meeting(introduction) or not can_arrange(user, introduction):
        return None
    return introduction


def can_become_meeting(introduction: Introduction) -> bool:
    """Return whether an introduction can become a meeting: both agreed, and it is more than a written answer."""
    is_introduced = introduction.status == IntroductionStatus.INTRODUCED
    return is_introduced and not introduction.meeting and HelpForm(introduction.help).is_meeting


def countries_shown(introduction: Introduction) -> tuple[str, str]:
    """Return the host's state and the visitors', each "" unless that side agreed to show it to the other."""
    host = other_side(introduction, IntroductionActor.ASKER).state
    return host, other_side(introduction, IntroductionActor.HELPER).state


def proposed_values(introduction: Introduction) -> dict[str, Any]:
    """Return what the form for a new meeting is filled with; the organiser can change all of it."""
    language, kind = get_language() or "en", MEETING_KINDS[HelpForm(introduction.help)]
    host, _visitors = countries_shown(introduction)
    title = str(enum_label(kind)).capitalize()
    if host:
        title = _("%(kind)s: %(country)s") % {"kind": title, "country": territory_name(host, language)}
    is_call = kind is MeetingKind.CALL
    request = introduction.request
    wanted_by = (
        request.needed_by if request and request.needed_by and request.needed_by > timezone.localdate() else None
    )
    return {
        "public_id": f"{kind.value.replace('_', '-')}-{random_id()[:6]}",
        "kind": kind.value,
        "attendance": AttendanceMode.ONLINE if is_call else AttendanceMode.IN_PERSON,
        "state": "" if is_call else host,
        "entry": RegistrationPolicy.INVITED,
        "network": introduction.network,
        "begins": wanted_by,
        "ends": wanted_by,
        f"title_{language}": title,
    }


def is_between_fictional_states(introduction: Introduction) -> bool:
    """Return whether the meeting is fictional, as both of its states are."""
    states = [one for one in (introduction.asker_state_id, introduction.helper_state_id) if one]
    return bool(states) and all(is_fictional(code) for code in states)


# --- Panels -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IntroductionMeeting:
    """The meeting of an introduction for one reader of the introduction's page."""

    introduction: Introduction
    meeting: models.Meeting | None  # None if there is none, or if the reader cannot see it yet
    is_being_prepared: bool
    is_over: bool
    can_create: bool
    at_meeting: models.Meeting | None  # at which the asker would like to talk; the other side learns of it later


def introduction_panel(public_id: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of an introduction's page with its meeting. The template decides what each reader sees."""
    return "meetings/organising/_introduction_panel.html", {"public_id": public_id}


def meeting_of_introduction(user: User, public_id: str) -> IntroductionMeeting | None:
    """Return the meeting of an introduction for a side or its secretariat; None if there is nothing to say."""
    introduction = introductions().filter(public_id=public_id).first()
    if introduction is None or not _is_concerned(user, introduction):
        return None
    meeting = models.Meeting.objects.filter(public_id=introduction.meeting).first() if introduction.meeting else None
    visible = meeting if meeting is not None and can_see(user, meeting) else None
    can_create = can_become_meeting(introduction) and can_arrange(user, introduction)
    at_meeting = _wished_meeting(user, introduction)
    if meeting is None and at_meeting is None and not can_create:
        return None
    return IntroductionMeeting(
        introduction=introduction,
        meeting=visible,
        is_being_prepared=meeting is not None and visible is None,
        is_over=visible is not None
        and is_over(visible)
        and visible.cancelled_at is None
        and introduction.status in {IntroductionStatus.INTRODUCED, IntroductionStatus.NO_ANSWER},
        can_create=can_create,
        at_meeting=at_meeting,
    )


def _wished_meeting(user: User, introduction: Introduction) -> models.Meeting | None:
    """Return the meeting at which the asker would like to talk; None if there is none, or the reader may not know it.

    Until both have accepted, it would tell the other side that the asker is among the participants.
    """
    if not introduction.at_meeting:
        return None
    if side_of(user, introduction) is IntroductionActor.HELPER and not has_both_accepted(introduction):
        return None
    meeting = models.Meeting.objects.filter(public_id=introduction.at_meeting).first()
    return meeting if meeting is not None and can_see(user, meeting) else None


def meeting_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a meeting's page with the introduction that it comes from; None if it comes from none."""
    introduction = introductions().filter(meeting=public_id).first() if public_id else None
    return ("meetings/organising/_meeting_panel.html", {"introduction": introduction}) if introduction else None


def _is_concerned(user: User, introduction: Introduction) -> bool:
    return side_of(user, introduction) is not None or can_arrange(user, introduction)
