"""The door for WSGI servers: `samsvar.site.wsgi:application`, with the page cache before Django."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")
_django = get_wsgi_application()

from samsvar.site.audit.queries import LastingNumber  # noqa: E402
from samsvar.site.shell.cache import kept  # noqa: E402 - both need Django's settings and models

application = kept(_django, number=LastingNumber())
