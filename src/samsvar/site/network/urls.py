"""URLs of the network app: those of all its features, in one namespace."""

from __future__ import annotations

from samsvar.site.network.access import urls as access
from samsvar.site.network.accounts import urls as accounts
from samsvar.site.network.directory import urls as directory
from samsvar.site.network.drafts import urls as drafts
from samsvar.site.network.membership import urls as membership
from samsvar.site.network.messages import urls as messages
from samsvar.site.network.privacy import urls as privacy

app_name = "network"
urlpatterns = [
    *accounts.urlpatterns,
    *access.urlpatterns,
    *directory.urlpatterns,
    *membership.urlpatterns,
    *privacy.urlpatterns,
    *messages.urlpatterns,
    *drafts.urlpatterns,
]
