"""URLs without a language prefix: the callback of the OpenID Connect provider."""

from __future__ import annotations

from django.urls import path

from samsvar.site.network.accounts import oidc

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
]
