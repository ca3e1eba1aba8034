"""URLs of the thesaurus."""

from __future__ import annotations

from django.urls import path

from samsvar.site.thesaurus import views

app_name = "thesaurus"
urlpatterns = [
    path("", views.thesaurus, name="thesaurus"),
    path("samsvar.<slug:form>", views.download, name="download"),
    path("<slug:concept>/", views.concept, name="concept"),
]
