"""URLs of the funding pages."""

from __future__ import annotations

from django.urls import path

from samsvar.site.funding import views

app_name = "funding"
urlpatterns = [
    path("", views.funding, name="funding"),
    path("table.<str:form>", views.export_table, name="table"),
    path("iati.xml", views.export_all_as_iati, name="iati"),
    path("new/", views.add_activity, name="new"),
    path("import/", views.import_table, name="import"),
    path("import/confirm/", views.confirm_import, name="confirm-import"),
    path("<slug:slug>/", views.activity, name="activity"),
    path("<slug:slug>/iati.xml", views.export_activity_as_iati, name="activity-iati"),
    path("<slug:slug>/edit/", views.edit_activity, name="edit"),
    path("<slug:slug>/transactions/", views.add_activity_item, {"part_type": "transactions"}, name="add-transaction"),
    path("<slug:slug>/results/", views.add_activity_item, {"part_type": "results"}, name="add-result"),
    path("<slug:slug>/links/", views.add_activity_item, {"part_type": "links"}, name="add-link"),
    path("<slug:slug>/<str:part_type>/<int:pk>/", views.edit_activity_item, name="change-part"),
    path("<slug:slug>/<str:part_type>/<int:pk>/remove/", views.remove_activity_item, name="remove"),
]
