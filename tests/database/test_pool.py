"""The pool after a crash of its database: it asks steadily, and gives nobody a connection that is dead."""

import secrets
import select
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.postgres.base import AGAIN, Attempt, SteadyPool

SIZE = 5


@pytest.fixture
def pool() -> Iterator[SteadyPool]:
    """A full pool of connections that have a name of their own."""
    name = f"pool-{secrets.token_hex(4)}"
    kwargs = {"application_name": name, "autocommit": True}
    url = str(settings.DATABASES["default"]["NAME"])
    info = psycopg.conninfo.make_conninfo("", **{**_address(), "dbname": url})
    with SteadyPool(
        info, kwargs=kwargs, min_size=SIZE, max_size=SIZE, timeout=20, check=SteadyPool.check_connection, name=name
    ) as made:
        made.wait()
        yield made


def _address() -> dict[str, str]:
    given = connection.settings_dict
    return {"host": given["HOST"], "port": str(given["PORT"]), "user": given["USER"], "password": given["PASSWORD"]}


def end_all(pool: SteadyPool) -> None:
    """End the server's side of every connection; return when each has heard of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [pool.name]
        )
        assert len(cursor.fetchall()) == SIZE
    for one in pool._pool:  # noqa: SLF001 - those that wait to be given
        look = select.poll()
        look.register(one.fileno(), select.POLLIN)
        assert look.poll(20_000)


def test_the_waits_before_a_new_attempt_do_not_grow() -> None:
    attempt = Attempt(timeout=300)
    waits = []

    for second in range(10):
        attempt.update_delay(float(second))
        waits.append(attempt.delay)

    assert max(waits) <= 1.2 * AGAIN


def test_one_dead_connection_speaks_for_all_that_are_as_old(db: None, pool: SteadyPool) -> None:
    end_all(pool)

    given = [pool.getconn() for _ in range(SIZE)]
    answers = [one.execute("SELECT 1").fetchone() for one in given]
    for one in given:
        pool.putconn(one)

    assert answers == [(1,)] * SIZE
    assert pool.get_stats()["connections_lost"] == 1


def test_the_product_uses_this_pool(db: None) -> None:
    assert isinstance(connection.pool, SteadyPool)  # type: ignore[attr-defined]  # of Django's PostgreSQL backend
