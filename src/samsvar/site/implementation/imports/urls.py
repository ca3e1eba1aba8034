"""URLs of imports and export of measures."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.imports import views

urlpatterns = [
    path("countries/<slug:code>/imports/", views.imports, name="imports"),
    path("countries/<slug:code>/imports/check/", views.check_import, name="check-import"),
    path("countries/<slug:code>/imports/confirm/", views.confirm_import, name="confirm-import"),
    path("countries/<slug:code>/imports/<slug:public_id>/", views.show_import, name="import"),
    path("countries/<slug:code>/imports/<slug:public_id>/undo/", views.undo_import, name="undo-import"),
    path("countries/<slug:code>/measures/table.<slug:form>", views.export_measures, name="measures-table"),
]
