"""Files and pictures of reports: the same in every language."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views

app_name = "files"
urlpatterns = [
    path("reports/<slug:public_id>/pages/<int:page>.png", views.page_picture, name="page-picture"),
    path("reports/<slug:public_id>/file", views.file, name="report"),
    path("findings/<slug:public_id>/cite.<str:form>", views.cite, name="cite"),
]
