"""URLs of implementation, one module per feature."""

from __future__ import annotations

from samsvar.site.implementation.indicators import urls as indicators

app_name = "implementation"
urlpatterns = [*indicators.urlpatterns]
