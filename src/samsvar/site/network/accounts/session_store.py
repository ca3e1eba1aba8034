"""Django's sessions in the database, read by a query that is compiled once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from samsvar.site.shell.compiled_queries import CompiledQuery


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        """Return what the session holds; if there is no such session or it has ended, forget its key."""
        rows = _SESSION_QUERY.fetch_rows(self.session_key, timezone.now())
        if not rows:
            self._session_key = None
            return {}
        return dict(self.decode(rows[0][0]))


# The model cannot be imported yet: Django loads this module together with it.
_SESSION_QUERY = CompiledQuery(
    lambda key, now: (
        SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now).values_list("session_data")
    ),
    str,
    datetime,
)
