"""Every web server and worker is replaced, again and again, under load: no request fails, no event is missed.

Invariant: the web servers stand behind the nginx that is shipped, each on a port of its own, as containers do; what is
changed of its configuration are addresses and folders. Where there is no nginx they share one listening socket.
"""

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.chaos_client import AWAY, Client, Stage
from bench.chaos_events import Listener
from bench.chaos_table import Row, least, none, p95, within
from config.embedded import ROOT
from config.embedded_process import Child, free_port
from tests.faults.scene import Scene

PART = "rolling"
CLIENTS = 6
WEBS, WORKERS = ("web7", "web8"), ("worker1", "worker2")
CONFIGURATION = ROOT / "deploy" / "nginx" / "nginx.conf"
STOP_SECONDS = 60.0  # that docker-compose gives


@dataclass(slots=True)
class Seen:
    """What all clients saw."""

    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)

    def note(self, outcome: str, seconds: float) -> None:
        with self.lock:
            self.answers[outcome] += 1
            self.times.append(seconds)


def run(stage: Stage) -> Iterator[Row]:
    scene, rounds = stage.scene, 1 if stage.scale.small else 5
    names = (WEBS[0], WORKERS[0]) if stage.scale.small else (*WEBS, *WORKERS)
    with ExitStack() as stack:
        port = _way_in(scene, stack)
        stage.needs("web1", *WORKERS, "clock")
        seen, clients = Seen(), stage.people(CLIENTS, port)
        listener = Listener(Client(port, clients[0].id, clients[0].access), leave_after=10**9)
        threads = [threading.Thread(daemon=True, target=_use, args=(one, seen)) for one in clients]
        threads.append(threading.Thread(daemon=True, target=listener.listen))
        for thread in threads:
            thread.start()
        killed = sum(_replace(scene, name) for _ in range(rounds) for name in names)
        seen.stop.set()
        for thread in threads[:-1]:
            thread.join()
        missed = _missed(scene, listener)
        threads[-1].join()
        yield from _rows(seen, listener, rounds * len(names), killed, missed)
        yield none(PART, "accepted jobs without an end", _unfinished(scene, seen))
        for name in WEBS:
            scene.processes.pop(name).kill()


def _way_in(scene: Scene, stack: ExitStack) -> int:
    """Start two web servers and what stands before them; return its port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    ports = [free_port() for _ in WEBS] if program else [0, 0]
    for name, port in zip(WEBS, ports, strict=True):
        scene.add(name, port=port)
    for name in ("worker1", "clock"):
        if name not in scene.processes:
            scene.add(name)
    scene.wait_for(lambda: all(scene[name].ready() for name in WEBS))
    if not program:
        return scene.port
    folder, own = Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port()
    servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
    changes = {
        "listen 8080;": f"listen 127.0.0.1:{own};",
        "server web:8000 resolve max_fails=0;": servers,
        "/tmp/": f"{folder}/",  # noqa: S108 - the shipped file's
        "/dev/stdout": f"{folder}/access.log",
    }
    text = CONFIGURATION.read_text()
    for old, new in changes.items():
        assert old in text, f"{CONFIGURATION.name} has no {old}"
        text = text.replace(old, new)
    file = folder / "nginx.conf"
    file.write_text(text)
    nginx = Child(program, "-p", folder, "-c", file, "-g", "daemon off; user root;", log=folder / "nginx.log")
    stack.callback(nginx.stop)
    scene.wait_for(lambda: scene.is_ready_at(own))
    return own


def _replace(scene: Scene, name: str) -> bool:
    """Ask a process to end, as a deploy does, and start the next; say whether it had to be killed."""
    victim = scene[name]
    victim.child.ask_to_stop()
    end = time.monotonic() + STOP_SECONDS
    while not victim.child.ended and time.monotonic() < end:
        time.sleep(0.05)
    killed = not victim.child.ended
    if killed:
        victim.kill()
    victim.start_again()
    time.sleep(0.5)
    return killed


def _use(client: Client, seen: Seen) -> None:
    """Read, write, and ask for plans, one after the other; repeat nothing."""
    chance, turn = random.Random(client.id), 0
    while not seen.stop.is_set():
        turn += 1
        started = time.monotonic()
        try:
            answer = _turn(client, chance, turn)
        except AWAY as error:
            seen.note(type(error).__name__, time.monotonic() - started)
            continue
        seen.note(str(answer[0]), time.monotonic() - started)
        if answer[1]:
            with seen.lock:
                seen.jobs.append(answer[1])
        time.sleep(0.01)


def _turn(client: Client, chance: random.Random, turn: int) -> tuple[int, str]:
    """Return a status, and the id of the job that was accepted, if it was one."""
    drawn = chance.random()
    if drawn < 0.5:
        return client.get("/today?date=2026-03-02").status, ""
    if drawn < 0.7:
        return client.get("/jobs").status, ""
    if drawn < 0.99:  # plans are rare: each person may ask for a hundred a day
        return client.post("/progress", {"date": f"2026-03-{turn % 28 + 1:02}", "weight": 70}).status, ""
    month, day = divmod(turn, 28)
    body = {"kind": "workout", "start_date": f"2026-{month % 10 + 3:02}-{day + 1:02}", "days": 1}
    answer = client.post("/generate-plan", body)
    if answer.status == 409:  # the same day is under way already
        return 200, ""
    return answer.status, answer.body["id"] if answer.status == 202 else ""


def _missed(scene: Scene, listener: Listener) -> int:
    """Return how many events of the person who listened never came, or came twice or out of order."""
    query = "SELECT last_seq FROM users WHERE id = %s"
    last = int(scene.rows(query, listener.client.id)[0][0])
    end = time.monotonic() + 15
    while listener.last < last and time.monotonic() < end:
        time.sleep(0.1)
    listener.stop.set()
    heard = [entry[0] for entry in listener.heard]
    return 0 if heard[:last] == list(range(1, last + 1)) else max(1, last - len(set(heard)))


def _unfinished(scene: Scene, seen: Seen) -> int:
    query = "SELECT count(*) FROM plan_jobs WHERE id::text = ANY(%s) AND status IN ('queued', 'running')"
    end = time.monotonic() + 60
    while (left := int(scene.rows(query, seen.jobs)[0][0])) and time.monotonic() < end:
        time.sleep(0.2)
    return left


def _rows(seen: Seen, listener: Listener, replaced: int, killed: int, missed: int) -> Iterator[Row]:
    failed = {outcome: count for outcome, count in seen.answers.items() if outcome not in {"200", "201", "202"}}
    named = ", ".join(f"{count} x {outcome}" for outcome, count in failed.items())
    yield least(PART, "processes replaced under load", replaced, replaced)
    yield least(PART, "requests, none of them repeated", len(seen.times), 50 * replaced)
    yield none(PART, f"failed requests {named}".strip(), sum(failed.values()))
    yield none(PART, f"events missed over {listener.connections - 1} reconnects", missed)
    yield none(PART, "processes that did not end in time", killed)
    yield Row(PART, "p95 of answers", f"{1000 * p95(seen.times):.0f} ms")
    yield within(PART, "slowest answer", max(seen.times, default=0), 10)
