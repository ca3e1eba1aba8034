"""URLs of implementation, which come before those of a country's page. Each feature lists its own."""

from __future__ import annotations

from django.urls import include, path

app_name = "implementation"
urlpatterns = [
    path("", include("samsvar.site.implementation.asks.urls")),
    path("", include("samsvar.site.implementation.measures.urls")),
    path("", include("samsvar.site.implementation.evidence.urls")),
    path("", include("samsvar.site.implementation.rooms.urls")),
    path("", include("samsvar.site.implementation.progress.urls")),
    path("", include("samsvar.site.implementation.imports.urls")),
    path("", include("samsvar.site.implementation.indicators.urls")),
    path("", include("samsvar.site.implementation.duties.urls")),
    path("", include("samsvar.site.implementation.digest.urls")),
    path("", include("samsvar.site.implementation.desk.urls")),
    path("", include("samsvar.site.implementation.reports.urls")),
]
