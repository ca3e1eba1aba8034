"""URLs for creating and managing meetings."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.organising import registration_views, views

urlpatterns: list[URLPattern] = [
    path("new/", views.create_meeting, name="create-meeting"),
    path("new/from-introduction/<slug:public_id>/", views.create_from_introduction, name="meeting-from-introduction"),
    path("<slug:slug>/manage/", views.manage_meeting, name="manage"),
    path("<slug:slug>/manage/edit/", views.edit_meeting, name="edit-meeting"),
    path("<slug:slug>/manage/opening/", registration_views.edit_registration_settings, name="open-registration"),
    path("<slug:slug>/manage/publish/", views.publish_meeting, name="publish-meeting"),
    path("<slug:slug>/manage/cancel/", views.cancel_meeting, name="cancel-meeting"),
    path("<slug:slug>/manage/details/", views.manage_details, name="manage-details"),
    path(
        "<slug:slug>/manage/details/organisation/<int:pk>/remove/",
        views.remove_organisation,
        name="remove-organisation",
    ),
    path("<slug:slug>/manage/details/link/<int:pk>/remove/", views.remove_link, name="remove-link"),
    path("<slug:slug>/manage/documents/", views.manage_documents, name="manage-documents"),
    path("<slug:slug>/manage/documents/<slug:public_id>/withdraw/", views.withdraw_document, name="withdraw-document"),
    path("<slug:slug>/manage/helpers/", views.manage_helpers, name="manage-helpers"),
    path("<slug:slug>/manage/helpers/<int:pk>/end/", views.end_duty, name="end-duty"),
]
