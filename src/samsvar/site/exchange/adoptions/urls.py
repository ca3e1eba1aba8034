"""URLs of adoptions."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.exchange.adoptions import views

urlpatterns: list[URLPattern] = [
    path("adoptions/", views.adoptions, name="adoptions"),
    path("adoptions/<slug:public_id>/", views.adoption, name="adoption"),
    path("adoptions/<slug:public_id>/edit/", views.edit_adoption, name="edit-adoption"),
    path("adoptions/<slug:public_id>/status/", views.take_step, name="adoption-step"),
    path("adoptions/<slug:public_id>/confirm/", views.confirm_adoption, name="confirm-adoption"),
    path("practices/<slug:public_id>/adopt/", views.adopt_practice, name="adopt-practice"),
]
