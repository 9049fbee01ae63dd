"""A query that is asked all the time: Django builds it once, and PostgreSQL plans it once for each connection.

Invariant: it finds what the queryset that it was built from would find.

Building the SQL of a small read is more work for Django than all the rest of it, and planning it half of PostgreSQL's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db import NotSupportedError, connection, models

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Built(Generic[Row]):
    """The SQL, whose values its parameters are, the names of its columns, and by place what turns them into values."""

    sql: str
    order: tuple[str, ...]
    model: type[Row]
    names: tuple[str, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]


class Prepared(Generic[Row]):
    """`build` makes the queryset from values that stand in for those that are given later, under the same names.

    A stand-in is unlike the other ones and unlike every constant of the query.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]], **stand_ins: Any) -> None:
        self._build, self._stand_ins = build, stand_ins

    def first(self, **values: Any) -> Row | None:
        """Return a row that is found, None when there is none."""
        built = self._built
        row = _asked(built.sql, [values[name] for name in built.order])
        if row is None:
            return None
        for place, converters, column in built.converters:
            for convert in converters:
                row[place] = convert(row[place], column, connection)
        return built.model.from_db(connection.alias, built.names, row)

    @cached_property
    def _built(self) -> _Built[Row]:
        query = self._build(**self._stand_ins).order_by()[:1].query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {stand_in: name for name, stand_in in self._stand_ins.items()}
        columns = [column for column, _, _ in compiler.select or ()]
        return _Built(
            sql=sql,
            order=tuple(names[parameter] for parameter in parameters),
            model=cast(type[Row], query.model),
            names=tuple(column.target.attname for column in columns),
            converters=tuple((place, *found) for place, found in compiler.get_converters(columns).items()),
        )


def _asked(sql: str, parameters: list[Any]) -> list[Any] | None:
    if connection.in_atomic_block:  # which an outdated plan would break
        return _row(connection.cursor(), sql, parameters)
    try:
        return _row(connection.prepared_cursor(), sql, parameters)  # type: ignore[attr-defined]  # of config.postgres
    except NotSupportedError:  # a migration has changed a column since it was planned
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        return _row(connection.cursor(), sql, parameters)


def _row(cursor: Any, sql: str, parameters: list[Any]) -> list[Any] | None:
    with cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchone()
    return None if found is None else list(found)
