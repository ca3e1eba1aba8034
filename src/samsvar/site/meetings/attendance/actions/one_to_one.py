"""One-to-one meetings: agreed to, asked for, seated at a table, called off. Nobody sits in two places at once."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.meetings.meeting import MeetingsError
from samsvar.meetings.registration import Standing
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import write_down
from samsvar.site.meetings.attendance.queries import one_to_one as queries
from samsvar.site.meetings.meeting.queries.facts import title_of
from samsvar.site.meetings.registration.actions.emails import address_of, own_link
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import post_letter

State = models.Encounter.State


class CannotBeAsked(MeetingsError):
    """Somebody has not agreed to be asked, or does not any more."""

    code = "cannot_be_asked"
    kept = "Nobody was asked."
    advice = "Choose somebody from the list as it is now."


class AskedOften(MeetingsError):
    """So many questions of one person wait, or were asked at this meeting."""

    code = "asked_often"
    kept = "Nobody was asked."
    advice = "Wait for answers, or take a question back."


class AskedAlready(MeetingsError):
    """These two have asked each other, or have agreed."""

    code = "asked_already"
    kept = "Nobody was asked once more."
    advice = "Look among your one-to-one meetings."


class NoFreeTime(MeetingsError):
    """There is no time when both are free and a table is."""

    code = "no_free_time"
    kept = "The question waits as before."
    advice = "Take a session out of your schedule, or decline."


class NotWaiting(MeetingsError):
    """It was answered or called off meanwhile."""

    code = "encounter_not_waiting"
    kept = "It stands as it stood."
    advice = "Look at it as it is now."


class HoursMeet(MeetingsError):
    """Two times for one-to-one meetings would overlap, and a table would be given twice."""

    code = "hours_meet"
    kept = "The times are as they were."
    advice = "Choose a time before or after the others."


def open_to_talk(*, by: Account | None, registration: models.Registration, about: str) -> models.OpenToTalk:
    """Agree to be asked: other participants read one's name and this line from now on, of people at risk neither."""
    with transaction.atomic():
        row, _made = models.OpenToTalk.objects.update_or_create(
            registration=registration, defaults={"about": about.strip()[:200]}
        )
        write_down(by, "agreed to be asked for one-to-one meetings", registration)
    return row


def close_to_talk(*, by: Account | None, registration: models.Registration) -> None:
    """Be asked no more; what was agreed stays until it is called off."""
    with transaction.atomic():
        models.OpenToTalk.objects.filter(registration=registration).delete()
        write_down(by, "is asked for one-to-one meetings no more", registration)


def ask(
    *, by: Account | None, asker: models.Registration, asked: models.Registration, about: str, site: str
) -> models.Encounter:
    """Ask somebody for a meeting, with a line why."""
    with transaction.atomic():
        asker = models.Registration.objects.select_for_update().get(pk=asker.pk)  # two at once: both count
        if asker.standing != Standing.CONFIRMED or asker.pk == asked.pk:
            raise PermissionDenied
        if not queries.can_be_asked(asker.meeting).filter(pk=asked.pk).exists():
            raise CannotBeAsked("This person cannot be asked.")
        own = models.Encounter.objects.filter(asker=asker)
        if own.filter(state=State.ASKED).count() >= queries.MOST_OPEN or own.count() >= queries.MOST_IN_ALL:
            raise AskedOften("You have asked as many people as one can.")
        pair = Q(asker=asker, asked=asked) | Q(asker=asked, asked=asker)
        if models.Encounter.objects.filter(pair, state__in=(State.ASKED, State.ACCEPTED)).exists():
            raise AskedAlready("You two have asked each other already.")
        if models.Encounter.objects.filter(asker=asker, asked=asked, state=State.DECLINED).exists():
            raise CannotBeAsked("This person has declined.")
        row = models.Encounter.objects.create(
            meeting=asker.meeting, asker=asker, asked=asked, about=about.strip()[:500]
        )
        write_down(by, "asked for a one-to-one meeting", asker)
        _write(asked, "one_to_one_asked", site)
    return row


def accept(
    *, by: Account | None, encounter: models.Encounter, site: str, own: models.Registration | None = None
) -> models.Encounter:
    """Agree: the first time when both are free, at the lowest free table. What others took meanwhile is passed over."""
    with transaction.atomic():
        row = _locked(encounter)
        _must_be(row.asked, by, own)
        if row.state != State.ASKED:
            raise NotWaiting("It was answered or called off meanwhile.")
        for seating in queries.places_for(row):
            if _seated(row, seating.span.starts, seating.table):
                break
        else:
            raise NoFreeTime("There is no time when you both are free and a table is.")
        write_down(by, "agreed to a one-to-one meeting", row.asked)
        _write(row.asker, "one_to_one_agreed", site)
    return row


def decline(
    *, by: Account | None, encounter: models.Encounter, site: str, own: models.Registration | None = None
) -> models.Encounter:
    """Say no, without a reason."""
    with transaction.atomic():
        row = _locked(encounter)
        _must_be(row.asked, by, own)
        if row.state != State.ASKED:
            raise NotWaiting("It was answered or called off meanwhile.")
        row.state, row.answered_at = State.DECLINED, timezone.now()
        row.save(update_fields=["state", "answered_at"])
        write_down(by, "declined a one-to-one meeting", row.asked)
        _write(row.asker, "one_to_one_news", site)
    return row


def call_off(
    *, by: Account | None, encounter: models.Encounter, site: str, own: models.Registration | None = None
) -> models.Encounter:
    """Take a question back, or give an agreed meeting up, from either side; its table is free again."""
    with transaction.atomic():
        row = _locked(encounter)
        side = next((one for one in (row.asker, row.asked) if _is(one, by, own)), None)
        if side is None:
            raise PermissionDenied
        if row.state not in {State.ASKED, State.ACCEPTED} or (row.state == State.ASKED and side.pk != row.asker_id):
            raise NotWaiting("It was answered or called off meanwhile.")
        row.seats.all().delete()
        row.state, row.answered_at = State.CANCELLED, timezone.now()
        row.save(update_fields=["state", "answered_at"])
        write_down(by, "called a one-to-one meeting off", side)
        _write(row.asked if side.pk == row.asker_id else row.asker, "one_to_one_news", site)
    return row


def set_hours(
    *, by: Account, meeting: models.Meeting, starts: datetime, ends: datetime, minutes: int, tables: int
) -> models.EncounterTime:
    """When one-to-one meetings are held."""
    with transaction.atomic():
        models.Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if meeting.encounter_times.filter(starts__lt=ends, ends__gt=starts).exists():
            raise HoursMeet("These times overlap with others.")
        row = models.EncounterTime.objects.create(
            meeting=meeting, starts=starts, ends=ends, minutes=minutes, tables=tables
        )
        record(by=by, verb="set hours for one-to-one meetings", subject=f"meeting {meeting.public_id}")
    return row


def remove_hours(*, by: Account, hours: models.EncounterTime, site: str) -> None:
    """Give hours up; who had agreed to meet in them is told."""
    with transaction.atomic():
        meeting = hours.meeting
        for row in meeting.encounters.filter(
            state=State.ACCEPTED, starts__gte=hours.starts, starts__lt=hours.ends
        ).select_related("asker__person__account", "asked__person__account", "meeting"):
            row.seats.all().delete()
            row.state = State.CANCELLED
            row.save(update_fields=["state"])
            for one in (row.asker, row.asked):
                _write(one, "one_to_one_news", site)
        hours.delete()
        record(by=by, verb="removed hours for one-to-one meetings", subject=f"meeting {meeting.public_id}")


def _seated(row: models.Encounter, starts: datetime, table: int) -> bool:
    """Whether the database let the two sit there: its constraints have the last word."""
    try:
        with transaction.atomic():
            row.state, row.starts, row.table, row.answered_at = State.ACCEPTED, starts, table, timezone.now()
            row.save(update_fields=["state", "starts", "table", "answered_at"])
            models.Seat.objects.bulk_create(
                [models.Seat(encounter=row, registration=one, starts=starts) for one in (row.asker, row.asked)]
            )
    except IntegrityError:
        return False
    return True


def _locked(encounter: models.Encounter) -> models.Encounter:
    models.Encounter.objects.select_for_update(of=("self",)).get(pk=encounter.pk)
    return models.Encounter.objects.select_related("meeting", "asker__person__account", "asked__person__account").get(
        pk=encounter.pk
    )


def _is(registration: models.Registration, by: Account | None, own: models.Registration | None) -> bool:
    """Whether it is theirs who act: by their account, or by the link of `own`, of which the caller made sure."""
    if by is None:
        return own is not None and own.pk == registration.pk
    return registration.person is not None and registration.person.account_id == by.pk


def _must_be(registration: models.Registration, by: Account | None, own: models.Registration | None) -> None:
    if not _is(registration, by, own):
        raise PermissionDenied


def _write(to: models.Registration, kind: str, site: str) -> None:
    """A letter that something waits and where: neither from whom nor about what."""
    address, account = address_of(to), to.person.account if to.person is not None else None
    if not address:
        return
    with override(to.language):
        page = urljoin(site, reverse("meetings:one-to-one", args=[to.meeting.public_id]))
    post_letter(
        to=address,
        kind=f"meetings/{kind}",
        # whoever has no account comes in by the link of their registration, and finds these meetings from there
        context={
            "meeting": title_of(to.meeting, to.language),
            "page_url": page if account is not None else own_link(to, site=site),
        },
        host=urlsplit(site).netloc,
        language=to.language,
        account=account,
    )
