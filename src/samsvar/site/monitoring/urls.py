"""URLs of findings, reports and uploads."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("findings/", views.findings, name="findings"),
    path("findings/<slug:public_id>/", views.finding, name="finding"),
    path("findings/<slug:public_id>/review/", views.review_finding, name="review"),
    path("reports/", views.reports, name="reports"),
    path("reports/drafts/", views.drafts, name="drafts"),
    path("reports/<slug:public_id>/", views.report, name="report"),
    path("reports/<slug:public_id>/details/", views.report_details, name="report-details"),
    path("reports/<slug:public_id>/publish/", views.publish_report, name="publish-report"),
    path("reports/<slug:public_id>/withdraw/", views.withdraw_report, name="withdraw-report"),
    path("reports/<slug:public_id>/delete/", views.delete_draft, name="delete-draft"),
    path("reports/<slug:public_id>/text/", views.report_text, name="text"),
    path("upload/", views.upload, name="upload"),
    path("upload/progress/", views.uploads, name="uploads"),
    path("upload/<uuid:upload>/", views.upload_progress, name="upload-progress"),
]
