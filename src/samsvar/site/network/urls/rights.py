"""Addresses of: staff sessions, roles, refusals, the trail."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from samsvar.site.network.views import rights as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/session/", views.open_staff_session, name="open-staff-session"),
    path("staff/session/end/", views.close_staff_session, name="close-staff-session"),
    path("staff/sessions/", views.staff_sessions, name="staff-sessions"),
    path("staff/roles/", views.roles, name="roles"),
    path("staff/roles/<slug:public_id>/", views.account_rights, name="account-rights"),
    path("staff/roles/<slug:public_id>/give/", views.give_role, name="give-role"),
    path("staff/roles/<slug:public_id>/roles/<int:grant>/end/", views.end_role, name="end-role"),
    path("staff/roles/<slug:public_id>/refuse/", views.refuse_claim, name="refuse-claim"),
    path("staff/roles/<slug:public_id>/refusals/<int:refusal>/end/", views.end_refusal, name="end-refusal"),
    path("staff/roles/<slug:public_id>/close/", views.deactivate_account, name="deactivate-account"),
    path("staff/roles/<slug:public_id>/open-again/", views.reactivate_account, name="reactivate-account"),
    path("staff/roles/<slug:public_id>/second-factor/", views.remove_second_factor, name="remove-second-factor"),
    path("staff/roles/<slug:public_id>/sessions/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("staff/trail/", views.trail, name="trail"),
    path("staff/trail/sessions/", views.all_staff_sessions, name="all-staff-sessions"),
    path("staff/trail/lines.<slug:form>", views.export_trail, name="export-trail"),
    path("staff/trail/who-saw/", views.who_saw, name="who-saw"),
    path("staff/trail/who-saw.csv", views.who_saw_file, name="who-saw-file"),
]
