"""URLs of check-in, schedules and one-to-one meetings."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.attendance.views import check_in, one_to_one, schedule

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/manage/day/", check_in.manage_day, name="manage-day"),
    path("<slug:slug>/check-in/", check_in.check_in, name="check-in"),
    path("<slug:slug>/check-in/somebody/", check_in.check_somebody_in, name="check-somebody-in"),
    path("<slug:slug>/check-in/undo/", check_in.undo, name="undo-check-in"),
    path("<slug:slug>/check-in/people.json", check_in.people_for_a_device, name="check-in-people"),
    path("<slug:slug>/check-in/merge/", check_in.merge, name="merge-check-ins"),
    path("<slug:slug>/check-in/worker.js", check_in.worker, name="check-in-worker"),
    path("<slug:slug>/check-in/walk-in/", check_in.walk_in, name="walk-in"),
    path("<slug:slug>/manage/day/walk-in/", check_in.look, name="look-at-walk-in"),
    path("<slug:slug>/now/", schedule.now, name="now"),
    path("<slug:slug>/now/events/", schedule.events, name="now-events"),
    path("<slug:slug>/calendar/<str:token>/schedule.ics", schedule.my_calendar, name="my-calendar"),
    path("<slug:slug>/mine/schedule/", schedule.my_schedule, name="my-schedule"),
    path("<slug:slug>/mine/schedule/calendar/", schedule.make_calendar, name="make-calendar"),
    path("<slug:slug>/mine/schedule/<slug:verb>/", schedule.choose, name="choose-session"),
    path("<slug:slug>/schedule/<str:token>/", schedule.schedule_by_link, name="schedule-by-link"),
    path("<slug:slug>/schedule/<str:token>/calendar/", schedule.make_calendar_by_link, name="make-calendar-by-link"),
    path("<slug:slug>/schedule/<str:token>/<slug:verb>/", schedule.choose_by_link, name="choose-by-link"),
    path("<slug:slug>/mine/one-to-one/", one_to_one.one_to_one, name="one-to-one"),
    path("<slug:slug>/mine/one-to-one/open/", one_to_one.open_to_talk, name="open-to-talk"),
    path("<slug:slug>/mine/one-to-one/ask/<slug:asked>/", one_to_one.ask, name="ask-to-talk"),
    path("<slug:slug>/mine/one-to-one/<slug:public_id>/<slug:verb>/", one_to_one.answer, name="answer-to-talk"),
    path("<slug:slug>/manage/day/one-to-one/", one_to_one.manage_hours, name="manage-hours"),
    path("<slug:slug>/manage/day/one-to-one/remove/", one_to_one.remove_hours, name="remove-hours"),
]
