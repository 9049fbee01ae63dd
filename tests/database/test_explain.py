"""Every query of the API and of the clock finds its rows by an index, also among many people's.

Invariant: what is explained are the queries that were really made. `manage.py bench explain` does the same among
100,000 people and 10,000,000 logs.
"""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench import bulk
from tests.conftest import Api
from tests.database.test_queries import requests, stored
from users import sessions
from users.models import User
from workers import clock

__all__ = ["stored"]
PEOPLE = int(os.environ.get("EXPLAIN_PEOPLE") or 2_000)  # `manage.py bench explain` asks for 100,000
READS = ("SELECT", "UPDATE", "DELETE")


def explained(queries: CaptureQueriesContext) -> dict[str, list[str]]:
    """Return the queries that read a big table as a whole, each with these tables."""
    found = {}
    for query in queries.captured_queries:
        if query["sql"].startswith(READS):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"])
                (plan,) = cursor.fetchone()
            if tables := bulk.scanned(plan):
                found[query["sql"]] = tables
    return found


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Store many people for the tests of this module."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        bulk.fill(cursor, PEOPLE)
        yield
        cursor.execute("TRUNCATE users CASCADE")
        cursor.execute("RESET statement_timeout")


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("stored", [2], indirect=True)
def test_no_request_reads_a_big_table_from_one_end_to_the_other(
    stored: Callable[[], None], as_owner: Api, owner: User
) -> None:
    found: dict[str, Any] = {}
    for operation, (path, body) in requests(owner, as_owner).items():
        stored()
        ContentType.objects.clear_cache()
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                as_owner.request(operation.split(" ")[0], f"/api/v1{path}", body)
            found |= {f"{operation}: {sql}": tables for sql, tables in explained(queries).items()}
            transaction.set_rollback(True)

    assert not found, json.dumps(found, indent=1)


@pytest.mark.usefixtures("crowd", "db")
@pytest.mark.parametrize("look", [clock.tick, clock.send_again, clock.expire_overdue, sessions.prune])
def test_no_look_of_the_clock_does_either(look: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as queries:
        look()

    assert not (found := explained(queries)), json.dumps(found, indent=1)


@pytest.mark.usefixtures("crowd", "db")
def test_a_query_without_an_index_would_be_found() -> None:
    with CaptureQueriesContext(connection) as queries:
        list(User.objects.filter(name="Nobody"))

    assert list(explained(queries).values()) == [["users"]]
