"""URLs for the programme."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.programme.views import draft, exchange, published, speakers

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/programme/", published.programme, name="programme"),
    path("<slug:slug>/programme/versions/", published.versions, name="versions"),
    path("<slug:slug>/programme/versions.atom", published.versions_feed, name="versions-feed"),
    path("<slug:slug>/programme/<slug:session>/", published.session, name="session"),
    path("<slug:slug>/speakers/", published.speakers, name="speakers"),
    path("<slug:slug>/speaking/<str:token>/", speakers.speaker_page, name="speaker-page"),
    path("<slug:slug>/schedule.ics", published.schedule_ics, name="schedule-ics"),
    path("<slug:slug>/schedule.json", published.schedule_json, name="schedule-json"),
    path("<slug:slug>/schedule.xml", published.schedule_xml, name="schedule-xml"),
    path("<slug:slug>/manage/programme/", draft.manage_programme, name="manage-programme"),
    path("<slug:slug>/manage/programme/grid/", draft.manage_grid, name="manage-grid"),
    path("<slug:slug>/manage/programme/places/", draft.manage_rooms_and_tracks, name="manage-places"),
    path("<slug:slug>/manage/programme/places/remove/", draft.remove_room_or_track, name="remove-place"),
    path("<slug:slug>/manage/programme/availability/", draft.manage_availability, name="manage-availability"),
    path("<slug:slug>/manage/programme/availability/remove/", draft.remove_availability, name="remove-availability"),
    path("<slug:slug>/manage/programme/publish/", draft.publish_programme, name="publish-programme"),
    path("<slug:slug>/manage/programme/sessions/new/", draft.new_session, name="new-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/", draft.edit_session, name="edit-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/move/", draft.move_session, name="move-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/copy/", draft.copy_session, name="copy-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/cancel/", draft.cancel_session, name="cancel-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/remove/", draft.remove_session, name="remove-session"),
    path("<slug:slug>/manage/programme/sessions/<slug:session>/people/", draft.session_people, name="session-people"),
    path("<slug:slug>/manage/exchange/", exchange.manage_exchange, name="manage-exchange"),
    path("<slug:slug>/manage/exchange/import/", exchange.import_programme, name="import-programme"),
    path("<slug:slug>/manage/exchange/<str:form>", exchange.export_programme, name="export-programme"),
]
