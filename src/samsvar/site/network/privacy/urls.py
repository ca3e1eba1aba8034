"""URLs of personal data and the audit log."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.privacy import audit_views, views

urlpatterns: list[URLPattern] = [
    path("staff/audit-log/", audit_views.audit_log, name="audit-log"),
    path("staff/audit-log/lines.<slug:form>", audit_views.export_audit_log, name="export-audit-log"),
    path("staff/audit-log/who-saw/", audit_views.who_saw, name="who-saw"),
    path("staff/audit-log/who-saw.csv", audit_views.who_saw_file, name="who-saw-file"),
    path("privacy/", views.notice, name="privacy"),
    path("privacy/processing/", views.processing, name="processing"),
    path("account/my-data/", views.my_data, name="my-data"),
    path("account/erase/", views.erase_me, name="erase-me"),
    path("account/erased/", views.erased, name="erased"),
    path("staff/erasure/", views.erase_people, name="erase-people"),
    path("staff/erasure/<slug:public_id>/", views.erase_person, name="erase-person"),
    path("staff/retention/", views.retention, name="retention"),
]
