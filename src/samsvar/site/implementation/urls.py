"""URLs of measures and of a state's desk. Each feature lists its own."""

from __future__ import annotations

from django.urls import include, path

app_name = "implementation"
urlpatterns = [
    path("", include("samsvar.site.implementation.asks.urls")),
]
