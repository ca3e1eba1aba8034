"""URLs of the exchange of experience, under `exchange/`. Each feature lists its own."""

from __future__ import annotations

from django.urls import include, path

app_name = "exchange"
urlpatterns = [
    path("", include("samsvar.site.exchange.practices.urls")),
    path("", include("samsvar.site.exchange.requests.urls")),
    path("", include("samsvar.site.exchange.adoptions.urls")),
    path("", include("samsvar.site.exchange.matching.urls")),
    path("", include("samsvar.site.exchange.introductions.urls")),
    path("", include("samsvar.site.exchange.achievements.urls")),
]
