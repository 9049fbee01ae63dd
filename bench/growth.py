"""`manage.py bench growth`: what a read costs among 100 and among 1,000,000 people.

Invariant: every crowd has servers of its own, all run at once, and each is asked in turn in every round: what the
machine does at some moment, it does to all of them.
"""

import statistics
from collections.abc import Sequence

from bench import contenders, crowd, load, meter
from bench.crowd import Crowd
from bench.report import Section, spread
from bench.stage import NOWHERE, Server, Stage, open_stage

COLUMNS = (
    "people",
    "no cache: CPU µs",
    "its PostgreSQL, CPU µs",
    "p50 ms",
    "cached: CPU µs",
    "p50 ms",
    "database, MiB",
)
SIZES, FEW = (100, 1_000, 10_000, 100_000, 1_000_000), (100, 1_000)
ROUNDS, SECONDS, SMALL_SECONDS = 8, 2, 1
BASE = 1_000  # people among whom a read's cost is what others are compared with
BAR = 0.1
Found = dict[tuple[int, int], tuple[load.Reading, float]]  # by people and kind; with PostgreSQL's CPU µs


def measure(*, small: bool) -> list[Section]:
    """Ask among each number of people, interleaved."""
    sizes = FEW if small else SIZES
    with open_stage() as stage:
        told = stage.seed(users=1, dates=1)
        crowds = [crowd.gather(stage, told, size, number) for number, size in enumerate(sizes)]
        servers = {one.people: _serve(stage, one) for one in crowds}
        with stage.database() as database:
            database.execute("CHECKPOINT")
        rounds = 1 if small else ROUNDS
        _round(stage, crowds, servers, SMALL_SECONDS, 0)  # the first queries of a process are others
        found = [_round(stage, crowds, servers, SMALL_SECONDS if small else SECONDS, turn) for turn in range(rounds)]
    return [_section(crowds, found)]


def _serve(stage: Stage, one: Crowd) -> tuple[Server, Server]:
    """Return a server without a cache and one with it."""
    plain = contenders.product("uvicorn", f"no cache, {one.people:,}")
    cached = contenders.product("uvicorn", f"cached, {one.people:,}")
    first = stage.serve(plain.name, plain.command, **plain.more, **{**one.environment, "CACHE_URL": NOWHERE})
    return first, stage.serve(cached.name, cached.command, **cached.more, **one.environment)


def _round(
    stage: Stage, crowds: Sequence[Crowd], servers: dict[int, tuple[Server, Server]], seconds: int, turn: int
) -> Found:
    """Ask each server once, every other round from the last to the first."""
    found: Found = {}
    for one in crowds[:: -1 if turn % 2 else 1]:
        for kind, server in enumerate(servers[one.people]):
            reading, parts = meter.per_request(meter.Meter(stage), server, one.requests, seconds=seconds)
            found[one.people, kind] = reading, 1000 * parts["PostgreSQL"]
    return found


def _section(crowds: Sequence[Crowd], rounds: Sequence[Found]) -> Section:
    rows = []
    for one in crowds:
        plain, cached = ([found[one.people, kind] for found in rounds] for kind in range(2))
        figures = (
            spread([reading.cpu for reading, _ in plain]),
            spread([postgres for _, postgres in plain]),
            f"{statistics.median(reading.p50 for reading, _ in plain):.1f}",
            spread([reading.cpu for reading, _ in cached]),
            f"{statistics.median(reading.p50 for reading, _ in cached):.2f}",
        )
        rows.append((f"{one.people:,}", *figures, f"{one.mib:,.0f}"))
    most = crowds[-1].people
    notes = [
        _bar("without a cache", most, [[f[size, 0][0].cpu for f in rounds] for size in (BASE, most)]),
        _bar("from the cache", most, [[f[size, 1][0].cpu for f in rounds] for size in (BASE, most)]),
        _bar("without a cache, PostgreSQL's part", most, [[f[size, 0][1] for f in rounds] for size in (BASE, most)]),
        "Every crowd has a database, a cache and servers of its own; who is asked for is spread evenly over the table."
        f" In each of {len(rounds)} rounds every server is asked for a day's plan of {crowd.ASKED} people. The others"
        " have a row in each of five tables, and a hash in the cache.",
    ]
    return Section("growth", "Growth", COLUMNS, rows, notes)


def _bar(what: str, most: int, costs: Sequence[Sequence[float]]) -> str:
    """Say how much more a read costs among the most people than among a thousand, by the rounds."""
    more = [many / few - 1 for few, many in zip(*costs, strict=True)]
    said = "met" if (median := statistics.median(more)) <= BAR else "MISSED"
    within = f"{min(more):+.0%} to {max(more):+.0%}"
    return (
        f"{said}: {what}, a read among {most:,} costs {median:+.1%} of one among {BASE:,} ({within}; bar: {BAR:+.0%})"
    )
