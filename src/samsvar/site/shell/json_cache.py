"""Django's cache in the database, with values as JSON.

Django's own backend stores pickles: anyone who can write the table could run code in the site. It also takes a database
that cannot be written for a lock that is held, so that a full disk answered “too many requests”.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

WRITES_PER_COUNT = 100  # the table is counted, and expired rows are deleted, once in so many writes


class JsonDatabaseCache(DatabaseCache):
    """A cache for values that JSON can express; database errors are raised, and anything but JSON is not found."""

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        keys_by_stored = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not keys_by_stored:
            return {}
        connection = connections[router.db_for_read(self.cache_model_class)]
        places = ", ".join(["%s"] * len(keys_by_stored))
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT cache_key, value FROM {self._quoted_table(connection)} "
                f"WHERE expires > %s AND cache_key IN ({places})",
                [now, *keys_by_stored],
            )
            stored = cursor.fetchall()
        values = {}
        for key, text in stored:
            try:
                values[keys_by_stored[key]] = json.loads(text)
            except ValueError:
                continue
        return values

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = self._quoted_table(connection)
        seconds = self.get_backend_timeout(timeout)
        expires = datetime.max.replace(tzinfo=UTC) if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
        parameters = {
            "key": key,
            "value": json.dumps(value),
            "expires": connection.ops.adapt_datetimefield_value(expires),
            "now": connection.ops.adapt_datetimefield_value(timezone.now()),
        }
        if mode == "touch":
            statement = f"UPDATE {table} SET expires = %(expires)s WHERE cache_key = %(key)s AND expires > %(now)s"
        else:
            statement = (
                f"INSERT INTO {table} AS stored (cache_key, value, expires) VALUES (%(key)s, %(value)s, %(expires)s) "
                "ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
            ) + (" WHERE stored.expires <= %(now)s" if mode == "add" else "")
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            is_stored = cursor.rowcount > 0
            if secrets.randbelow(WRITES_PER_COUNT) == 0:
                cursor.execute(f"SELECT count(*) FROM {table}")
                (count,) = cursor.fetchone()
                if count > self._max_entries:
                    self._cull(  # type: ignore[attr-defined]
                        connection.alias, cursor, timezone.now(), count
                    )
        return is_stored

    def _quoted_table(self, connection: Any) -> str:
        return str(connection.ops.quote_name(self._table))  # type: ignore[attr-defined]
