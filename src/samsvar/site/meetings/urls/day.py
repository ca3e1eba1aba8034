"""The days of the meeting: check-in, badges, schedules, one-to-one meetings: addresses."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
