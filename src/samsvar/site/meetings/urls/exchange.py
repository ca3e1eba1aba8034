"""Programmes taken in from other systems and given out to them: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import exchange as views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/manage/exchange/", views.manage_exchange, name="manage-exchange"),
    path("<slug:slug>/manage/exchange/take-in/", views.take_in, name="take-in"),
    path("<slug:slug>/manage/exchange/<str:form>", views.take_out, name="take-out"),
]
