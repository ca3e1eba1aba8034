"""The door for WSGI servers: `samsvar.site.wsgi:application`, with the page cache before Django."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the settings module has to be named first

from samsvar.site.shell.cache import kept  # noqa: E402
from samsvar.site.trail.queries import LastingNumber  # noqa: E402

application = kept(get_wsgi_application(), number=LastingNumber())
