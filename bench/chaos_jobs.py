"""Jobs while workers, Redis, PostgreSQL and the web server are killed: none lost, none made twice, each ended once.

Invariant: what was accepted is what a client saw accepted; how it came out is read from the database, past the product.
"""

import random
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg

from bench.chaos_client import Client, Stage
from bench.chaos_table import Row, least, none, p95, within
from tests.faults.scene import Scene, crash

PART = "jobs"
ACTIVE = ("queued", "running")
BACKLOG = 40  # accepted and not ended: a queue that is never empty, and short enough for deadlines to be kept
SAMPLE = 0.1  # s between two looks at the jobs that were interrupted
PATIENCE = 12.0  # s without a kill, after which the next comes however few jobs have ended
END = 420.0  # s after the last post: longer than any job may take
DAYS = [f"2026-{month:02}-{day:02}" for month in range(3, 13) for day in range(1, 29)]


@dataclass(frozen=True, slots=True)
class Size:
    jobs: int
    people: int
    workers: int
    redis: int
    postgres: int
    web: int
    pause: float  # s between two kills, at least: who is killed while starting loses nothing
    days: int  # of each plan: what takes long enough to be killed in the middle of
    crew: tuple[str, ...]

    @property
    def kills(self) -> list[str]:
        counts = {"worker": self.workers, "redis": self.redis, "postgres": self.postgres, "web": self.web}
        return [name for name, count in counts.items() for _ in range(count)]


FULL = Size(1000, 50, 50, 10, 5, 3, 3, 1, ("worker1", "worker2"))
SMALL = Size(15, 5, 2, 1, 1, 1, 1, 3, ("worker1",))
RECOVERY = 45.0  # s, with the lease that is shipped: the promise


@dataclass(slots=True)
class Ledger:
    """What clients saw, and how long what was interrupted took to go on."""

    accepted: dict[str, float] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    broken: list[tuple[str, int, float]] = field(default_factory=list)  # job, attempt, when its holder was killed
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    backlog: int = 0
    ended: int = 0


def run(stage: Stage) -> Iterator[Row]:
    size, scene, seed = SMALL if stage.scale.small else FULL, stage.scene, stage.scale.seed
    stage.needs("web1", *size.crew, "clock")
    ledger, clients = Ledger(), stage.people(size.people)
    threads = [threading.Thread(daemon=True, target=_watch, args=(scene, ledger))]
    threads += [threading.Thread(daemon=True, target=_post, args=(one, size, ledger, seed + one.id)) for one in clients]
    for thread in threads:
        thread.start()
    done = _kill(scene, size, ledger, random.Random(seed))
    for thread in threads[1:]:
        thread.join()
    _wait_for_the_end(scene)
    ledger.stop.set()
    threads[0].join()
    yield from _rows(scene, size, ledger, done)
    yield Row(PART, "requests that clients repeated", f"{sum(one.repeats for one in clients)}")


# --- clients -------------------------------------------------------------------------------------
def _post(client: Client, size: Size, ledger: Ledger, seed: int) -> None:
    chance, count = random.Random(seed), size.jobs // size.people
    for date in chance.sample(DAYS[:: size.days], count):
        while ledger.backlog >= BACKLOG:
            time.sleep(0.05)
        kind = chance.choice(("meal", "meal", "workout", "both"))
        body = {"kind": kind, "start_date": date, "days": size.days}
        _accepted(client, body, ledger)
    client.hang_up()


def _accepted(client: Client, body: Mapping[str, object], ledger: Ledger) -> None:
    """Post until it is accepted, under one key: an answer that got lost is asked for again."""
    key = str(uuid.uuid4())
    while True:
        answer = client.until_answered("POST", "/generate-plan", body, end=time.monotonic() + END, Idempotency_Key=key)
        if answer is None:
            return
        if answer.status in {200, 202}:
            with ledger.lock:
                ledger.accepted[answer.body["id"]] = time.monotonic()
                ledger.backlog += 1
            return
        time.sleep(0.5)  # too many of their own are under way


# --- what is done to the product -----------------------------------------------------------------
def _kill(scene: Scene, size: Size, ledger: Ledger, chance: random.Random) -> dict[str, int]:
    """Kill everything in turn, spread over the jobs. In the main thread, which starts what comes in its place."""
    kills, done = size.kills, dict.fromkeys(("worker", "redis", "postgres", "web"), 0)
    chance.shuffle(kills)
    for number, name in enumerate(kills):
        due, last = size.jobs * number // (len(kills) + 1), time.monotonic()
        while (waited := time.monotonic() - last) < PATIENCE and (waited < size.pause or ledger.ended < due):
            time.sleep(0.02)
        _strike(scene, name, size.crew[done[name] % len(size.crew)], ledger, chance)
        done[name] += 1
    return done


def _strike(scene: Scene, name: str, worker: str, ledger: Ledger, chance: random.Random) -> None:
    if name in {"worker", "postgres"}:
        _wait_for_work(scene)
    now = time.monotonic()
    if name == "worker":
        victim = scene[worker]
        victim.kill()
        _note_broken(scene, ledger, now)
        victim.start_again(wait=False)
    elif name == "web":
        scene["web1"].kill()
        scene["web1"].start_again(wait=False)
    elif name == "redis":
        scene.redis.kill()
        time.sleep(chance.uniform(0, 2))
        scene.redis.start_again()
    else:
        _note_broken(scene, ledger, now)
        crash(scene.postgres)
        scene.postgres.start_again()


def _wait_for_work(scene: Scene) -> None:
    """Wait for something to interrupt, though not for long: a crew that has just been killed has nothing."""
    end = time.monotonic() + PATIENCE
    while not scene.rows("SELECT 1 FROM plan_jobs WHERE status = 'running' LIMIT 1") and time.monotonic() < end:
        time.sleep(0.01)


def _note_broken(scene: Scene, ledger: Ledger, now: float) -> None:
    """Note who was being worked on: those of another worker just end a moment later."""
    running = scene.rows("SELECT id, attempts FROM plan_jobs WHERE status = 'running'")
    with ledger.lock:
        known = {job[:2] for job in ledger.broken}
        ledger.broken += [(str(job), tries, now) for job, tries in running if (str(job), tries) not in known]


def _watch(scene: Scene, ledger: Ledger) -> None:
    """Count what is under way, and see when a job that was interrupted goes on: another attempt, or its end."""
    while not ledger.stop.wait(SAMPLE):
        try:
            rows = scene.rows("SELECT id, attempts, status FROM plan_jobs")
        except psycopg.Error:
            continue  # it is being crashed
        found, now = {str(job): (tries, status) for job, tries, status in rows}, time.monotonic()
        with ledger.lock:
            ledger.backlog = sum(found.get(job, (0, "queued"))[1] in ACTIVE for job in ledger.accepted)
            ledger.ended = sum(status not in ACTIVE for _, status in found.values())
            for entry in list(ledger.broken):
                job, tries, killed = entry
                if found[job][0] > tries or found[job][1] not in ACTIVE:
                    ledger.recoveries.append(now - killed)
                    ledger.broken.remove(entry)


def _wait_for_the_end(scene: Scene) -> None:
    end = time.monotonic() + END
    query = "SELECT count(*) FROM plan_jobs WHERE status IN ('queued', 'running')"
    while scene.rows(query) != [(0,)] and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(3 * SAMPLE)


# --- how it came out -----------------------------------------------------------------------------
ENDINGS = """
SELECT id::text, status, (
  SELECT count(*) FROM events WHERE user_id = j.user_id AND data->>'job_id' = j.id::text
  AND type IN ('plan.ready', 'plan.failed', 'plan.cancelled')) FROM plan_jobs j
"""
TWICE = """
SELECT count(*) FROM (
  SELECT job_id, date FROM meal_plan_versions GROUP BY 1, 2 HAVING count(*) > 1
  UNION ALL SELECT job_id, date FROM workout_plan_versions GROUP BY 1, 2 HAVING count(*) > 1) AS twice
"""
HALF = """
SELECT count(*) FROM plan_jobs j WHERE status = 'succeeded' AND (
  (kind <> 'workout' AND (SELECT count(*) FROM meal_plan_versions v WHERE v.job_id = j.id) <> days)
  OR (kind <> 'meal' AND (SELECT count(*) FROM workout_plan_versions v WHERE v.job_id = j.id) <> days))
"""
GAPS = "SELECT count(*) FROM users u WHERE last_seq <> (SELECT count(*) FROM events e WHERE e.user_id = u.id)"


def _rows(scene: Scene, size: Size, ledger: Ledger, done: dict[str, int]) -> Iterator[Row]:
    ends = {job: (status, count) for job, status, count in scene.rows(ENDINGS)}
    yield least(PART, f"accepted of {size.people} people", len(ledger.accepted), size.jobs)
    yield Row(PART, "kills", ", ".join(f"{count} {name}" for name, count in done.items()))
    lost = sum(ends.get(job, ("", 0))[0] in {"", *ACTIVE} for job in ledger.accepted)
    yield none(PART, "lost", lost)
    yield none(PART, "made though nobody was told", len(ends.keys() - ledger.accepted.keys()))
    yield none(PART, "duplicate plans", int(scene.rows(TWICE)[0][0]))
    yield none(PART, "succeeded with a part of the plan missing", int(scene.rows(HALF)[0][0]))
    yield none(PART, "with other than one terminal event", sum(count != 1 for _, count in ends.values()))
    yield none(PART, "people whose events have gaps", int(scene.rows(GAPS)[0][0]))
    yield none(PART, "interrupted and never taken up again", len(ledger.broken))
    worst = max(ledger.recoveries, default=0.0)
    yield Row(PART, "p95 of recoveries", f"{p95(ledger.recoveries):.1f} s")
    yield least(PART, "interrupted in the middle of work", len(ledger.recoveries), len(size.kills) // 4)
    yield within(PART, "worst recovery", worst, RECOVERY)
    yield Row(PART, "failed, with a reason", f"{sum(status == 'failed' for status, _ in ends.values())}")
