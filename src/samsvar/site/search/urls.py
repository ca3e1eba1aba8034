"""URLs of the search page, its downloads and its feed."""

from __future__ import annotations

from django.urls import path

from samsvar.site.search import views

app_name = "search"
urlpatterns = [
    path("", views.search, name="search"),
    path("results.atom", views.feed, name="feed"),
    path("results.<slug:form>", views.export, name="export"),
]
