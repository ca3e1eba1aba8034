"""URLs for personal data and the audit log."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.privacy import audit_views, views

urlpatterns: list[URLPattern] = [
    path("staff/audit-log/", audit_views.audit_log, name="audit-log"),
    path("staff/audit-log/entries.<slug:form>", audit_views.export_audit_log, name="export-audit-log"),
    path("staff/audit-log/accesses/", audit_views.trace_accesses, name="trace-accesses"),
    path("staff/audit-log/accesses.csv", audit_views.export_accesses, name="export-accesses"),
    path("privacy/", views.privacy_notice, name="privacy"),
    path("privacy/processing/", views.record_of_processing, name="record-of-processing"),
    path("account/my-data/", views.my_data, name="my-data"),
    path("account/erase/", views.erase_my_data, name="erase-my-data"),
    path("account/erased/", views.erasure_complete, name="erasure-complete"),
    path("staff/erasure/", views.erasure_requests, name="erasure-requests"),
    path("staff/erasure/<slug:public_id>/", views.erase_person_data, name="erase-person"),
    path("staff/retention/", views.retention, name="retention"),
]
