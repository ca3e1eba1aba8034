"""All URLs of the site: pages under a language prefix, and a few URLs without one."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

handler500 = "samsvar.site.shell.views.server_error"

urlpatterns = [
    path("", include("samsvar.site.shell.urls_plain")),  # `/`, robots.txt, page images and files: no language prefix
    path("", include("samsvar.site.monitoring.urls_plain")),
    path("", include("samsvar.site.network.accounts.urls_plain")),
    *i18n_patterns(
        path("", include("samsvar.site.implementation.urls")),  # before `countries/<code>/<tab>/`
        path("", include("samsvar.site.following.urls")),
        path("", include("samsvar.site.pages.urls")),
        path("", include("samsvar.site.monitoring.urls")),
        path("exchange/", include("samsvar.site.exchange.urls")),
        path("meetings/", include("samsvar.site.meetings.urls")),
        path("funding/", include("samsvar.site.funding.urls")),
        path("thesaurus/", include("samsvar.site.thesaurus.urls")),
        path("search/", include("samsvar.site.search.urls")),
        path("", include("samsvar.site.network.accounts.urls_allauth")),
        path("", include("samsvar.site.network.urls")),
        prefix_default_language=True,
    ),
]
