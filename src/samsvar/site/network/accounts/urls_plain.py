"""URLs without a language prefix: sign-in with an OpenID Connect provider and its callback."""

from __future__ import annotations

from django.urls import path

from samsvar.site.network.accounts import oidc

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
]
