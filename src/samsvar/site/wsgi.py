"""The door for WSGI servers: `samsvar.site.wsgi:application`, with the page cache before Django."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")

from django.core.wsgi import get_wsgi_application

from samsvar.site.shell.cache import kept
from samsvar.site.trail.queries import LastingNumber

application = kept(get_wsgi_application(), number=LastingNumber())
