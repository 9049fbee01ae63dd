"""The product in ordinary use for a while: connections stay within the pool, memory does not grow.

Invariant: connections are counted by PostgreSQL itself, by the name under which each process connects.
"""

import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.chaos_client import AWAY, Answer, Client, Stage
from bench.chaos_events import Listener
from bench.chaos_table import Row, most, none
from tests.faults.scene import Scene

PART = "soak"
CLIENTS, LISTENERS = 12, 6
POOL = 10  # DB_POOL_SIZE as shipped
WARM = 0.3  # of the time: what a process keeps after its first requests is not growth
SAMPLE = 2.0
PAUSE = 0.05  # s between two requests of a client, at most
PARTS = ("web6", "worker6", "clock6")
CONNECTIONS = """
SELECT application_name, count(*) FROM pg_stat_activity
WHERE application_name = ANY(%s) AND backend_type = 'client backend' GROUP BY 1
"""


@dataclass(slots=True)
class Samples:
    connections: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # the most, by process
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))  # moment, MiB


def run(stage: Stage) -> Iterator[Row]:
    scene, seconds = stage.scene, 4.0 if stage.scale.small else stage.scale.minutes * 60
    for name in list(scene.processes):
        scene.processes.pop(name).kill()  # those of other parts have a past
    for name in PARTS:
        scene.add(name, DATABASE_URL=f"{scene.environment['DATABASE_URL']}?application_name={name}")
    stage.needs()
    stop = threading.Event()
    failures: list[str] = []
    clients = stage.people(CLIENTS)
    listeners = [Listener(Client(one.port, one.id, one.access), leave_after=20) for one in clients[:LISTENERS]]
    threads = [threading.Thread(daemon=True, target=_use, args=(one, stop, failures)) for one in clients]
    threads += [threading.Thread(daemon=True, target=one.listen) for one in listeners]
    for thread in threads:
        thread.start()
    samples = _sampled(scene, seconds)
    stop.set()
    for one in listeners:
        one.stop.set()
    for thread in threads:
        thread.join()
    yield Row(PART, "minutes of use", f"{seconds / 60:.1f}")
    yield none(PART, f"failed requests {', '.join(sorted(set(failures))[:3])}".strip(), len(failures))
    for name in PARTS:
        yield most(PART, f"connections at once of {name[:-1]}", samples.connections[name], POOL)
    for name in PARTS:
        yield _growth(name[:-1], samples.memory[name], small=stage.scale.small)


def _use(client: Client, stop: threading.Event, failures: list[str]) -> None:
    chance, turn = random.Random(client.id), 0
    while not stop.wait(chance.uniform(0, PAUSE)):
        turn += 1
        try:
            answer = _turn(client, chance, f"2026-03-{turn % 28 + 1:02}")
        except AWAY as error:
            failures.append(type(error).__name__)
            continue
        if answer.status >= 500:
            failures.append(str(answer.status))


def _turn(client: Client, chance: random.Random, day: str) -> Answer:
    drawn = chance.random()
    if drawn < 0.7:
        return client.get(chance.choice(("/profile", "/jobs", "/profile/targets", f"/today?date={day}")))
    if drawn < 0.98:
        return client.post("/progress", {"date": day, "weight": 70})
    return client.post("/generate-plan", {"kind": "both", "start_date": day, "days": 1})


def _sampled(scene: Scene, seconds: float) -> Samples:
    samples, started = Samples(), time.monotonic()
    while (now := time.monotonic() - started) < seconds:
        for name, count in scene.rows(CONNECTIONS, list(PARTS)):
            samples.connections[name] = max(samples.connections[name], count)
        for name in PARTS:
            samples.memory[name].append((now, scene[name].memory))
        time.sleep(min(SAMPLE, seconds / 10))
    return samples


def _growth(name: str, memory: list[tuple[float, float]], *, small: bool) -> Row:
    """Compare the last fifth of the time with the fifth after the warm-up."""
    end = memory[-1][0]
    early = statistics.median(held for at, held in memory if WARM * end <= at < (WARM + 0.2) * end)
    late = statistics.median(held for at, held in memory if at >= 0.8 * end)
    found = f"{100 * (late / early - 1):.1f} %, {early:.0f} to {late:.0f} MiB"
    if small:  # too short for a promise
        return Row(PART, f"memory of {name}", found)
    return Row(PART, f"memory of {name}", found, "< 5 %", late < 1.05 * early)
