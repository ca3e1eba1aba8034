"""Addresses of: own account, invitations, the demonstration's outbox."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from samsvar.site.network.views import accounts as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", views.own_account, name="account"),
    path("account/second-factor/needed/", views.second_factor, name="second-factor"),
    path("account/sessions/<int:pk>/end/", views.end_session, name="end-session"),
    path("join/accept/", views.accept_invitation, name="accept-invitation"),
    path("join/with/<str:token>/", views.open_invitation, name="open-invitation"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<slug:public_id>/again/", views.invite_again, name="invite-again"),
    path("invitations/<slug:public_id>/withdraw/", views.withdraw_invitation, name="withdraw-invitation"),
    path("people/<slug:public_id>/invite/", views.invite_person, name="invite-person"),
    path("outbox/", views.outbox, name="outbox"),
]
