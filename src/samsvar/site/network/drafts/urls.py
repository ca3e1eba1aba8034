"""URL of the drafts of forms."""

from __future__ import annotations

from django.urls import path

from samsvar.site.network.drafts import views

urlpatterns = [path("account/drafts/", views.form_drafts, name="form-drafts")]
