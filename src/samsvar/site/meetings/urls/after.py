"""Outcomes, commitments, the survey and the report: addresses."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
