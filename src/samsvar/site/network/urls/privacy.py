"""Addresses of: my data, erasure, retention, the record of processing, the privacy notice."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from samsvar.site.network.views import privacy

urlpatterns: list[URLPattern | URLResolver] = [
    path("privacy/", privacy.notice, name="privacy"),
    path("privacy/processing/", privacy.processing, name="processing"),
    path("account/my-data/", privacy.my_data, name="my-data"),
    path("account/erase/", privacy.erase_me, name="erase-me"),
    path("account/erased/", privacy.erased, name="erased"),
    path("staff/erasure/", privacy.erase_people, name="erase-people"),
    path("staff/erasure/<slug:public_id>/", privacy.erase_person, name="erase-person"),
    path("staff/retention/", privacy.retention, name="retention"),
]
