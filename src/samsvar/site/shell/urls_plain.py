"""Addresses without a language: the front door, and what machines ask for by name."""

from __future__ import annotations

from django.urls import path

from samsvar.site.shell import views

urlpatterns = [
    path("", views.front_door),
    path("robots.txt", views.robots),
    path(".well-known/security.txt", views.security_txt),
]
