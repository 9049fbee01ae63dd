"""Two databases: what may be late is read from the copy, all else from the primary."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from config.embedded import ROOT, Servers
from tests import product

PRIMARY, COPY = "of the primary", "of the copy"
ASK = """
import json, django
django.setup()
from django.db import connections, transaction
from config import replicas
from mealplans.models import Food
name = lambda: Food.objects.values_list("name", flat=True).get(pk="a")
found = {"usually": name()}
with replicas.may_be_late():
    found["late"] = name()
    with transaction.atomic():
        found["in a transaction"] = name()
    Food.objects.filter(pk="a").update(name="written")
    found["late after a write"] = name()
found["after a write"] = name()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def databases(worker_id: str) -> Iterator[dict[str, str]]:
    """Make two databases of the same tables that differ in one food."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        urls = []
        for name in (PRIMARY, COPY):
            urls.append(product.empty_database(servers.environment["DATABASE_URL"], "replica", cleanup))
            with psycopg.connect(urls[-1], autocommit=True) as connection:
                connection.execute("CREATE TABLE foods (slug text PRIMARY KEY, name text)")
                connection.execute("INSERT INTO foods VALUES ('a', %s)", [name])
        yield {
            **product.environment(),
            "REDIS_URL": servers.environment["REDIS_URL"],
            "DATABASE_URL": urls[0],
            "DATABASE_REPLICA_URL": urls[1],
        }


def asked(environment: dict[str, str]) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def test_only_what_may_be_late_is_read_from_the_copy(databases: dict[str, str]) -> None:
    assert asked(databases) == {
        "usually": PRIMARY,
        "late": COPY,
        "in a transaction": PRIMARY,
        "late after a write": COPY,
        "after a write": "written",
    }


def test_without_a_copy_the_primary_answers_everything(databases: dict[str, str]) -> None:
    found = asked({**databases, "DATABASE_REPLICA_URL": ""})

    assert set(found.values()) == {"written"}
