"""URLs of implementation, one module per feature."""

from __future__ import annotations

from samsvar.site.implementation.reports import urls as reports

app_name = "implementation"
urlpatterns = [*reports.urlpatterns]
