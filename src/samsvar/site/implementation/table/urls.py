"""URLs of the table of a state's measures."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.table import views

urlpatterns = [
    path("countries/<slug:code>/measures/", views.measures, name="measures"),
    path("countries/<slug:code>/measures/edit/", views.edit_measures, name="edit-measures"),
    path("countries/<slug:code>/measures/table.<slug:file_format>", views.export_measures, name="measures-table"),
]
