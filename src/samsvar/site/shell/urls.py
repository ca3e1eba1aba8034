"""Addresses of the shell that have a language: in and out."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from samsvar.site.shell import views

app_name = "shell"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
