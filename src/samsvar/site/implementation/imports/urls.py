"""URLs of imports and export of measures."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.imports import views

urlpatterns = [
    path("<str:code>/imports/", views.imports, name="imports"),
    path("<str:code>/imports/check/", views.check_import, name="check-import"),
    path("<str:code>/imports/confirm/", views.confirm_import, name="confirm-import"),
    path("<str:code>/imports/<str:public_id>/", views.batch, name="batch"),
    path("<str:code>/imports/<str:public_id>/undo/", views.undo_batch, name="undo-batch"),
    path("<str:code>/measures.<str:file_format>", views.export_measures, name="measures-table"),
]
