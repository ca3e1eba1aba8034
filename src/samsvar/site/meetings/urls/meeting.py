"""The meeting itself: what there is, its page, its countries, its documents: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import meeting

urlpatterns: list[URLPattern] = [
    path("", meeting.meetings, name="meetings"),
    path("<slug:slug>/", meeting.meeting, name="meeting"),
    path("<slug:slug>/manage/", meeting.manage, name="manage"),
]
