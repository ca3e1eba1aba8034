"""URLs of the duties of a state."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.duties import views

urlpatterns = [
    path("countries/<slug:code>/duties/", views.duties, name="duties"),
    path("countries/<slug:code>/duties.ics", views.calendar, name="duties-calendar"),
    path("countries/<slug:code>/duties/<slug:procedure>/<slug:kind>/", views.record_duty, name="record-duty"),
    path("countries/<slug:code>/duties/<slug:procedure>/<slug:kind>/remove/", views.remove_duty, name="remove-duty"),
]
