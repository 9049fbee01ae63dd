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
from typing import Any

from bench import contenders
from bench.feed import Feed
from bench.report import Section
from bench.stage import Server, open_stage

COLUMNS = ("server", "sockets", "opened/s", "KiB each", "idle CPU", "events", "delay p50 ms", "p99 ms", "missed")
AT_ONCE = 64


def compare(*, small: bool) -> list[Section]:
    """Hold idle sockets, then send events to a thousand of them."""
    idle, active, events = (200, 50, 50) if small else (5000, 1000, 1000)
    rows = []
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # the servers inherit it
    for name in ("uvicorn", "daphne", "granian"):
        with open_stage() as stage:
            told = stage.seed(users=idle, dates=1)
            one = contenders.product(name)
            server = stage.serve(one.name, one.command, **one.more)
            rows.append((name, *asyncio.run(_held(server, told["pairs"], active, events, 2 if small else 10))))
    notes = [
        f"One process, one core; {active:,} of the {idle:,} are sent events while all are open.",
        "Idle CPU: every 4 s a socket looks whether its session lives and whether it missed anything.",
    ]
    return [Section("sockets", "WebSockets", COLUMNS, rows, notes)]


async def _held(
    server: Server, pairs: list[tuple[int, str]], active: int, events: int, seconds: float
) -> tuple[str, ...]:
    delays: list[float] = []

    def heard(message: dict[str, Any], at: float) -> None:
        if message["type"] == "progress.logged":
            delays.append(at - dt.datetime.fromisoformat(message["time"]).timestamp())

    empty, started = server.memory(), time.monotonic()
    gate = asyncio.Semaphore(AT_ONCE)

    async def opened(token: str) -> Feed:
        async with gate:
            return await Feed.open(server.port, token, heard)

    feeds = await asyncio.gather(*(opened(token) for _, token in pairs))
    rate = len(feeds) / (time.monotonic() - started)
    each = (server.memory() - empty) * 1024 / len(feeds)
    spent = server.cpu()
    await asyncio.sleep(seconds)
    busy = (server.cpu() - spent) / seconds
    await asyncio.to_thread(_cause, server.port, [token for _, token in pairs[:active]], events)
    await asyncio.sleep(3)
    for feed in feeds:
        feed.transport.abort()
    cuts = statistics.quantiles(delays, n=100) if len(delays) > 1 else [0.0] * 99
    figures = f"{rate:,.0f}", f"{each:.0f}", f"{busy:.0%}", f"{events:,}"
    return f"{len(feeds):,}", *figures, f"{cuts[49] * 1000:.1f}", f"{cuts[98] * 1000:.1f}", str(events - len(delays))


def _cause(port: int, tokens: list[str], events: int) -> None:
    """Have so many events recorded, one after the other, each for the next person."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    done = {"date": "2026-03-02", "exercise_id": "goblet_squat", "reps": 10, "load": 20}
    for number in range(events):
        headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/progress/sets", json.dumps({"sets": [done]}), headers)
        response = connection.getresponse()
        if response.status not in {200, 201}:
            raise SystemExit(f"an event was refused: {response.status} {response.read()[:200]!r}")
        response.read()
