"""URL patterns of the implementation app, collected from its features in one namespace."""

from __future__ import annotations

from samsvar.site.implementation.imports import urls as imports

app_name = "implementation"
urlpatterns = [
    *imports.urlpatterns,
]
