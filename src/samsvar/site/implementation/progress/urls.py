"""URLs of what is done about findings."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.progress import views

urlpatterns = [path("findings/<slug:public_id>/story/", views.story, name="story")]
