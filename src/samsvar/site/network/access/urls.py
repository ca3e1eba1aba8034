"""URLs of staff sessions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.access import views

urlpatterns: list[URLPattern] = [
    path("staff/session/", views.open_staff_session, name="open-staff-session"),
    path("staff/session/end/", views.close_staff_session, name="close-staff-session"),
    path("staff/sessions/", views.staff_sessions, name="staff-sessions"),
    path("staff/audit-log/sessions/", views.all_staff_sessions, name="all-staff-sessions"),
]
