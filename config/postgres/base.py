"""A pool of connections that is well again as soon as its database is.

Invariant: while PostgreSQL is away it is asked again every `AGAIN` seconds, however long that lasts; nobody is given a
connection from before its crash.

Left alone, psycopg's pool (3.3) doubles the wait before each attempt, so that after ten seconds away it came back up to
eight too late; and a request met one dead connection after the other, with such a wait between them.
"""

import select
from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

AGAIN = 0.25  # s


class Attempt(AttemptWithBackoff):
    INITIAL_DELAY, DELAY_BACKOFF = AGAIN, 1.0


class SteadyPool(ConnectionPool[Connection[Any]]):
    def _add_connection(self, attempt: AttemptWithBackoff | None, growing: bool = False) -> None:  # noqa: FBT001, FBT002
        super()._add_connection(attempt or Attempt(timeout=self.reconnect_timeout), growing)

    def _check_connection(self, conn: Connection[Any]) -> None:
        """Look whether a connection lives. One that does not speaks for all that are as old.

        A server that ends says so, or its kernel does: a connection on which nothing came needs no round trip.
        """
        if not _has_news(conn):
            return
        try:
            super()._check_connection(conn)
        except Error:
            if conn._created_at > self._drained_at:  # noqa: SLF001 - the pool's own note on its connection
                self.drain()
            raise


def _has_news(conn: Connection[Any]) -> bool:
    look = select.poll()  # unlike select(), it takes a process that has thousands of sockets
    look.register(conn.fileno(), select.POLLIN)
    return bool(look.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    _connection_pools: ClassVar[dict[str, SteadyPool]]  # Django's own name

    @property
    def pool(self) -> SteadyPool | None:
        """Return the process's pool, made as Django makes its own."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            made = SteadyPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,  # type: ignore[attr-defined]  # its stubs are older
                check=SteadyPool.check_connection,
                **options,
            )
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools[self.alias]

    def prepared_cursor(self) -> Any:
        """Return a cursor whose queries PostgreSQL plans once, after some times; parameters never become text."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]  # its stubs know the mixin only
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined]
