"""`manage.py bench sockets`: thousands of WebSockets on one process, what they cost, and how soon an event arrives.

Invariant: an event's delay is from its own `time` to its arrival, for events that other requests cause.
"""

import asyncio
import datetime as dt
import http.client
import json
import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench import contenders
from bench.feed import Feed
from bench.report import Section
from bench.stage import Server, open_stage

COLUMNS = ("server", "sockets", "opened/s", "KiB each", "idle CPU", "events", "a second", "p50 ms", "p99 ms", "missed")
AT_ONCE = 64  # are being opened
POSTERS = 8  # connections that cause events
RATE = 100.0  # events a second, at most
SPARE = 500  # files of a process that are no sockets
CATCH_UP = 5.0  # s in which the last event must have arrived, or be missed: a look of everybody, and the reading


@dataclass(frozen=True, slots=True)
class Size:
    sockets: int
    active: int  # of them; the others hear nothing
    events: int
    idle: float  # s in which nothing happens


FULL = Size(5000, 1000, 2000, 20)
SMALL = Size(200, 50, 100, 5)


def compare(*, small: bool) -> list[Section]:
    """Hold idle sockets, then send events to a thousand of them."""
    size = SMALL if small else FULL
    _allow(size.sockets + SPARE)
    rows = []
    for name in ("uvicorn", "daphne", "granian"):
        with open_stage() as stage:
            told = stage.seed(users=size.sockets, dates=1)
            one = contenders.product(name)
            server = stage.serve(one.name, one.command, **one.more)
            rows.append((name, *asyncio.run(_held(server, told["pairs"], size))))
    notes = [
        f"One process, one core; {size.active:,} of the {size.sockets:,} are sent events while all are open.",
        "Idle CPU: pings, and every 4 s a look whether sessions live and whether anything was missed.",
        f"Events come from POSTs to the same process, {RATE:g} a second if it can; p50 and p99 are from an event's own "
        "time to its arrival.",
    ]
    return [Section("sockets", "WebSockets", COLUMNS, rows, notes)]


def _allow(files: int) -> None:
    """Allow this process, and the servers that it starts, so many open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < files:
        raise SystemExit(f"{files:,} open files are needed, {most:,} are allowed: see `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))


async def _held(server: Server, pairs: list[tuple[int, str]], size: Size) -> tuple[str, ...]:
    delays: list[float] = []

    def heard(message: dict[str, Any], at: float) -> None:
        if message["type"] == "progress.logged":
            delays.append(at - dt.datetime.fromisoformat(message["time"]).timestamp())

    empty, started = server.memory(), time.monotonic()
    feeds = await _opened(server.port, [token for _, token in pairs], heard)
    rate = len(feeds) / (time.monotonic() - started)
    each = (server.memory() - empty) * 1024 / len(feeds)
    spent = server.cpu()
    await asyncio.sleep(size.idle)
    busy = (server.cpu() - spent) / size.idle
    active = [token for _, token in pairs[: size.active]]
    caused = await asyncio.to_thread(_cause, server.port, active, size.events)
    await asyncio.sleep(CATCH_UP)
    open_still = sum(not feed.transport.is_closing() for feed in feeds)
    for feed in feeds:
        feed.transport.abort()
    if open_still < len(feeds):
        raise SystemExit(f"{len(feeds) - open_still} of {len(feeds)} sockets were closed")
    cuts = statistics.quantiles(delays, n=100)
    figures = [f"{len(feeds):,}", f"{rate:,.0f}", f"{each:.0f}", f"{busy:.1%}", f"{size.events:,}", f"{caused:.0f}"]
    return (*figures, f"{cuts[49] * 1000:.1f}", f"{cuts[98] * 1000:.1f}", str(size.events - len(delays)))


async def _opened(port: int, tokens: list[str], heard: Callable[[dict[str, Any], float], None]) -> list[Feed]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def opened(token: str) -> Feed:
        async with gate:
            return await Feed.open(port, token, heard)

    return await asyncio.gather(*map(opened, tokens))


def _cause(port: int, tokens: list[str], events: int) -> float:
    """Have so many events recorded, each for the next person, by a clock that waits for nobody.

    Return how many a second they were: a POST that takes long delays those behind it on its connection.
    """
    start = time.monotonic()

    def post(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for turn in range(number, events, POSTERS):
            time.sleep(max(0.0, start + turn / RATE - time.monotonic()))
            _log_a_set(connection, tokens[turn % len(tokens)])
        connection.close()

    with ThreadPoolExecutor(POSTERS) as pool:
        list(pool.map(post, range(POSTERS)))
    return events / (time.monotonic() - start)


def _log_a_set(connection: http.client.HTTPConnection, token: str) -> None:
    done = {"date": "2026-03-02", "exercise_id": "goblet_squat", "reps": 10, "load": 20}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/progress/sets", json.dumps({"sets": [done]}), headers)
    response = connection.getresponse()
    said = response.read()
    if response.status not in {200, 201}:
        raise SystemExit(f"an event was refused: {response.status} {said[:200]!r}")
