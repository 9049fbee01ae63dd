"""`manage.py bench growth`: what a read costs among 100 and among 1,000,000 people, and what a person takes of memory.

Invariant: the same people are asked for at every size; only how many others there are changes.
"""

import statistics
from pathlib import Path

import redis

from bench import bulk, contenders, load, reads
from bench.report import Section
from bench.stage import NOWHERE, Server, Stage, open_stage

COLUMNS = ("people", "no cache: CPU µs", "p50 ms", "cached: CPU µs", "p50 ms", "PostgreSQL, MiB")
TABLES = ("sessions", "meal_plans", "events", "progress_logs")


def measure(*, small: bool) -> list[Section]:
    """Grow the tables tenfold step by step."""
    sizes = (100, 1_000) if small else (100, 1_000, 10_000, 100_000, 1_000_000)
    rows, costs = [], {"no cache": list[float](), "cached": list[float]()}
    with open_stage() as stage:
        told = stage.seed(users=100, dates=1)
        off = contenders.product("uvicorn", "no cache", CACHE_URL=NOWHERE)
        cached = contenders.product("uvicorn", "cached")
        servers = [stage.serve(one.name, one.command, **one.more) for one in (off, cached)]
        reads.warm(servers, told)
        for before, size in zip((100, *sizes), sizes, strict=False):
            with stage.database() as database:
                if size > before:
                    bulk.fill(database.cursor(), size - before, most=1, tables=TABLES)
                database.execute("CHECKPOINT")
            found = _asked(servers, Path(told["hot"]), 1 if small else 3, 2 if small else 3)
            for name, readings in found.items():
                costs[name].append(statistics.median(one.cpu for one in readings))
            figures = [
                (statistics.median(r.cpu for r in rs), statistics.median(r.p50 for r in rs)) for rs in found.values()
            ]
            rows.append(
                (f"{size:,}", *(text for cpu, p50 in figures for text in (f"{cpu:,.0f}", f"{p50:.2f}")), _mib(stage))
            )
        notes = [_flat(name, values) for name, values in costs.items()] + _per_person(stage, sizes[-1])
    return [Section("growth", "Growth", COLUMNS, rows, notes)]


def _asked(servers: list[Server], requests: Path, times: int, seconds: int) -> dict[str, list[load.Reading]]:
    found: dict[str, list[load.Reading]] = {server.name: [] for server in servers}
    for _ in range(times):
        for server in servers:
            found[server.name].append(load.measure(server, requests, seconds=seconds))
    return found


def _flat(name: str, costs: list[float]) -> str:
    """Say how much more a read costs among the most people than among a thousand."""
    more = costs[-1] / costs[min(1, len(costs) - 2)] - 1
    said = "met" if more <= 0.1 else "MISSED"
    return f"{said}: {name}, a read among the most costs {more:+.0%} of one among 1,000 (bar: +10 %)"


def _mib(stage: Stage) -> str:
    with stage.database() as database:
        found = database.execute("SELECT pg_database_size(current_database()) / 1024.0 / 1024").fetchone()
    return f"{float(found[0]):,.0f}" if found else ""


def _per_person(stage: Stage, people: int) -> list[str]:
    """Return what one person takes of PostgreSQL, by table, and of Redis."""
    with stage.database() as database:
        sizes = {
            table: database.execute("SELECT pg_total_relation_size(%s)::float", [table]).fetchone()
            for table in ("users", *TABLES)
        }
        plan = database.execute(
            "SELECT avg(pg_column_size(meals) + pg_column_size(certificate)) FROM meal_plans WHERE user_id <= 100"
        ).fetchone()
    shares = ", ".join(f"{table} {found[0] / people:,.0f}" for table, found in sizes.items() if found)
    with redis.Redis.from_url(stage.environment["REDIS_URL"]) as client:
        client.select(1)
        keys = [key for key in client.scan_iter("regimen:*") if b":load:" not in key][:100]
        each = statistics.mean(int(client.memory_usage(key) or 0) for key in keys) if keys else 0
    day = float(plan[0]) if plan and plan[0] else 0
    return [
        f"Bytes a person with one row each, indexes included: {shares}.",
        f"A real day of meals has {day:,.0f} bytes of JSON, as PostgreSQL keeps it.",
        f"Redis: {each:,.0f} bytes for a person with a cached day and a session.",
    ]
