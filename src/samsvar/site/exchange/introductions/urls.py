"""URLs of introductions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.exchange.introductions import views

urlpatterns: list[URLPattern] = [
    path("introductions/", views.own_introductions, name="own-introductions"),
    path("introductions/helpdesk/", views.arranged_introductions, name="arranged-introductions"),
    path("introductions/<slug:public_id>/", views.introduction, name="introduction"),
    path("introductions/<slug:public_id>/helper/", views.choose_helper, name="choose-helper"),
    path("introductions/<slug:public_id>/invite/", views.invite_both, name="invite-introduction"),
    path("introductions/<slug:public_id>/drop/", views.drop_introduction, name="drop-introduction"),
    path("introductions/<slug:public_id>/accept/", views.accept_introduction, name="accept-introduction"),
    path("introductions/<slug:public_id>/leave/", views.leave_introduction, name="leave-introduction"),
    path("introductions/<slug:public_id>/held/", views.record_held, name="introduction-held"),
    path("introductions/<slug:public_id>/not-held/", views.record_not_held, name="introduction-not-held"),
    path("introductions/<slug:public_id>/outcome/", views.record_outcome, name="introduction-outcome"),
    path("requests/<slug:public_id>/introductions/propose/", views.propose_introduction, name="propose-introduction"),
    path("requests/<slug:public_id>/introductions/ask/", views.ask_for_introduction, name="ask-for-introduction"),
]
