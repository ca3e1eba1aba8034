"""URLs of suggested sessions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.agenda import views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/manage/agenda/", views.manage_agenda, name="manage-agenda"),
    path("<slug:slug>/manage/agenda/<int:article>/add/", views.add_suggested_session, name="add-suggested-session"),
]
