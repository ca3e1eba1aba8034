"""URLs for plans, measures and regions."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.measures import views

urlpatterns = [
    path("countries/<slug:code>/measures/", views.measures, name="measures"),
    path("measures/<slug:public_id>/", views.measure, name="measure"),
]
