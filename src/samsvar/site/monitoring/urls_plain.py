"""URLs of report files, page images and citations, which are the same in every language."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views

app_name = "files"
urlpatterns = [
    path("reports/<slug:public_id>/pages/<int:page>.png", views.page_image, name="page-picture"),
    path("reports/<slug:public_id>/file", views.report_file, name="report"),
    path("findings/<slug:public_id>/cite.<str:form>", views.export_citation, name="cite"),
]
