"""Addresses without a language: where an OpenID Connect provider sends people back to."""

from __future__ import annotations

from django.urls import path

from samsvar.site.network.accounts import oidc as elsewhere

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", elsewhere.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", elsewhere.callback, name="openid_connect_callback"),
]
