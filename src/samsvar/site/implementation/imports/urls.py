"""URLs of imports and export of measures."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.imports import views

urlpatterns = [
    path("imports/<slug:code>/", views.imports, name="imports"),
    path("imports/<slug:code>/check/", views.check_import, name="check-import"),
    path("imports/<slug:code>/confirm/", views.confirm_import, name="confirm-import"),
    path("imports/<slug:code>/<slug:public_id>/", views.batch, name="batch"),
    path("imports/<slug:code>/<slug:public_id>/undo/", views.undo_batch, name="undo-batch"),
    path("measures/<slug:code>/table.<slug:file_format>", views.export_measures, name="measures-table"),
]
