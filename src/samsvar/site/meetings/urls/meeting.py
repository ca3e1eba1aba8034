"""The meeting itself: what there is, its page, its countries, its documents: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import meeting, running

urlpatterns: list[URLPattern] = [
    path("", meeting.meetings, name="meetings"),
    path("new/", running.announce, name="announce"),
    path("<slug:slug>/", meeting.meeting, name="meeting"),
    path("<slug:slug>/countries/", meeting.countries, name="countries"),
    path("<slug:slug>/documents/", meeting.documents, name="documents"),
    path("<slug:slug>/documents/<slug:public_id>/", meeting.document, name="document"),
    path("<slug:slug>/manage/", running.manage, name="manage"),
    path("<slug:slug>/manage/edit/", running.edit, name="edit-meeting"),
    path("<slug:slug>/manage/cancel/", running.cancel, name="cancel-meeting"),
    path("<slug:slug>/manage/around/", running.around, name="manage-around"),
    path("<slug:slug>/manage/around/organisation/<int:pk>/remove/", running.remove_organisation, name="remove-body"),
    path("<slug:slug>/manage/around/link/<int:pk>/remove/", running.remove_link, name="remove-link"),
    path("<slug:slug>/manage/documents/", running.documents, name="manage-documents"),
    path("<slug:slug>/manage/documents/<slug:public_id>/withdraw/", running.withdraw, name="withdraw-document"),
    path("<slug:slug>/manage/helpers/", running.helpers, name="manage-helpers"),
    path("<slug:slug>/manage/helpers/<int:pk>/end/", running.end_duty, name="end-duty"),
]
