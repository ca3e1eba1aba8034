"""URLs of what the network achieved."""

from __future__ import annotations

from django.urls import path

from samsvar.site.exchange.achievements import views

urlpatterns = [
    path("achievements/", views.achievements, name="achievements"),
    path("achievements/<slug:kind>/", views.entries, name="achievement"),
]
