"""The door for WSGI servers: `samsvar.site.wsgi:application`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samsvar.site.settings.production")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the settings module has to be named first

application = get_wsgi_application()
