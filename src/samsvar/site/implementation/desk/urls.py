"""URLs for the desk of a state."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.desk import views

urlpatterns = [
    path("desk/", views.own_desk, name="own-desk"),
    path("countries/<slug:code>/desk/", views.desk, name="desk"),
    path("countries/<slug:code>/desk/findings/", views.triage, name="triage"),
    path("countries/<slug:code>/desk/findings/decide/", views.decide, name="decide"),
    path("countries/<slug:code>/desk/findings/undo/", views.undo, name="undo-decision"),
    path("countries/<slug:code>/desk/findings/shortcuts/", views.toggle_shortcuts, name="desk-shortcuts"),
    path("countries/<slug:code>/desk/findings/<slug:public_id>/", views.finding, name="desk-finding"),
    path("countries/<slug:code>/desk/clusters/<int:pk>/break-up/", views.break_up, name="break-up-cluster"),
]
