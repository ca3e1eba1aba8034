"""URLs without a language prefix: the site's root, and well-known files."""

from __future__ import annotations

from django.urls import path

from samsvar.site.shell import views

urlpatterns = [
    path("", views.redirect_to_language),
    path("robots.txt", views.robots_txt),
    path(".well-known/security.txt", views.security_txt),
]
