"""URLs of letters and certificates."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.letters import views

urlpatterns: list[URLPattern] = [
    path("letters/<str:code>/", views.check_letter, name="letter"),
    path("<slug:slug>/manage/day/letters/", views.manage_letters, name="manage-letters"),
    path("<slug:slug>/manage/day/letters/<str:code>/revoke/", views.revoke_letter, name="revoke-letter"),
    path("<slug:slug>/manage/day/badges/", views.badges, name="badges"),
    path("<slug:slug>/manage/day/photographs/", views.photographer_sheet, name="photographs"),
    path("<slug:slug>/mine/letters/", views.own_letters, name="my-letters"),
]
