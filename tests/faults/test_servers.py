"""Faults 30 to 33: Redis and PostgreSQL are killed, hang, crash, or have no connection left.

Invariant: a server that is away costs time, or an honest 503; never a wrong answer, and nothing that was accepted.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.faults import orders
from tests.faults.orders import order, outcome, wait_for
from tests.faults.scene import Scene, crash
from tests.faults.test_jobs import MADE_ONCE, together
from tests.journeys import person as person_module
from tests.journeys.person import Person

POOL = 10  # DB_POOL_SIZE as shipped
PATIENCE = 10.0  # s that an app waits for an answer
LONG_AWAY = 4.5  # s, after which a pool that doubles its waits would not look again for another three


def is_honest(answer: tuple[int, Any]) -> bool:
    return answer[0] == 503 and answer[1]["code"] == "unavailable"


@contextlib.contextmanager
def people_held(scene: Scene, person: Person, count: int) -> Iterator[None]:
    """Have `count` requests wait for a row that somebody else holds, each with a connection of the pool."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(scene.environment["DATABASE_URL"]) as holder, ThreadPoolExecutor(count) as pool:
        holder.execute("SELECT 1 FROM users WHERE id = %s FOR UPDATE", [person.user["id"]])
        asked = [pool.submit(person.request, "PATCH", "/profile", {"name": "Ada"}) for _ in range(count)]
        scene.wait_for(lambda: scene.rows(waiting) == [(count,)])
        yield
        holder.rollback()
        for one in asked:
            one.result()


def test_fault_30_what_waits_in_a_redis_that_is_killed_is_done_all_the_same(scene: Scene) -> None:
    people = [Person(scene.url) for _ in range(3)]
    with scene["worker"].held_still():
        before = [order(one) for one in people[:2]]
        scene.redis.kill()
        during = order(people[2])
        scene.redis.start_again()

    wait_for(scene, [*before, during], "succeeded")

    assert [outcome(scene, job) for job in (*before, during)] == [MADE_ONCE] * 3


def test_fault_30_plans_are_made_without_redis_also_by_a_worker_that_starts_without(scene: Scene) -> None:
    people = [Person(scene.url) for _ in range(3)]
    scene.redis.kill()

    jobs = [order(one) for one in people[:2]]
    wait_for(scene, jobs, "succeeded", "failed")
    scene["worker"].kill()
    scene["worker"].start_again()
    jobs.append(order(people[2]))
    wait_for(scene, jobs, "succeeded", "failed")

    assert [outcome(scene, job) for job in jobs] == [MADE_ONCE] * 3
    assert scene.redis.child.ended


def test_fault_31_while_redis_hangs_everything_is_read_and_written(
    scene: Scene, someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_module, "TIMEOUT", PATIENCE)
    with scene.redis.held_still():
        written, _ = someone.request("PATCH", "/profile", {"name": "Ada Byron"})
        told, _ = someone.post("/progress", {"date": orders.DAY, "weight": 70})
        readings = [someone.get("/profile") for _ in range(5)]
        job = order(someone)
        wait_for(scene, [job], "succeeded")
        _, shown = someone.get(f"/jobs/{job['id']}")

    assert (written, told, shown["status"]) == (200, 201, "succeeded")
    assert [(status, profile["name"]) for status, profile in readings] == [(200, "Ada Byron")] * 5
    assert outcome(scene, job) == MADE_ONCE


def test_fault_32_while_postgresql_is_away_every_answer_says_when_to_come_again(scene: Scene, someone: Person) -> None:
    crash(scene.postgres)

    answers = [someone.get("/jobs"), someone.get("/profile"), someone.post("/progress", {"date": "2026-03-02"})]
    status, headers, _ = scene.ask("/readyz")
    alive, _, _ = scene.ask("/healthz")

    assert all(map(is_honest, answers))
    assert (status, headers["Retry-After"], alive) == (503, "2", 200)


def test_fault_32_a_database_that_is_back_is_used_at_once(scene: Scene, someone: Person) -> None:
    together(lambda _: someone.get("/jobs"), 2 * POOL)  # a pool full of connections that will be dead
    end = time.monotonic() + LONG_AWAY
    crash(scene.postgres)
    while time.monotonic() < end:
        assert is_honest(someone.get("/jobs"))

    scene.postgres.start_again()
    answers = [someone.get("/jobs")[0] for _ in range(POOL)]

    assert answers == [200] * POOL


def test_fault_32_a_crash_leaves_nothing_half_done(scene: Scene) -> None:
    people = [Person(scene.url) for _ in range(4)]
    jobs = [order(person, days=3) for person in people]

    crash(scene.postgres)
    scene.postgres.start_again()
    wait_for(scene, jobs, "succeeded", "failed")

    assert [outcome(scene, job) for job in jobs] == [("succeeded", 3, 1)] * 4
    gaps = "SELECT count(*) FROM users u WHERE last_seq <> (SELECT count(*) FROM events e WHERE e.user_id = u.id)"
    assert scene.rows(gaps) == [(0,)]


def test_fault_33_who_finds_no_connection_left_is_told_so_soon(scene: Scene, someone: Person) -> None:
    other = Person(scene.url)

    with people_held(scene, someone, POOL), ThreadPoolExecutor(1) as pool:
        ready = pool.submit(scene.parts)
        answer = other.get("/jobs")
        found = ready.result()["database"]
    again, _ = other.get("/jobs")

    assert is_honest(answer)
    assert found != "ok"
    assert again == 200


def test_fault_33_a_crowd_larger_than_the_pool_is_served_by_it(scene: Scene, someone: Person) -> None:
    seen: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        while not stop.wait(0.02):
            seen.extend(int(row[0]) for row in scene.rows(query))

    watching = threading.Thread(target=watch)
    watching.start()
    answers = together(lambda _: someone.get("/jobs")[0], 6 * POOL)
    stop.set()
    watching.join()

    assert set(answers) == {200}
    assert max(seen) <= 3 * POOL  # web, worker and clock have one each


def test_without_a_worker_orders_are_taken_and_wait(scene: Scene, someone: Person) -> None:
    scene["worker"].kill()
    with scene.store() as store:
        store.delete("regimen:alive:worker")  # it would fade in fifteen seconds
    job = order(someone)

    found = scene.parts()
    status, _ = someone.get("/profile")
    scene["worker"].start_again()
    wait_for(scene, [job], "succeeded")

    assert (found["worker"], found["database"], found["redis"]) == ("no sign of life", "ok", "ok")
    assert status == 200
    assert orders.outcome(scene, job) == MADE_ONCE
