"""URLs for plans, measures and regions."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.measures import views

urlpatterns = [
    path("countries/<slug:code>/measures/", views.measures, name="measures"),
    path("countries/<slug:code>/measures/findings/", views.measures_by_finding, name="measures-by-finding"),
    path("countries/<slug:code>/measures/new/", views.add_measure, name="add-measure"),
    path("countries/<slug:code>/measures/edit/", views.edit_measures, name="edit-measures"),
    path("countries/<slug:code>/measures/edit/<uuid:batch>/undo/", views.undo_bulk_edit, name="undo-bulk-edit"),
    path("countries/<slug:code>/measures/plans/", views.plans, name="plans"),
    path("countries/<slug:code>/measures/plans/new/", views.add_plan, name="add-plan"),
    path("countries/<slug:code>/measures/plans/<slug:public_id>/", views.edit_plan, name="edit-plan"),
    path("measures/<slug:public_id>/", views.measure, name="measure"),
    path("measures/<slug:public_id>/edit/", views.edit_measure, name="edit-measure"),
    path("measures/<slug:public_id>/stage/", views.change_stage, name="change-stage"),
    path("measures/<slug:public_id>/visibility/", views.change_visibility, name="change-visibility"),
    path("measures/<slug:public_id>/findings/", views.link_findings, name="link-findings"),
    path("measures/<slug:public_id>/findings/<int:pk>/", views.change_answer, name="change-answer"),
    path("measures/<slug:public_id>/findings/<int:pk>/end/", views.end_answer, name="end-answer"),
]
