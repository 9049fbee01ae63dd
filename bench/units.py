"""What one of each thing takes, measured: a read, a write, a plan, an open socket; and what a person leaves behind.

Invariant: every figure is of the running product; the rows that a write or a read meets are those of people who have
been there for a year.
"""

import asyncio
import contextlib
import datetime as dt
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from bench import contenders, meter, year
from bench.feed import Feed
from bench.meter import Meter
from bench.stage import Server, Stage

PEOPLE, SOCKETS = 20, 400  # with a year, with a socket
WARM = 4  # plans that are not counted: a worker's first takes longer
WISH = {"kind": "both", "days": 7, "start_date": str(year.DAY)}
LOG = {"date": str(year.DAY), "weight": 70.5, "calories_consumed": 1900, "complete": True}
WEEK = "from=2026-03-02&to=2026-03-08"
READS = (
    *("profile", "profile/targets", "today?date=2026-03-02", "meal-plan?date=2026-03-02", "jobs", f"progress?{WEEK}"),
    *("workout-plan?date=2026-03-02", f"meal-plans?{WEEK}", f"workout-plans?{WEEK}", f"shopping-list?{WEEK}"),
    "progress/summary",
)
WORKER = ("-m", "dramatiq", "workers.boot", "--processes", "1", "--threads", "4")
PATIENCE = 300.0  # s
Cost = Mapping[str, float]  # ms of a core, by part


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What one takes: `socket` for each second that it is open; `rows` and `answers` are bytes of a person."""

    hit: Cost
    miss: Cost
    write: Cost
    plan: Cost
    socket: Cost
    rows: Mapping[str, float]
    answers: float


@dataclass(frozen=True, slots=True)
class Habits:
    """What of a person's use decides how many rows are left: days of a year with sets, and events that are kept."""

    days: int
    sets: int
    events: int


def measure(stage: Stage, habits: Habits, *, small: bool) -> Units:
    """Measure each in turn on one server with one worker."""
    seconds, people = (1, 4) if small else (4, PEOPLE)
    told = stage.seed(users=SOCKETS if not small else 40, dates=1)
    pairs: Sequence[tuple[int, str]] = told["pairs"]
    one = contenders.product("uvicorn")
    server = stage.serve(one.name, one.command, **one.more)
    with stage.database() as database:
        before = year.sizes(database)
        plan = _plans(stage, server, pairs, people)
        for _, token in pairs[:people]:
            _ask(server, "POST", "meal-plan/swap", token, {"date": str(year.DAY), "slot": "lunch"})
        year.live(database, [pk for pk, _ in pairs[:people]], days=habits.days, sets=habits.sets, events=habits.events)
        after = year.sizes(database)
    rows = {name: (after[name] - before[name]) / people for name in year.TABLES}
    rows |= {name: after[name] / len(pairs) for name in ("users", "sessions")}
    return Units(
        plan=plan,
        rows=rows,
        answers=_answers(stage, server, pairs[:people]),
        **_requests(stage, server, pairs[:people], seconds),
        socket=asyncio.run(_sockets(Meter(stage, [server]), server, pairs, 2 if small else 12)),
    )


def _plans(stage: Stage, server: Server, pairs: Sequence[tuple[int, str]], people: int) -> Cost:
    """Have everybody's week made by one worker; return what each took."""
    with contextlib.ExitStack() as ending:
        worker = stage.run("worker", WORKER)
        ending.callback(worker.stop)
        counter = Meter(stage, [server], [worker])
        _wish(stage, server, pairs[people : people + WARM])
        before = counter.read()
        _wish(stage, server, pairs[:people])
        return counter.since(before, people)


def _wish(stage: Stage, server: Server, pairs: Sequence[tuple[int, str]]) -> None:
    """Ask for so many plans, and wait until all are there."""
    for _, token in pairs:
        _ask(server, "POST", "generate-plan", token, WISH)
    end = time.monotonic() + PATIENCE
    with stage.database() as database:
        while database.execute("SELECT count(*) FROM plan_jobs WHERE status <> 'succeeded'").fetchone() != (0,):
            if time.monotonic() > end:
                raise SystemExit("a plan was not made")
            time.sleep(0.05)


def _requests(stage: Stage, server: Server, pairs: Sequence[tuple[int, str]], seconds: int) -> dict[str, Cost]:
    """Return what a hit, a miss that is then kept, and a write take."""
    folder, counter = stage.servers.place.data, Meter(stage, [server])
    dates = [year.DAY + dt.timedelta(days=day) for day in range(year.DAYS)]
    paths = {
        "write": [f"{token} /api/v1/progress" for _, token in pairs],
        "hit": [f"{token} /api/v1/meal-plan?date={year.DAY}" for _, token in pairs],
        "miss": [f"{token} /api/v1/meal-plan?date={date}" for date in dates for _, token in pairs],
    }
    found: dict[str, Cost] = {}
    for name, lines in paths.items():
        file = folder / f"{name}.txt"
        file.write_text("\n".join(lines) + "\n")
        more = {"BODY": json.dumps(LOG)} if name == "write" else {}
        meter.per_request(counter, server, file, seconds=1, **more)  # the first of their kind
        if name == "miss":
            stage.empty_redis()
        _, found[name] = meter.per_request(counter, server, file, seconds=seconds, **more)
    return found


def _answers(stage: Stage, server: Server, pairs: Sequence[tuple[int, str]]) -> float:
    """Have everybody read everything that an app shows on a day; return what a person then has in the cache, bytes."""
    for _, token in pairs:
        for path in READS:
            _ask(server, "GET", path, token)
    with redis.Redis.from_url(stage.environment["REDIS_URL"]) as client:
        client.select(1)
        sizes = [int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter("regimen:{u*")]
    return sum(sizes) / len(pairs)


async def _sockets(counter: Meter, server: Server, pairs: Sequence[tuple[int, str]], seconds: float) -> Cost:
    """Hold a socket of everybody; return what one takes in a second in which nothing happens."""
    feeds = [await Feed.open(server.port, token, lambda *_: None) for _, token in pairs]
    await asyncio.sleep(1)
    before, started = counter.read(), time.monotonic()
    await asyncio.sleep(seconds)
    found = counter.since(before, len(feeds) * (time.monotonic() - started))
    for feed in feeds:
        feed.transport.abort()
    return found


def _ask(server: Server, method: str, path: str, token: str, body: Any = None) -> None:
    """Ask for something.

    :raises SystemExit: it was refused.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
    if response.status >= 300:
        raise SystemExit(f"{method} {path}: {response.status} {text[:300]!r}\n{server.child.tail()}")
