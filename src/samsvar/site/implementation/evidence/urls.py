"""URLs of evidence."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.implementation.evidence import views

urlpatterns: list[URLPattern] = [
    path("evidence/", views.own_evidence, name="own-evidence"),
    path("evidence/states/<str:code>/", views.state_evidence, name="state-evidence"),
    path("evidence/measures/<slug:public_id>/", views.measure_evidence, name="measure-evidence"),
    path("evidence/measures/<slug:public_id>/offer/", views.offer_for_measure, name="offer-for-measure"),
    path("evidence/findings/<slug:public_id>/", views.finding_evidence, name="finding-evidence"),
    path("evidence/findings/<slug:public_id>/offer/", views.offer_for_finding, name="offer-for-finding"),
    path("evidence/<slug:public_id>/", views.evidence_details, name="evidence"),
    path("evidence/<slug:public_id>/file/", views.evidence_file, name="evidence-file"),
    path("evidence/<slug:public_id>/release/", views.accept_evidence, name="accept-evidence"),
    path("evidence/<slug:public_id>/set-aside/", views.set_evidence_aside, name="set-evidence-aside"),
    path("evidence/<slug:public_id>/withdraw/", views.withdraw_evidence, name="withdraw-evidence"),
    path("evidence/<slug:public_id>/revise/", views.revise_evidence, name="revise-evidence"),
    path("evidence/<slug:public_id>/form/", views.set_aside_for_form, name="set-aside-for-form"),
]
