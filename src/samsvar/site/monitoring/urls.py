"""URLs of findings, reports and uploads."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("findings/", views.findings, name="findings"),
    path("findings/<slug:public_id>/", views.finding, name="finding"),
    path("findings/<slug:public_id>/review/", views.review_finding, name="review"),
    path("findings/<slug:public_id>/links/<int:link>/", views.decide_link, name="decide-link"),
    path("reports/", views.reports, name="reports"),
    path("reports/<slug:public_id>/", views.report, name="report"),
    path("reports/<slug:public_id>/text/", views.report_text, name="text"),
    path("upload/", views.upload, name="upload"),
    path("upload/<uuid:upload>/", views.upload_progress, name="upload-progress"),
]
