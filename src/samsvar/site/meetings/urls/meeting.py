"""The meeting itself: what there is, its page, its countries, its documents: addresses."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
