"""URLs of requests for help, the helpdesk and offers."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.exchange.requests import views

urlpatterns: list[URLPattern] = [
    path("ask/", views.ask, name="ask"),
    path("ask/<slug:kind>/<slug:about>/", views.ask, name="ask-about"),
    path("requests/", views.requests, name="requests"),
    path("requests/own/", views.my_requests, name="my-requests"),
    path("requests/<slug:public_id>/", views.request_page, name="request"),
    path("requests/<slug:public_id>/outcome/", views.judge_request, name="judge-request"),
    path("requests/<slug:public_id>/figures/", views.set_counts, name="request-counts"),
    path("requests/<slug:public_id>/withdraw/", views.withdraw_request, name="withdraw-request"),
    path("requests/<slug:public_id>/reopen/", views.reopen_request, name="reopen-request"),
    path("helpdesk/", views.helpdesk, name="helpdesk"),
    path("helpdesk/enter/<slug:network>/", views.enter_request, name="enter-request"),
    path("helpdesk/<slug:public_id>/", views.helpdesk_request, name="helpdesk-request"),
    path("helpdesk/<slug:public_id>/take/", views.take_request, name="take-request"),
    path("helpdesk/<slug:public_id>/translate/", views.translate_request, name="translate-request"),
    path("helpdesk/<slug:public_id>/end/", views.end_request, name="end-request"),
    path("offers/", views.offers, name="offers"),
    path("offers/add/", views.add_offer, name="add-offer"),
    path("offers/<slug:public_id>/", views.offer_page, name="offer"),
    path("offers/<slug:public_id>/edit/", views.edit_offer, name="edit-offer"),
    path("offers/<slug:public_id>/status/", views.set_offer_status, name="offer-status"),
]
