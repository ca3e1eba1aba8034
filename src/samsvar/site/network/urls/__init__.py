"""Every address of the network, in one namespace; each room of it keeps its own list."""

from __future__ import annotations

from samsvar.site.network.urls import accounts, asks, directory, privacy, rights

app_name = "network"
urlpatterns = [
    *accounts.urlpatterns,
    *rights.urlpatterns,
    *directory.urlpatterns,
    *privacy.urlpatterns,
    *asks.urlpatterns,
]
