"""The days of the meeting: check-in, badges, letters, schedules, one-to-one meetings: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import day, letters

urlpatterns: list[URLPattern] = [
    path("letters/<str:code>/", letters.letter, name="letter"),
    path("<slug:slug>/manage/day/", day.manage_day, name="manage-day"),
    path("<slug:slug>/manage/day/letters/", letters.manage_letters, name="manage-letters"),
    path("<slug:slug>/manage/day/letters/<str:code>/revoke/", letters.revoke, name="revoke-letter"),
    path("<slug:slug>/manage/day/badges/", letters.badges, name="badges"),
    path("<slug:slug>/mine/letters/", letters.own_letters, name="my-letters"),
    path("<slug:slug>/check-in/", day.check_in, name="check-in"),
    path("<slug:slug>/check-in/somebody/", day.check_somebody_in, name="check-somebody-in"),
    path("<slug:slug>/check-in/undo/", day.undo, name="undo-check-in"),
    path("<slug:slug>/check-in/people.json", day.people_for_a_device, name="check-in-people"),
    path("<slug:slug>/check-in/merge/", day.merge, name="merge-check-ins"),
    path("<slug:slug>/check-in/worker.js", day.worker, name="check-in-worker"),
]
