"""The programme: in work, published, and as feeds: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import programme as views
from samsvar.site.meetings.views import speakers as speaking

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/programme/", views.programme, name="programme"),
    path("<slug:slug>/programme/versions/", views.versions, name="versions"),
    path("<slug:slug>/programme/versions.atom", views.versions_feed, name="versions-feed"),
    path("<slug:slug>/programme/<slug:session>/", views.session, name="session"),
    path("<slug:slug>/speakers/", views.speakers, name="speakers"),
    path("<slug:slug>/speaking/<str:token>/", speaking.speaking, name="speaking"),
    path("<slug:slug>/schedule.ics", views.schedule_ics, name="schedule-ics"),
    path("<slug:slug>/schedule.json", views.schedule_json, name="schedule-json"),
    path("<slug:slug>/schedule.xml", views.schedule_xml, name="schedule-xml"),
    path("<slug:slug>/manage/programme/", views.manage_programme, name="manage-programme"),
    path("<slug:slug>/manage/programme/grid/", views.manage_grid, name="manage-grid"),
    path("<slug:slug>/manage/programme/places/", views.manage_places, name="manage-places"),
    path("<slug:slug>/manage/programme/places/remove/", views.remove_place, name="remove-place"),
    path("<slug:slug>/manage/programme/availability/", views.manage_availability, name="manage-availability"),
    path("<slug:slug>/manage/programme/availability/remove/", views.forget_availability, name="forget-availability"),
    path("<slug:slug>/manage/programme/publish/", views.publish, name="publish-programme"),
    path("<slug:slug>/manage/programme/sessions/new/", views.new_session, name="new-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/", views.edit_session, name="edit-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/move/", views.move_session, name="move-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/copy/", views.copy_session, name="copy-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/cancel/", views.cancel_session, name="cancel-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/remove/", views.remove_session, name="remove-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/people/", views.session_people, name="session-people"),
]
