"""URLs of the public pages of a meeting."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.meeting import views

urlpatterns: list[URLPattern] = [
    path("", views.meetings, name="meetings"),
    path("<slug:slug>/", views.meeting, name="meeting"),
    path("<slug:slug>/countries/", views.countries, name="countries"),
    path("<slug:slug>/documents/", views.documents, name="documents"),
    path("<slug:slug>/documents/<slug:public_id>/", views.document, name="document"),
]
