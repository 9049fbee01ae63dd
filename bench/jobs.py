"""`manage.py bench jobs`: from the wish to the plan on the socket, and how that grows with workers and with the queue.

Invariant: what a job waited and what it took are the database's own times; what a client waited is the client's.
"""

import asyncio
import contextlib
import datetime as dt
import http.client
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import contenders, load
from bench.feed import Feed
from bench.report import Section
from bench.stage import Server, Stage, open_stage
from config.embedded_process import Child

WISH = json.dumps({"kind": "both", "days": 7, "start_date": "2026-06-01"})
WORKER = ("-m", "dramatiq", "workers.boot", "--processes", "1", "--threads", "4", "--worker-shutdown-timeout", "1000")
CLOCK = ("manage.py", "clock")
COLUMNS = ("what", "p50", "p99")
GROWTH = ("workers", "plans at once", "plans/s", "p50 s", "p99 s", "CPU ms a plan")


def measure(*, small: bool) -> list[Section]:
    """Measure an idle system, bursts with 1, 2 and 4 workers, and a queue of thousands."""
    alone, burst, queue = (5, 4, 4_000) if small else (60, 40, 10_000)
    with open_stage() as stage:
        told = stage.seed(users=alone + 3 * burst + queue, dates=1)
        one = contenders.product("uvicorn")
        server = stage.serve(one.name, one.command, **one.more)
        stage.run("clock", CLOCK)
        with _workers(stage, 1) as workers:
            _wait_ready(server)
            first = asyncio.run(_one_by_one(server, told["pairs"][:alone]))
        rows = []
        for count, start in ((1, alone), (2, alone + burst), (4, alone + 2 * burst)):
            with _workers(stage, count) as workers:
                _wait_ready(server)
                time.sleep(2)
                rows.append(asyncio.run(_burst(server, told["pairs"][start : start + burst], workers)))
        waiting = _queue(stage, server, told, queue, seconds=3 if small else 8)
    return [_alone_section(first, alone), Section("workers", "Plans with more workers", GROWTH, rows, waiting)]


@contextlib.contextmanager
def _workers(stage: Stage, count: int) -> Any:
    workers = [stage.run(f"worker-{number}", WORKER, dramatiq_queue_prefetch="4") for number in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def _wait_ready(server: Server) -> None:
    end = time.monotonic() + 60
    while _ask(server, "GET", "/readyz", "")[0] != 200:
        if time.monotonic() > end:
            raise SystemExit(f"not ready: {_ask(server, 'GET', '/readyz', '')}")
        time.sleep(0.2)


def _ask(server: Server, method: str, path: str, token: str, body: str | None = None) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")


def _post(server: Server, token: str) -> tuple[str, float]:
    started = time.monotonic()
    status, job = _ask(server, "POST", "/api/v1/generate-plan", token, WISH)
    if status not in {200, 202}:
        raise SystemExit(f"a plan was refused: {status} {job}")
    return str(job["id"]), time.monotonic() - started


async def _one_by_one(server: Server, pairs: Sequence[tuple[int, str]]) -> dict[str, list[float]]:
    """Ask for a plan when the last one is there; return the seconds of each part."""
    found: dict[str, list[float]] = {"post": [], "queue": [], "planner": [], "socket": [], "all": []}
    for _, token in pairs:
        came: asyncio.Future[tuple[float, float]] = asyncio.get_running_loop().create_future()
        feed = await Feed.open(server.port, token, _until_ready(came))
        started = time.time()
        job_id, post = await asyncio.to_thread(_post, server, token)
        arrived, ended = await asyncio.wait_for(came, 60)
        _, job = await asyncio.to_thread(_ask, server, "GET", f"/api/v1/jobs/{job_id}", token)
        feed.transport.abort()
        created, begun = (_second(job[name]) for name in ("created_at", "started_at"))
        parts = {"post": post, "queue": begun - created, "planner": ended - begun, "socket": arrived - ended}
        for name, seconds in {**parts, "all": arrived - started}.items():
            found[name].append(seconds)
    return found


def _until_ready(came: "asyncio.Future[tuple[float, float]]") -> Any:
    """Return what notes when `plan.ready` came, and when it was recorded: at the end of what stores the plan."""

    def heard(message: dict[str, Any], at: float) -> None:
        if message["type"] == "plan.ready" and not came.done():
            came.set_result((at, _second(message["time"])))

    return heard


def _second(moment: str) -> float:
    return dt.datetime.fromisoformat(moment).timestamp()


async def _burst(server: Server, pairs: Sequence[tuple[int, str]], workers: Sequence[Child]) -> tuple[str, ...]:
    """Ask for everybody's plan at once."""
    loop = asyncio.get_running_loop()
    cames = [loop.create_future() for _ in pairs]
    feeds = [
        await Feed.open(server.port, token, _until_ready(came)) for (_, token), came in zip(pairs, cames, strict=True)
    ]
    spent, started = _cpu(workers), time.time()
    await asyncio.gather(*(asyncio.to_thread(_post, server, token) for _, token in pairs))
    arrived = [at - started for at, _ in await asyncio.wait_for(asyncio.gather(*cames), 240)]
    for feed in feeds:
        feed.transport.abort()
    each = (_cpu(workers) - spent) / len(pairs) * 1000
    cuts = statistics.quantiles(arrived, n=100)
    rate = len(pairs) / max(arrived)
    return (*(str(len(workers)), str(len(pairs)), f"{rate:.1f}", f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{each:,.0f}"),)


def _cpu(workers: Sequence[Child]) -> float:
    return sum(Server("", 0, worker).cpu() for worker in workers)


def _queue(stage: Stage, server: Server, told: dict[str, Any], most: int, *, seconds: float) -> list[str]:
    """Accept wishes without a worker; then see how a long queue is worked off, and what a further POST takes."""
    posts = Path(told["posts"])
    lines = posts.read_text().splitlines()[-most:]
    posts.write_text("\n".join(lines[: most - 50]) + "\n")
    tokens = [line.split(" ")[0] for line in lines[-50:]]
    ids = {token: user for user, token in told["pairs"]}
    accepted = load.measure(server, posts, seconds=seconds, connections=8, BODY=WISH)
    waiting = _count(stage, "queued")
    with stage.database() as database:
        database.execute(
            "INSERT INTO plan_jobs SELECT (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(),"
            " 'user_id', u.id, 'idempotency_key', NULL, 'dispatched_at', NULL, 'turn', j.turn + u.id * interval '1 ms'"
            "))).* FROM plan_jobs j, users u WHERE j.id = (SELECT min(id::text)::uuid FROM plan_jobs WHERE"
            " status = 'queued') AND NOT EXISTS (SELECT FROM plan_jobs q WHERE q.user_id = u.id)"
            " AND u.id <> ALL(%s) ORDER BY u.id LIMIT %s",
            [[ids[token] for token in tokens], max(0, most - 50 - waiting)],  # the last fifty ask below
        )
    waiting = _count(stage, "queued")
    took = sorted(_post(server, token)[1] for token in tokens)
    with _workers(stage, 2):
        _wait_first(stage)
        before, started = _count(stage, "succeeded"), time.monotonic()
        time.sleep(seconds)
        rate = (_count(stage, "succeeded") - before) / (time.monotonic() - started)
    return [
        f"Accepted: {accepted.rate:,.0f} wishes/s on one core, p50 {accepted.p50:.0f} ms, p99 {accepted.p99:.0f} ms.",
        f"With {waiting:,} waiting: POST p50 {took[24] * 1000:.1f} ms, p99 {took[-1] * 1000:.1f} ms;"
        f" two workers beside the web server make {rate:.1f} plans/s.",
    ]


def _wait_first(stage: Stage) -> None:
    """Wait until the workers have made a plan: before that they are only starting."""
    before, end = _count(stage, "succeeded"), time.monotonic() + 60
    while _count(stage, "succeeded") == before:
        if time.monotonic() > end:
            raise SystemExit("no worker begins")
        time.sleep(0.2)


def _count(stage: Stage, status: str) -> int:
    with stage.database() as database:
        found = database.execute("SELECT count(*) FROM plan_jobs WHERE status = %s", [status]).fetchone()
    return int(found[0]) if found else 0


def _alone_section(found: dict[str, list[float]], count: int) -> Section:
    names = {
        "post": "POST /generate-plan answers",
        "queue": "accepted until begun",
        "planner": "begun until stored: seven days of meals and workouts",
        "socket": "stored until on the socket",
        "all": "POST sent until plan.ready on the socket",
    }
    cuts = {name: statistics.quantiles(values, n=100) for name, values in found.items()}
    rows = [
        (words, f"{cuts[name][49] * 1000:.1f} ms", f"{cuts[name][98] * 1000:.1f} ms") for name, words in names.items()
    ]
    beside = statistics.median(one + other for one, other in zip(found["queue"], found["socket"], strict=True))
    bars = [
        ("POST p99", cuts["post"][98] * 1000, 50),
        ("plan on the socket, p50", cuts["all"][49] * 1000, 400),
        ("queue and socket, p50", beside * 1000, 20),
    ]
    notes = [f"{'met' if took <= bar else 'MISSED'}: {what} {took:.1f} ms (bar: {bar} ms)" for what, took, bar in bars]
    return Section(
        "jobs", "A plan, from the wish to the socket", COLUMNS, rows, [*notes, f"{count} plans, one by one."]
    )
