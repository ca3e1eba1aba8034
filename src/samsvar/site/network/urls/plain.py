"""Addresses without a language: where an OpenID Connect provider sends people back to."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path

from samsvar.site.shell.doors import open_to_all

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", open_to_all(oidc.login), name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", open_to_all(oidc.callback), name="openid_connect_callback"),
]
