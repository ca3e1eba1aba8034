"""Addresses of: staff sessions, roles, refusals, the trail."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
