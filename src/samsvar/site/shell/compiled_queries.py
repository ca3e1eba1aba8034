"""Querysets that are compiled to SQL only once, because compiling a query takes longer than running it.

The query remains an ordinary Django queryset; only its values are inserted later. For the five queries in every request
of a signed-in reader, this saves 3.3 ms; the pages take 7 to 30 ms (SQLite, 2026-11-27).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet

# placeholders while the SQL is compiled; no real value equals one of them
PLACEHOLDERS: dict[type, Any] = {
    int: 9_000_000_000_000_001,
    str: "the place of a value",
    datetime: datetime(9998, 7, 6, 5, 4, 3, 21, tzinfo=UTC),
    date: date(9997, 6, 5),
}


class CompiledQuery:
    """A query with parameters of the given types; each type may occur only once.

    For example `CompiledQuery(lambda pk, now: Row.objects.filter(…), int, datetime)`. The queryset must end in
    `values_list`. The same SQL must be valid for all values, so no value may be None or change the conditions. Raises
    `TypeError` if a value does not appear in the SQL.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], *types: type) -> None:
        self.build_queryset, self.types = query, types

    def fetch_rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Run the query and return its rows, as `values_list` does."""
        alias, sql, parameters, compiler, converters = self._compiled_sql
        connection = connections[alias]
        adapted_values = [_adapt_value(connection, value) for value in values]
        with connection.cursor() as cursor:
            given = [adapted_values[one.number] if isinstance(one, _Parameter) else one for one in parameters]
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        if not converters:
            return rows
        # as `compiler.results_iter`, which looks for the converters each time
        return [tuple(row) for row in compiler.apply_converters(rows, converters)]

    @cached_property
    def _compiled_sql(self) -> tuple[str, str, tuple[Any, ...], Any, Any]:
        placeholders = [PLACEHOLDERS[type_] for type_ in self.types]
        queryset = self.build_queryset(*placeholders)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, sql_parameters = compiler.as_sql()
        adapted = [_adapt_value(compiler.connection, placeholder) for placeholder in placeholders]
        parameters = tuple(_Parameter(adapted.index(value)) if value in adapted else value for value in sql_parameters)
        found_numbers = {parameter.number for parameter in parameters if isinstance(parameter, _Parameter)}
        if found_numbers != set(range(len(placeholders))):
            raise TypeError(f"a value is not used in {sql}")
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        return queryset.db, sql, parameters, compiler, converters


class CompiledModelQuery[Instance: Model]:
    """A compiled query for instances of a model. Its queryset ends in no `values_list` and follows no foreign keys."""

    def __init__(self, query: Callable[..., QuerySet[Instance]], *types: type) -> None:
        self.build_queryset, self.types = query, types

    def fetch_first(self, *values: Any) -> Instance | None:
        """Run the query and return its first instance, or None if it finds nothing."""
        rows = self._rows_query.fetch_rows(*values)
        model, columns, alias = self._target
        return model.from_db(alias, columns, rows[0]) if rows else None

    @cached_property
    def _rows_query(self) -> CompiledQuery:
        return CompiledQuery(lambda *values: self.build_queryset(*values).values_list(*self._target[1]), *self.types)

    @cached_property
    def _target(self) -> tuple[type[Instance], list[str], str]:
        """Return the model, the names of its columns, and the database."""
        queryset = self.build_queryset(*(PLACEHOLDERS[type_] for type_ in self.types))
        return queryset.model, [field.attname for field in queryset.model._meta.concrete_fields], queryset.db


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A placeholder among the SQL parameters, with the index of its value."""

    number: int


def _adapt_value(connection: Any, value: Any) -> Any:
    """Return the value as the database adapter expects it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
