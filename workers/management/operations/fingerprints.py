"""What a database holds, told in a few numbers: its tables with their rows and a hash.

Invariant: equal rows give equal fingerprints on every PostgreSQL, in whatever order they lie.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

# Text forms of values depend on these.
FORMS = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET bytea_output = hex"
WORD = 2**64
# The halves of each row's MD5, summed: a sum knows no order and takes no memory.
HASHES = """
SELECT count(*), coalesce(sum(('x' || left(h, 16))::bit(64)::bigint::numeric), 0),
       coalesce(sum(('x' || right(h, 16))::bit(64)::bigint::numeric), 0)
FROM (SELECT md5("one whole row"::text) AS h FROM {table} AS "one whole row") AS hashed
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A table's number of rows and the hash of their text."""

    rows: int
    hash: str


def tables(connection: Connection[Any]) -> list[str]:
    """Return the tables of the schema `public`."""
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in found]


def of(connection: Connection[Any]) -> dict[str, Fingerprint]:
    """Return the fingerprint of every table, as the connection's transaction sees it."""
    connection.execute(FORMS)
    return {name: _table(connection, name) for name in tables(connection)}


def _table(connection: Connection[Any], name: str) -> Fingerprint:
    question = sql.SQL(HASHES).format(table=sql.Identifier("public", name))
    [(rows, first, second)] = connection.execute(question).fetchall()
    return Fingerprint(rows, f"{int(first) % WORD:016x}{int(second) % WORD:016x}")
