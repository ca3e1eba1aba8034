"""WSGI entry point: `samsvar.site.wsgi:application`, with the page cache in front of Django."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - as below

from samsvar.site.audit.queries import ChangeNumberReader  # noqa: E402
from samsvar.site.shell.cache import wrap_in_page_cache  # noqa: E402 - both need Django's settings and models
from samsvar.site.shell.wal_check import warn_of_lost_transactions  # noqa: E402

warn_of_lost_transactions(settings.DATABASES["default"])  # before the database is opened

application = wrap_in_page_cache(django_application, change_number=ChangeNumberReader())
