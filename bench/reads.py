"""`manage.py bench reads` and `uncached`: one day's plan, by the product and its peers, side by side in one run.

Invariant: all servers run at once, each is asked in turn in every round, and a ratio is of two readings of one round.
"""

import http.client
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import contenders, load
from bench.contenders import Contender
from bench.load import Reading
from bench.report import Section, spread
from bench.stage import NOWHERE, Server, Stage, open_stage

COLUMNS = ("server", "requests/s", "p50 ms", "p99 ms", "CPU µs", "the product is")
BEST = "uvicorn"  # what the product is measured behind: docs/decisions/which-server.md
PAUSE_MS = 10  # of a connection, in the mean, where the server is to have time left
Rounds = Mapping[str, Sequence[Reading]]


class Tails(NamedTuple):
    """Readings at 80 % load: by the same connections; at random moments, also of the bare callable."""

    steady: Reading
    random: Reading
    bare: Reading


def cached(*, small: bool) -> list[Section]:
    """Measure a hit."""
    with open_stage() as stage:
        told = stage.seed(users=100, dates=1)
        others = contenders.peers()
        field = [
            contenders.product(BEST),
            contenders.product("granian"),
            contenders.product("daphne"),
            *others.values(),
        ]
        servers = {one.name: stage.serve(one.name, one.command, **one.more) for one in field}
        _fill(stage, told, next(iter(servers.values())))
        warm(servers.values(), told)
        _agree(servers, told, skip=(others["hello"].name,))
        rounds = _rounds(servers, Path(told["hot"]), small=small)
        product = servers[field[0].name]
        bare = servers[others["work"].name]
        tails = Tails(
            _at_eighty(product, Path(told["hot"]), rounds[product.name], small=small),
            *(_at_random(one, Path(told["hot"]), rounds[one.name], small=small) for one in (product, bare)),
        )
        packed = [load.measure(product, Path(told["hot"]), seconds=2 if small else 4, ENCODING="gzip")]
    return [_section("reads", "A cached read", rounds, _cached_notes(others, rounds, tails, packed))]


def uncached(*, small: bool) -> list[Section]:
    """Measure a read without any cache, and a read that is then kept."""
    with open_stage() as stage:
        told = stage.seed(users=1000, dates=2 if small else 30)
        others = contenders.peers()
        off = contenders.product(BEST, f"Regimen on {BEST}, no cache", CACHE_URL=NOWHERE)
        miss = contenders.product(BEST, f"Regimen on {BEST}, each a miss that is kept")
        field = [off, miss, contenders.product("daphne", "Regimen on daphne, no cache", CACHE_URL=NOWHERE)]
        field += [others["rest"], others["fast"]]
        servers = {one.name: stage.serve(one.name, one.command, **one.more) for one in field}
        warm(servers.values(), told)
        _agree(servers, told)
        rounds = _rounds(servers, Path(told["cold"]), small=small, before=stage.empty_redis)
    bar = _bar("Django REST Framework", others["rest"].name, 2, rounds)
    return [_section("uncached", "A read that is not cached", rounds, [bar])]


def _rounds(
    servers: Mapping[str, Server], requests: Path, *, small: bool, before: Callable[[], None] = lambda: None
) -> Rounds:
    found: dict[str, list[Reading]] = {name: [] for name in servers}
    for _ in range(1 if small else 5):
        for name, server in servers.items():
            before()
            found[name].append(load.measure(server, requests, seconds=2 if small else 3))
    return found


def _get(server: Server, line: str) -> tuple[int, bytes]:
    token, path = line.split(" ")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    return response.status, response.read()


def _lines(told: Mapping[str, Any]) -> list[str]:
    return Path(told["hot"]).read_text().splitlines()


def _fill(stage: Stage, told: Mapping[str, Any], product: Server) -> None:
    """Have the product keep everybody's answer, and give the peers the same."""
    _, body = _get(product, _lines(told)[0])
    contenders.fill_peers(stage, told["pairs"], body)


def warm(servers: Iterable[Server], told: Mapping[str, Any]) -> None:
    """Ask each server for everything once."""
    for server in servers:
        for line in _lines(told):
            status, body = _get(server, line)
            if status != 200:
                raise SystemExit(f"{server.name} answers {status}: {body[:300]!r}\n{server.child.tail()}")


def _agree(servers: Mapping[str, Server], told: Mapping[str, Any], skip: Sequence[str] = ()) -> None:
    """Refuse to compare servers that do not send the same plan, or let a wrong token in."""
    line = _lines(told)[0]
    plans = {name: json.loads(_get(one, line)[1]) for name, one in servers.items() if name not in skip}
    first = next(iter(plans.values()))
    for name, plan in plans.items():
        if plan.keys() != first.keys() or plan["meals"] != first["meals"]:
            raise SystemExit(f"{name} sends another plan")
        if _get(servers[name], f"x{line}")[0] == 200:
            raise SystemExit(f"{name} lets anybody in")


def _at_eighty(server: Server, requests: Path, alone: Sequence[Reading], *, small: bool) -> Reading:
    """Return a reading at 80 % of what the server can do: the same connections, which rest now and then.

    How often they have to rest is found by halving.
    """
    rate = 0.8 * statistics.median(reading.rate for reading in alone)
    least, most = 0.0, 1.0
    for _ in range(1 if small else 7):
        rests = (least + most) / 2
        found = load.measure(server, requests, seconds=1, RESTS=f"{rests:.4f}")
        least, most = (rests, most) if found.rate > rate else (least, rests)
    return load.measure(server, requests, seconds=2 if small else 8, RESTS=f"{(least + most) / 2:.4f}")


def _at_random(server: Server, requests: Path, alone: Sequence[Reading], *, small: bool) -> Reading:
    """Return a reading at 80 % of what the server can do: hundreds of connections that ask when they please.

    How many they have to be is found by a first try: a connection that waits for an answer asks for nothing.
    """
    rate = 0.8 * statistics.median(reading.rate for reading in alone)
    connections, seconds = round(rate * PAUSE_MS / 1000), 2 if small else 8
    found = load.measure(server, requests, seconds=2, connections=connections, THINK_MS=str(PAUSE_MS))
    connections = round(connections * rate / found.rate)
    return load.measure(server, requests, seconds=seconds, connections=connections, THINK_MS=str(PAUSE_MS))


def _ratio(mine: Sequence[Reading], theirs: Sequence[Reading]) -> list[float]:
    return [one.rate / other.rate for one, other in zip(mine, theirs, strict=True)]


def _section(name: str, title: str, rounds: Rounds, notes: Sequence[str]) -> Section:
    product = next(iter(rounds.values()))
    rows = [
        (
            label,
            spread([one.rate for one in found]),
            f"{statistics.median(one.p50 for one in found):.1f}",
            f"{statistics.median(one.p99 for one in found):.1f}",
            f"{statistics.median(one.cpu for one in found):,.0f}",
            "" if found is product else f"{spread(_ratio(product, found), 1)} ×",
        )
        for label, found in rounds.items()
    ]
    bars = [(label, statistics.median(one.rate for one in found)) for label, found in rounds.items()]
    busiest = max(one.load for found in rounds.values() for one in found)
    more = f"wrk, {load.CONNECTIONS} connections; the generator's core was at most {busiest:.0%} busy with it."
    size = statistics.median(one.size for one in product)
    return Section(name, title, COLUMNS, rows, [*notes, f"{more} An answer is {size:,.0f} bytes."], bars, "/s")


def _bar(what: str, name: str, bar: float, rounds: Rounds) -> str:
    """Return a line that says whether a bar is met."""
    found = statistics.median(_ratio(next(iter(rounds.values())), rounds[name]))
    return f"{'met' if found >= bar else 'MISSED'}: {found:.2f} × {what} (bar: {bar} ×)"


def _cached_notes(
    others: Mapping[str, Contender], rounds: Rounds, tails: Tails, packed: Sequence[Reading]
) -> list[str]:
    bars = {"rest": 50, "fast redis": 8, "fast best": 4, "bolt": 1, "work": 0.8}
    lines = [_bar(others[short].name, others[short].name, bar, rounds) for short, bar in bars.items()]
    said = "met" if _tail(tails.steady) <= 3 else "MISSED"
    lines.append(f"{said}: at 80 %, {_told(tails.steady)} (bar: 3 ×)")
    lines.append(
        f"At 80 % from hundreds of connections that ask at random: {_told(tails.random)}; the bare callable, at 80 % of"
        f" what it can do: {_told(tails.bare)}."
    )
    return [*lines, f"Packed with gzip: {packed[0].rate:,.0f}/s of {packed[0].size:,.0f} bytes each."]


def _tail(reading: Reading) -> float:
    return reading.p99 / reading.p50


def _told(reading: Reading) -> str:
    share = f"{reading.busy:.0%} of the core"
    return f"{reading.rate:,.0f}/s ({share}), p99 {reading.p99:.2f} ms is {_tail(reading):.1f} × p50"
