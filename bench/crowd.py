"""Databases with so many people each, side by side, in which the same number of them can be asked for.

Invariant: who is asked for is spread evenly over the table and has a real day's plan; the databases differ in nothing
but how many others there are, in PostgreSQL and in the cache.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import psycopg
import redis
from psycopg import sql

from bench import bulk
from bench.stage import DATABASE, Stage

ASKED = 100
TABLES = ("sessions", "meal_plans", "events", "progress_logs")
FIRST_CACHE = 3  # below it are the broker, the seed's cache and the layer
AT_ONCE = 50_000  # hashes that a script makes: Redis answers nobody else meanwhile
OTHERS = """
for id = ARGV[2], ARGV[3] do
  redis.call('HSET', ARGV[1] .. ':{u' .. id .. '}', 'gen', '0123456789abcdef', 'filled', ARGV[4])
end
"""
PLAN = ("breakfast", "lunch", "dinner", "snacks", "meals", "totals", "targets", "certificate", "source", "version")


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many people: where they are stored, and a file with requests for a hundred of them."""

    people: int
    environment: dict[str, str]
    requests: Path
    mib: float


def gather(stage: Stage, told: dict[str, Any], people: int, number: int) -> Crowd:
    """Copy the seed's database, which has one person, and add others; `number` is the crowd's own."""
    name = f"{DATABASE}_{number}"
    _drop(stage, name)
    with stage.database() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, DATABASE))))
    stage.cleanup.callback(_drop, stage, name)
    where = {
        "DATABASE_URL": urlsplit(stage.environment["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "CACHE_URL": urlsplit(stage.environment["REDIS_URL"])._replace(path=f"/{FIRST_CACHE + number}").geturl(),
    }
    with psycopg.connect(where["DATABASE_URL"], autocommit=True) as database:
        bulk.fill(database.cursor(), people - 1, most=1, tables=TABLES)
        requests = _asked(stage, database, told, people, stage.servers.place.data / f"{name}.txt")
        database.execute("VACUUM (ANALYZE)")  # else the first readers do its work, and autovacuum comes in between
        found = database.execute("SELECT pg_database_size(current_database()) / 1024.0 / 1024").fetchone()
    _fill_cache(where["CACHE_URL"], people)
    return Crowd(people, where, requests, float(found[0]) if found else 0)


def _drop(stage: Stage, name: str) -> None:
    with stage.database() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _asked(stage: Stage, database: psycopg.Connection[Any], told: dict[str, Any], people: int, file: Path) -> Path:
    """Give a hundred people, evenly spread, the plan of the first, and write down how they ask for it."""
    first, token = told["pairs"][0]
    path = Path(told["hot"]).read_text().split()[1]
    asked = list(range(first, first + people, people // ASKED))
    columns = sql.SQL(", ").join(sql.SQL("{0} = source.{0}").format(sql.Identifier(name)) for name in PLAN)
    copied = sql.SQL(
        "UPDATE meal_plans SET {} FROM meal_plans source WHERE source.user_id = %s AND meal_plans.user_id = ANY(%s)"
    ).format(columns)
    database.execute(copied, [first, asked])
    rows = database.execute("SELECT user_id, id::text FROM sessions WHERE user_id = ANY(%s)", [asked]).fetchall()
    claims = jwt.decode(token, options={"verify_signature": False})
    tokens = [
        jwt.encode({**claims, "user_id": user, "sub": str(user), "sid": sid}, stage.environment["JWT_SIGNING_KEY"])
        for user, sid in rows
    ]
    file.write_text("".join(f"{one} {path}\n" for one in tokens))
    return file


def _fill_cache(url: str, people: int) -> None:
    with redis.Redis.from_url(url) as client:
        script = client.register_script(OTHERS)
        for start in range(1, people + 1, AT_ONCE):
            script(args=["regimen", start, min(start + AT_ONCE - 1, people), "x" * 64])
