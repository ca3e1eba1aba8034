"""URLs of the weekly email."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.digest import views

urlpatterns = [
    path("desk/weekly-email/", views.digest, name="digest"),
    path("desk/weekly-email/<str:token>/end/", views.end_digest, name="end-digest"),
]
