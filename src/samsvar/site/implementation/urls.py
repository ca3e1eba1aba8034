"""URLs of implementation."""

from __future__ import annotations

from samsvar.site.implementation.asks import urls as asks

app_name = "implementation"
urlpatterns = [*asks.urlpatterns]
