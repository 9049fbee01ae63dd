"""Rows in numbers: as many people, logs, events and jobs as an app of some size has, made by PostgreSQL itself.

Invariant: it fills any column that it does not name, so that it outlives a migration; nobody's row is special.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

BLANK = {
    "ARRAY": "'{}'",
    "boolean": "false",
    "date": "'2026-03-02'",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
}
TEXT = ("text", "character varying")
# Of every person: how many rows, and what is not blank in them (u: the person's number, n: the row's).
EACH: Mapping[str, tuple[float, Mapping[str, str]]] = {
    "sessions": (2, {"id": "gen_random_uuid()", "rotated_at": "now() - n * interval '1 day'"}),
    "progress_logs": (100, {"date": "DATE '2026-03-02' - n", "weight": "70 + mod(n, 7)"}),
    "performed_sets": (20, {"date": "DATE '2026-03-02' - n / 4", "exercise_id": "'goblet_squat'", "reps": "8"}),
    "events": (20, {"seq": "n + 1", "type": "'plan.progress'"}),
    "meal_plans": (7, {"date": "DATE '2026-03-02' + n", "source": "'planner'"}),
    "meal_plan_versions": (7, {"date": "DATE '2026-03-02' + n", "version": "1", "source": "'planner'"}),
    "workout_plans": (7, {"date": "DATE '2026-03-02' + n", "source": "'planner'"}),
    "workout_plan_versions": (7, {"date": "DATE '2026-03-02' + n", "version": "1", "source": "'planner'"}),
    "plan_jobs": (3, {"id": "gen_random_uuid()", "kind": "'both'", "status": "'succeeded'", "days": "1 + n"}),
    "consents": (1, {"kind": "'health'", "version": "'1'", "given_at": "now()"}),
    "letters": (0.2, {"id": "gen_random_uuid()", "kind": "'verify_email'", "sent_at": "now()", "expires_at": "now()"}),
}
# Twice as fast without a look at `users` for each row; it takes a superuser, as the bench's and the tests' own are.
TRIGGERS = (
    "SELECT set_config('session_replication_role', '{}', false) FROM pg_roles WHERE rolname = current_user AND rolsuper"
)
BIG = frozenset({"users", *EACH})


class Cursor(Protocol):
    """Of Django or of psycopg."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...

    def fetchall(self) -> Any: ...


def fill(cursor: Cursor, people: int, *, most: float = 100, tables: Collection[str] = EACH.keys()) -> None:
    """Store so many people more, each with so many rows at most in each of the tables; gather statistics."""
    cursor.execute(TRIGGERS.format("replica"))
    cursor.execute("SELECT coalesce(max(id), 0) FROM users")
    first = int(cursor.fetchall()[0][0]) + 1
    named = {"id": "u", "email": "'bulk' || u || '@example.org'", "name": "'Bulk'", "is_active": "true"}
    insert(cursor, "users", named, f"generate_series({first}, {first + people - 1}) u")
    cursor.execute("SELECT setval(pg_get_serial_sequence('users', 'id'), max(id)) FROM users")
    for table, (count, values) in ((name, EACH[name]) for name in tables):
        rows = min(count, most)
        source = f"generate_series({first}, {first + max(1, round(people * min(1, rows))) - 1}) u, "
        last = max(1, round(rows)) - 1
        insert(cursor, table, {"user_id": "u", **values}, f"{source}generate_series(0, {last}) n")
    cursor.execute(TRIGGERS.format("origin"))
    cursor.execute("ANALYZE")


def insert(cursor: Cursor, table: str, values: Mapping[str, str], source: str) -> None:
    """Store a row for each of `source`; columns that `values` does not name, and that must have one, are blank."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'NO'"
        " AND column_default IS NULL AND is_identity = 'NO' AND table_schema = current_schema()",
        [table],
    )
    blank = {name: "''" if kind in TEXT else BLANK.get(kind, "0") for name, kind in cursor.fetchall()}
    filled = {**blank, **values}
    columns = ", ".join(f'"{name}"' for name in filled)
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {', '.join(filled.values())} FROM {source}")  # noqa: S608


def scanned(plan: str | list[Any]) -> list[str]:
    """Return the big tables that a plan (`EXPLAIN (FORMAT JSON)`) reads from one end to the other."""
    document = json.loads(plan) if isinstance(plan, str) else plan
    nodes = list(_nodes(document[0]["Plan"]))
    return [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)
