"""Addresses of: my data, erasure, retention, the record of processing, who saw whom."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
