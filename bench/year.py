"""What a person leaves behind in a year: a week's plan of their own, made by the product, repeated for every week.

Invariant: rows are as the product wrote them, but for dates and numbers; what it removes again is not there.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from bench import bulk

WEEKS, DAYS = 52, 364
DAY = dt.date(2026, 3, 2)
REPEATED: Mapping[str, Mapping[str, str]] = {
    "meal_plans": {"date": "date + 7 * week"},
    "meal_plan_versions": {"date": "date + 7 * week"},
    "workout_plans": {"date": "date + 7 * week"},
    "workout_plan_versions": {"date": "date + 7 * week"},
    "plan_jobs": {"id": "gen_random_uuid()", "start_date": "start_date + 7 * week"},
}
TABLES = ("users", "sessions", "consents", *REPEATED, "progress_logs", "performed_sets", "events")


def live(database: psycopg.Connection[Any], people: Sequence[int], *, days: int, sets: int, events: int) -> None:
    """Give `people`, who have a week's plan, the rest of a year: a log on so many days, with so many sets each.

    `events` are those of the days for which events are kept.
    """
    chosen = f"unnest(ARRAY{list(people)}) u"
    for table, changed in REPEATED.items():
        _repeat(database, table, changed, people)
    cursor = database.cursor()
    day = f"DATE '{DAY}' - n * {DAYS // days}"
    log = {"date": day, "weight": "70 + mod(n, 7)", "calories_consumed": "1900", "complete": "true"}
    done = {"date": day, "exercise_id": "'goblet_squat'", "reps": "8", "load": "20", "rir": "2"}
    told = {"seq": "1000 + n", "type": "'progress.logged'", "data": f'\'{{"date": "{DAY}"}}\''}
    rows = {"progress_logs": (log, days), "events": (told, events), "consents": ({"kind": "'health'"}, 1)}
    for table, (values, count) in rows.items():
        bulk.insert(cursor, table, {"user_id": "u", **values}, f"{chosen}, generate_series(1, {count}) n")
    source = f"{chosen}, generate_series(1, {days}) n, generate_series(1, {sets})"
    bulk.insert(cursor, "performed_sets", {"user_id": "u", **done}, source)


def _repeat(database: psycopg.Connection[Any], table: str, changed: Mapping[str, str], people: Sequence[int]) -> None:
    """Copy what these people have in a table to every further week."""
    found = database.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'"
        " AND table_schema = current_schema()",
        [table],
    )
    columns = {name: changed.get(name, f'"{name}"') for (name,) in found.fetchall()}
    database.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM {} source, generate_series(1, %s) week WHERE user_id = ANY(%s)"
        ).format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ".join(columns.values())),
            sql.Identifier(table),
        ),
        [WEEKS - 1, list(people)],
    )


def sizes(database: psycopg.Connection[Any]) -> dict[str, float]:
    """Return the bytes of each table with its indexes and what lies beside it."""
    database.execute("VACUUM (ANALYZE)")
    found = database.execute(
        "SELECT name, pg_total_relation_size(name::regclass) FROM unnest(%s::text[]) name", [list(TABLES)]
    )
    return {str(name): float(size) for name, size in found.fetchall()}
