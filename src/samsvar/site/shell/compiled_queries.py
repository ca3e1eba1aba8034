"""Questions of every request, whose SQL is made once: making it takes Django longer than the database takes to answer.

What is asked stays a query of Django's, written once; only the values that it is asked with are put in later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import QuerySet

# stand in the places of values while the SQL is made; no value of ours is one of them
MARKS: dict[type, Any] = {
    int: 9_000_000_000_000_001,
    str: "the place of a value",
    datetime: datetime(9998, 7, 6, 5, 4, 3, 21, tzinfo=UTC),
    date: date(9997, 6, 5),
}


class Prepared:
    """A query over values of these kinds, each once: `Prepared(lambda pk, now: Row.objects.filter(…), int, datetime)`.

    It ends in `values_list`. The same SQL must hold for all values: none may be None, nor decide what conditions there
    are. Raises `TypeError` where a value stands nowhere in the SQL.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], *kinds: type) -> None:
        self.query, self.kinds = query, kinds

    def ask(self, *values: Any) -> list[tuple[Any, ...]]:
        """The rows, as `values_list` gives them."""
        alias, sql, places, compiler = self._made
        connection = connections[alias]
        given = [_adapted(connection, value) for value in values]
        with connection.cursor() as cursor:
            cursor.execute(sql, [given[place.number] if isinstance(place, _Place) else place for place in places])
            rows = cursor.fetchall()
        return list(compiler.results_iter([rows], tuple_expected=True))

    @cached_property
    def _made(self) -> tuple[str, str, tuple[Any, ...], Any]:
        marks = [MARKS[kind] for kind in self.kinds]
        asked = self.query(*marks)
        compiler = asked.query.get_compiler(asked.db)
        sql, parameters = compiler.as_sql()
        adapted = [_adapted(compiler.connection, mark) for mark in marks]
        places = tuple(_Place(adapted.index(one)) if one in adapted else one for one in parameters)
        if {place.number for place in places if isinstance(place, _Place)} != set(range(len(marks))):
            raise TypeError(f"a value stands nowhere in {sql}")
        return asked.db, sql, places, compiler


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the value of this number stands."""

    number: int


def _adapted(connection: Any, value: Any) -> Any:
    """A value as this database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
