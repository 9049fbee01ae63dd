"""Events while clients come and go and servers are killed: nothing missed, nothing twice, nothing out of order.

Invariant: what should have been heard is read from the database; what was heard is what came over real sockets.
"""

import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from bench.chaos_client import Client, Stage
from bench.chaos_table import Row, least, none, p95, within
from tests.faults.scene import Scene

PART = "events"
WRITERS = 4
CATCH_UP = 30.0  # s in which the last event must have arrived
SETTLED = 1.5  # s after a kill's repair, from which on the product counts as healthy


@dataclass(frozen=True, slots=True)
class Size:
    events: int
    people: int
    reconnects: int  # by clients of their own accord
    kills: int  # half of web servers, half of Redis


FULL = Size(10_000, 20, 60, 10)
SMALL = Size(200, 4, 4, 2)


@dataclass(slots=True)
class Phases:
    """Which moments of the run were healthy, had no Redis, or were near a kill."""

    marks: list[tuple[float, str]] = field(default_factory=list)

    def begin(self, name: str) -> None:
        self.marks.append((time.time(), name))

    def at(self, moment: float) -> str:
        return next((name for start, name in reversed(self.marks) if start <= moment), "")


@dataclass(slots=True)
class Listener:
    """A device that hears a person's feed, and comes back with its last number whenever the line breaks."""

    client: Client
    leave_after: int  # events, after which it hangs up by itself
    heard: list[tuple[int, float, float, bool]] = field(default_factory=list)  # number, told, heard, was it live
    connections: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def last(self) -> int:
        return self.heard[-1][0] if self.heard else 0

    def listen(self) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(OSError, WebSocketException):  # a TimeoutError is one, too
                self._hear()
            time.sleep(0.05)

    def _hear(self) -> None:
        address = f"ws://127.0.0.1:{self.client.port}/ws/events?after={self.last}"
        headers = {"Authorization": f"Bearer {self.client.access}"}
        with connect(address, additional_headers=headers, proxy=None, open_timeout=10) as line:
            json.loads(line.recv(timeout=10))
            self.connections, since, opened = self.connections + 1, len(self.heard), time.time()
            while not self.stop.is_set() and len(self.heard) - since < self.leave_after:
                with contextlib.suppress(TimeoutError):
                    event = json.loads(line.recv(timeout=0.5))
                    told = dt.datetime.fromisoformat(event["time"]).timestamp()
                    self.heard.append((event["seq"], told, time.time(), told > opened))


@dataclass(slots=True)
class Writers:
    """Write one day of a person's log after the other: each makes one event."""

    clients: list[Client]
    size: Size
    written: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.threads = [threading.Thread(daemon=True, target=self._write, args=(number,)) for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def _write(self, number: int) -> None:
        own, turn = self.clients[number::WRITERS], 0
        while self.written < self.size.events:
            client = own[turn % len(own)]
            turn += 1
            body = {"date": f"2026-03-{turn % 28 + 1:02}", "weight": 70, "note": str(turn)}
            if client.until_answered("POST", "/progress", body, end=time.monotonic() + 60):
                with self.lock:
                    self.written += 1

    def wait_for(self, share: float) -> None:
        """Return when this share of the events is written."""
        while self.written < self.size.events * share and any(thread.is_alive() for thread in self.threads):
            time.sleep(0.02)


def run(stage: Stage) -> Iterator[Row]:
    size, scene = SMALL if stage.scale.small else FULL, stage.scene
    stage.needs("web1", "web2", "worker1", "clock")
    writing, phases = Writers(stage.people(size.people), size), Phases()
    leave = size.events // size.people // (size.reconnects // size.people + 1)
    listeners = [Listener(Client(one.port, one.id, one.access), leave) for one in writing.clients]
    hearing = [threading.Thread(daemon=True, target=one.listen) for one in listeners]
    for thread in hearing:
        thread.start()
    scene.wait_for(lambda: all(one.connections for one in listeners))
    phases.begin("healthy")
    writing.start()
    kills = _disturb(scene, size, writing, phases)
    for thread in writing.threads:
        thread.join()
    late = _wait_until_heard(scene, listeners)  # still without Redis: by the poll alone
    scene.redis.start_again()
    for listener, thread in zip(listeners, hearing, strict=True):
        listener.stop.set()
        thread.join()
    yield from _rows(scene, size, listeners, phases, kills, late=late)


def _disturb(scene: Scene, size: Size, writing: Writers, phases: Phases) -> int:
    """Half of the events in health, a third between kills, the rest without any Redis."""
    kills = 0
    for number in range(size.kills):
        writing.wait_for(0.5 + 0.33 * number / size.kills)
        phases.begin("kill")
        victim = scene.redis if number % 2 else scene[f"web{number // 2 % 2 + 1}"]
        victim.kill()
        victim.start_again(wait=victim is scene.redis)
        kills += 1
        time.sleep(SETTLED)
        phases.begin("healthy after kills")
    writing.wait_for(0.83)
    phases.begin("no Redis")
    scene.redis.kill()
    writing.wait_for(1)
    return kills


def _wait_until_heard(scene: Scene, listeners: list[Listener]) -> bool:
    """Wait until everybody has heard their last event; say whether somebody has not."""
    last: dict[int, int] = dict(scene.rows("SELECT id, last_seq FROM users"))
    end = time.monotonic() + CATCH_UP
    waits: Callable[[], bool] = lambda: any(one.last < last[one.client.id] for one in listeners)  # noqa: E731
    while waits() and time.monotonic() < end:
        time.sleep(0.1)
    return waits()


def _rows(
    scene: Scene, size: Size, listeners: list[Listener], phases: Phases, kills: int, *, late: bool
) -> Iterator[Row]:
    heard = [[entry[0] for entry in one.heard] for one in listeners]
    missed = 0
    for one, seqs in zip(listeners, heard, strict=True):
        written = {row[0] for row in scene.rows("SELECT seq FROM events WHERE user_id = %s", one.client.id)}
        missed += len(written - set(seqs))
    yield least(PART, "written and heard", sum(map(len, heard)), size.events)
    yield least(PART, "reconnects", sum(one.connections - 1 for one in listeners), min(50, size.reconnects))
    yield least(PART, "kills of web servers and Redis", kills, size.kills)
    yield none(PART, "missed", missed)
    yield none(PART, "heard twice", sum(len(seqs) - len(set(seqs)) for seqs in heard))
    yield none(PART, "out of order", sum(b < a for seqs in heard for a, b in zip(seqs, seqs[1:], strict=False)))
    yield none(PART, "heard later than after half a minute", int(late))
    delays: dict[str, list[float]] = {}
    for one in listeners:
        for _, told, came, live in one.heard:
            if live:
                delays.setdefault(phases.at(told), []).append(came - told)
    yield within(PART, "p95 of live events, healthy", 1000 * p95(delays.get("healthy", [])), 250, "ms")
    yield within(PART, "p95 of live events, no Redis", p95(delays.get("no Redis", [])), 6)
    for name in ("kill", "healthy after kills"):
        yield Row(PART, f"p95 of live events, {name}", f"{1000 * p95(delays.get(name, [])):.0f} ms")
