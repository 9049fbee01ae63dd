"""Reads while others write and Redis stalls, dies and comes back empty: none shows what was before a finished write.

Invariant: a writer says what it has written only after the answer came; a reader looks what was said before it asks.
Two web servers take turns at random, so that what one forgets the other has to know.
"""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bench.chaos_client import AWAY, Client, Stage
from bench.chaos_table import Row, least, none
from tests.faults.scene import Scene

PART = "reads"
READERS = 2  # of each person
WRITE_PAUSE = 0.3  # s at most between two writes of a person
DATE = "2026-03-02"
LONGEST_STALL = 1.5  # s
HITS = 50  # of so many readings one at least is the cache's: what nothing was kept of cannot be stale
ASKED = 40  # times, for the kernel chooses which of the servers tells


@dataclass(frozen=True, slots=True)
class Size:
    reads: int
    people: int
    pause: float  # s between two disturbances of Redis, at most


FULL = Size(100_000, 8, 6.0)
SMALL = Size(800, 4, 1.5)


@dataclass(slots=True)
class Page:
    """One of a person's readings, and the number that a finished write put there last."""

    path: str
    done: int = 0


@dataclass(slots=True)
class Tally:
    """What all readers and writers saw."""

    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    reads: int = 0
    stale: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    writes: int = 0
    slowest: float = 0.0


def run(stage: Stage) -> Iterator[Row]:
    size, scene = SMALL if stage.scale.small else FULL, stage.scene
    stage.needs("web1", "web2", "worker1", "clock")
    tally, threads = Tally(), []
    for one in stage.people(size.people):
        pages = [Page("/profile"), Page(f"/today?date={DATE}")]
        threads.append(
            threading.Thread(daemon=True, target=_write, args=(_twin(one), pages, tally, stage.scale.seed + one.id))
        )
        threads += [
            threading.Thread(daemon=True, target=_read, args=(_twin(one), pages, tally, size, number))
            for number in range(READERS)
        ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    stalls, deaths = _disturb(scene, size, tally, random.Random(stage.scale.seed))
    for thread in threads:
        thread.join()
    yield least(PART, f"readings, {tally.reads / (time.monotonic() - started):.0f} a second", tally.reads, size.reads)
    yield Row(PART, "writes meanwhile", f"{tally.writes:,}")
    yield Row(PART, "stalls of Redis, ends of Redis", f"{stalls}, {deaths}")
    answered = least(PART, "answered from the cache", int(_hits(scene)), size.reads // HITS)
    yield replace(answered, good=None) if size is SMALL else answered  # one stall is as long as a small run
    yield none(PART, f"stale {', '.join(tally.stale[:2])}".strip(), len(tally.stale))
    yield none(PART, f"failed {', '.join(sorted(set(tally.failed))[:3])}".strip(), len(tally.failed))
    yield Row(PART, "slowest reading", f"{tally.slowest:.2f} s")


def _twin(client: Client) -> Client:
    """Return another device of the same person."""
    return Client(client.port, client.id, client.access)


def _write(client: Client, pages: list[Page], tally: Tally, seed: int) -> None:
    """Write numbers that only grow, into the profile and into a day's log."""
    profile, today = pages
    chance, number = random.Random(seed), 0
    while not tally.stop.is_set():
        number += 1
        page, started = chance.choice(pages), time.monotonic()
        try:
            if page is profile:
                answer = client.send("PATCH", "/profile", {"name": f"number {number}"})
            else:
                answer = client.post("/progress", {"date": DATE, "weight": 70, "note": f"number {number}"})
        except AWAY as error:
            tally.failed.append(f"write {type(error).__name__}")
            continue
        if answer.status >= 300:
            tally.failed.append(f"write {answer.status} {answer.body['code']} after {time.monotonic() - started:.1f} s")
            continue
        page.done = number
        with tally.lock:
            tally.writes += 1
        time.sleep(chance.uniform(0, WRITE_PAUSE))


def _read(client: Client, pages: list[Page], tally: Tally, size: Size, number: int) -> None:
    chance = random.Random(client.id * 10 + number)
    while not tally.stop.is_set():
        if chance.random() < 0.02:
            client.hang_up()  # the next may be the other server's
        _look(client, chance.choice(pages), tally)
        if tally.reads >= size.reads:
            tally.stop.set()


def _look(client: Client, page: Page, tally: Tally) -> None:
    least_number, started = page.done, time.monotonic()
    try:
        answer = client.get(page.path)
    except AWAY as error:
        tally.failed.append(f"read {type(error).__name__}")
        return
    took = time.monotonic() - started
    if answer.status != 200:
        tally.failed.append(f"read {answer.status} {answer.body['code']} after {took:.1f} s")
        return
    found = _shown(page, answer.body)
    with tally.lock:
        tally.reads += 1
        tally.slowest = max(tally.slowest, took)
    if found < least_number:
        tally.stale.append(f"{page.path} {found} < {least_number}")


def _shown(page: Page, body: dict[str, object]) -> int:
    text = body["name"] if page.path == "/profile" else (body["progress"] or {}).get("note", "")  # type: ignore[attr-defined]
    word, _, number = str(text).partition(" ")
    return int(number) if word == "number" else 0


def _disturb(scene: Scene, size: Size, tally: Tally, chance: random.Random) -> tuple[int, int]:
    """Hold Redis still, or end it and start it empty, until all is read; return how often each."""
    stalls = deaths = 0
    while not tally.stop.wait(chance.uniform(0, size.pause)):
        if chance.random() < 0.75:
            with scene.redis.held_still():
                tally.stop.wait(chance.uniform(0.05, LONGEST_STALL))
            stalls += 1
        else:
            scene.redis.kill()
            tally.stop.wait(chance.uniform(0, 0.5))
            scene.redis.start_again()
            deaths += 1
    return stalls, deaths


def _hits(scene: Scene) -> float:
    """Return how many readings the servers that share the socket have answered from the cache, together."""
    told: dict[float, float] = {}  # by when the server was started
    for _ in range(ASKED):
        text = scene.text("/metrics")
        server = _value(text, "process_start_time_seconds")
        told[server] = max(told.get(server, 0), _value(text, 'regimen_cache_reads_total{outcome="hit"}'))
    return sum(told.values())


def _value(text: str, name: str) -> float:
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")), 0.0)
