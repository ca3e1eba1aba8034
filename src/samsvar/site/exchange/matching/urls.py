"""URLs of matching."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.exchange.matching import views

urlpatterns: list[URLPattern] = [
    path("matches/", views.matches, name="matches"),
    path("countries/<slug:code>/destinations/", views.destinations, name="destinations"),
]
