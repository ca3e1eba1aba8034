"""URLs of the call for contributions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.contributions import views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/contributions/", views.call, name="call"),
    path("<slug:slug>/contributions/offer/", views.offer, name="offer"),
    path("<slug:slug>/contributions/offer/<str:token>/", views.offer_by_link, name="offer-by-link"),
    path("<slug:slug>/mine/contributions/<slug:public_id>/", views.my_contribution, name="my-contribution"),
    path("<slug:slug>/review/", views.review_list, name="review-contributions"),
    path("<slug:slug>/review/<slug:public_id>/", views.review, name="review-contribution"),
    path("<slug:slug>/manage/contributions/", views.manage_contributions, name="manage-contributions"),
    path("<slug:slug>/manage/contributions/<slug:public_id>/", views.decide, name="decide-contribution"),
]
