"""URLs of the pages that combine several apps."""

from __future__ import annotations

from django.urls import path

from samsvar.site.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("map/", views.status_map, name="map"),
    path("countries/", views.countries, name="countries"),
    path("countries/<slug:code>/", views.country, name="country"),
    path("countries/<slug:code>/<slug:tab>/", views.country, name="country-tab"),
    path("articles/", views.articles, name="articles"),
    path("articles/<int:number>/", views.article, name="article"),
    path("articles/<int:number>/countries/", views.article_countries, name="article-countries"),
    path("matrix/", views.matrix, name="matrix"),
    path("compare/", views.compare, name="compare"),
    path("about-the-data/", views.about_data, name="about-data"),
]
