"""URLs of the call for contributions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.contributions import views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/contributions/", views.show_call, name="call"),
    path("<slug:slug>/contributions/submit/", views.submit_contribution, name="submit-contribution"),
    path("<slug:slug>/contributions/submit/<str:token>/", views.submit_by_link, name="submit-by-link"),
    path("<slug:slug>/mine/contributions/<slug:public_id>/", views.my_contribution, name="my-contribution"),
    path("<slug:slug>/review/", views.review_list, name="review-contributions"),
    path("<slug:slug>/review/<slug:public_id>/", views.review_contribution, name="review-contribution"),
    path("<slug:slug>/manage/contributions/", views.manage_contributions, name="manage-contributions"),
    path("<slug:slug>/manage/contributions/<slug:public_id>/", views.decide_contribution, name="decide-contribution"),
]
