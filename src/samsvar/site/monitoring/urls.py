"""Pages of findings and reports, and the way in for a report."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("findings/", views.findings, name="findings"),
    path("findings/<slug:public_id>/", views.finding, name="finding"),
    path("findings/<slug:public_id>/review/", views.review, name="review"),
    path("reports/", views.reports, name="reports"),
    path("reports/<slug:public_id>/", views.report, name="report"),
    path("reports/<slug:public_id>/text/", views.text, name="text"),
    path("upload/", views.upload, name="upload"),
    path("upload/<uuid:upload>/", views.upload_progress, name="upload-progress"),
]
