"""URLs of check-in, schedules and one-to-one meetings."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.attendance.views import check_in, one_to_one, schedule

ONE_TO_ONE = "<slug:slug>/mine/one-to-one/"
ONE_TO_ONE_PERIODS = "<slug:slug>/manage/day/one-to-one/"
SCHEDULE_BY_LINK = "<slug:slug>/schedule/<str:token>/"

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/manage/day/", check_in.attendance_overview, name="manage-day"),
    path("<slug:slug>/check-in/", check_in.check_in, name="check-in"),
    path("<slug:slug>/check-in/participant/", check_in.check_in_participant, name="check-in-participant"),
    path("<slug:slug>/check-in/undo/", check_in.undo_check_in, name="undo-check-in"),
    path("<slug:slug>/check-in/people.json", check_in.offline_guest_list, name="check-in-people"),
    path("<slug:slug>/check-in/merge/", check_in.merge_check_ins, name="merge-check-ins"),
    path("<slug:slug>/check-in/worker.js", check_in.service_worker, name="check-in-worker"),
    path("<slug:slug>/check-in/walk-in/", check_in.register_walk_in, name="walk-in"),
    path("<slug:slug>/manage/day/walk-in/", check_in.resolve_walk_in, name="resolve-walk-in"),
    path("<slug:slug>/now/", schedule.current_sessions, name="now"),
    path("<slug:slug>/now/events/", schedule.programme_events, name="now-events"),
    path("<slug:slug>/calendar/<str:token>/schedule.ics", schedule.my_calendar, name="my-calendar"),
    path("<slug:slug>/mine/schedule/", schedule.my_schedule, name="my-schedule"),
    path("<slug:slug>/mine/schedule/calendar/", schedule.manage_calendar_link, name="make-calendar"),
    path("<slug:slug>/mine/schedule/<slug:verb>/", schedule.change_schedule, name="choose-session"),
    path(SCHEDULE_BY_LINK, schedule.schedule_by_link, name="schedule-by-link"),
    path(f"{SCHEDULE_BY_LINK}calendar/", schedule.manage_calendar_link_by_link, name="make-calendar-by-link"),
    path(f"{SCHEDULE_BY_LINK}<slug:verb>/", schedule.change_schedule_by_link, name="choose-by-link"),
    path(ONE_TO_ONE, one_to_one.one_to_one, name="one-to-one"),
    path(f"{ONE_TO_ONE}opt-in/", one_to_one.opt_in_or_out, name="one-to-one-opt-in"),
    path(f"{ONE_TO_ONE}request/<slug:recipient_id>/", one_to_one.request_one_to_one, name="request-one-to-one"),
    path(f"{ONE_TO_ONE}<slug:public_id>/<slug:verb>/", one_to_one.answer_one_to_one_request, name="answer-one-to-one"),
    path(ONE_TO_ONE_PERIODS, one_to_one.manage_one_to_one_periods, name="manage-encounter-times"),
    path(f"{ONE_TO_ONE_PERIODS}remove/", one_to_one.remove_one_to_one_period, name="remove-encounter-time"),
]
