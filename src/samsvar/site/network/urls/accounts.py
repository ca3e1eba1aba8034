"""Addresses of: own account, invitations, the demonstration's outbox."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
