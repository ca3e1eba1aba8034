"""Addresses of: networks, organisations, members, the directory, one's own entry."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
