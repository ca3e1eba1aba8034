"""The days of the meeting: check-in, badges, letters, schedules, one-to-one meetings: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import day, day_encounters, day_schedule, letters

urlpatterns: list[URLPattern] = [
    path("letters/<str:code>/", letters.letter, name="letter"),
    path("<slug:slug>/manage/day/", day.manage_day, name="manage-day"),
    path("<slug:slug>/manage/day/letters/", letters.manage_letters, name="manage-letters"),
    path("<slug:slug>/manage/day/letters/<str:code>/revoke/", letters.revoke, name="revoke-letter"),
    path("<slug:slug>/manage/day/badges/", letters.badges, name="badges"),
    path("<slug:slug>/manage/day/photographs/", letters.photographs, name="photographs"),
    path("<slug:slug>/mine/letters/", letters.own_letters, name="my-letters"),
    path("<slug:slug>/check-in/", day.check_in, name="check-in"),
    path("<slug:slug>/check-in/somebody/", day.check_somebody_in, name="check-somebody-in"),
    path("<slug:slug>/check-in/undo/", day.undo, name="undo-check-in"),
    path("<slug:slug>/check-in/people.json", day.people_for_a_device, name="check-in-people"),
    path("<slug:slug>/check-in/merge/", day.merge, name="merge-check-ins"),
    path("<slug:slug>/check-in/worker.js", day.worker, name="check-in-worker"),
    path("<slug:slug>/check-in/walk-in/", day.walk_in, name="walk-in"),
    path("<slug:slug>/manage/day/walk-in/", day.look, name="look-at-walk-in"),
    path("<slug:slug>/now/", day_schedule.now, name="now"),
    path("<slug:slug>/now/events/", day_schedule.events, name="now-events"),
    path("<slug:slug>/calendar/<str:token>/schedule.ics", day_schedule.my_calendar, name="my-calendar"),
    path("<slug:slug>/mine/schedule/", day_schedule.my_schedule, name="my-schedule"),
    path("<slug:slug>/mine/schedule/calendar/", day_schedule.make_calendar, name="make-calendar"),
    path("<slug:slug>/mine/schedule/<slug:verb>/", day_schedule.choose, name="choose-session"),
    path("<slug:slug>/schedule/<str:token>/", day_schedule.schedule_by_link, name="schedule-by-link"),
    path(
        "<slug:slug>/schedule/<str:token>/calendar/", day_schedule.make_calendar_by_link, name="make-calendar-by-link"
    ),
    path("<slug:slug>/schedule/<str:token>/<slug:verb>/", day_schedule.choose_by_link, name="choose-by-link"),
    path("<slug:slug>/mine/one-to-one/", day_encounters.one_to_one, name="one-to-one"),
    path("<slug:slug>/mine/one-to-one/open/", day_encounters.open_to_talk, name="open-to-talk"),
    path("<slug:slug>/mine/one-to-one/ask/<slug:asked>/", day_encounters.ask, name="ask-to-talk"),
    path("<slug:slug>/mine/one-to-one/<slug:public_id>/<slug:verb>/", day_encounters.answer, name="answer-to-talk"),
    path("<slug:slug>/manage/day/one-to-one/", day_encounters.manage_hours, name="manage-hours"),
    path("<slug:slug>/manage/day/one-to-one/remove/", day_encounters.remove_hours, name="remove-hours"),
]
