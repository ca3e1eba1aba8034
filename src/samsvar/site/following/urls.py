"""URLs of following: its pages, the end of the digest by link, and the feeds."""

from __future__ import annotations

from django.urls import path

from samsvar.site.following import views

app_name = "following"
urlpatterns = [
    path("follow/search/", views.follow_search, name="follow-search"),
    path("follow/<slug:kind>/<slug:public_id>/", views.follow, name="follow"),
    path("account/following/", views.following, name="list"),
    path("account/following/stop/", views.stop_following_everything, name="stop-all"),
    path("account/following/<int:pk>/", views.change_follow, name="change"),
    path("account/following/<int:pk>/stop/", views.stop_following, name="stop"),
    path("digest/<str:token>/end/", views.end_digest, name="end-digest"),
    path("feeds/<slug:kind>/<slug:public_id>/", views.feed, name="feed"),
]
