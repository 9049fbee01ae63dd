"""Faults 26 to 29 and 39 to 42: jobs, while workers die, stop, are replaced, and people change their minds.

Invariant: whatever happens, an accepted job ends once, with one event, and has at most one plan.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from config.embedded_process import free_port
from tests.ai import model_server
from tests.ai.model_server import ModelServer
from tests.faults import orders
from tests.faults.orders import DAY, order, outcome, wait_for
from tests.faults.scene import Scene
from tests.journeys.person import Person

CROWD = 20
KEY = {"Idempotency-Key": "a-key"}
MADE_ONCE = ("succeeded", 1, 1)
DONE = re.compile("taken over|plan made|Failed to process")  # what a worker says when it is done with a job
ENDED_WITHOUT_PLAN = {("cancelled", 0, 1)}


def logged(scene: Scene, name: str) -> list[str]:
    return scene[name].child.log.read_text(errors="replace").splitlines()


def together(call: Callable[[int], Any], count: int = CROWD) -> list[Any]:
    """Call at one moment, with each number below `count`; return what came back."""
    start = threading.Barrier(count)

    def one(number: int) -> Any:
        start.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_fault_26_one_order_that_is_sent_twenty_times_is_one_job(scene: Scene, someone: Person) -> None:
    body = {"kind": "meal", "start_date": DAY, "days": 1}

    with scene["worker"].held_still():
        answers = together(lambda _: someone.post("/generate-plan", body, **KEY))

    assert {status for status, _ in answers} == {202}
    assert [job for _, job in answers] == [answers[0][1]] * CROWD
    assert scene.rows("SELECT count(*) FROM plan_jobs WHERE user_id = %s", someone.user["id"]) == [(1,)]


def test_fault_26_the_key_of_another_order_is_refused(scene: Scene, someone: Person) -> None:
    body = {"kind": "meal", "start_date": DAY, "days": 1}
    first, _ = someone.post("/generate-plan", body, **KEY)

    status, answer = someone.post("/generate-plan", {**body, "days": 2}, **KEY)

    assert (first, status, answer["code"]) == (202, 422, "idempotency_key_reused")


def test_fault_27_a_second_job_for_the_same_days_is_told_of_the_first(scene: Scene, someone: Person) -> None:
    with scene["worker"].held_still():
        first = order(someone)
        answers = together(lambda _: someone.post("/generate-plan", {"kind": "both", "start_date": DAY, "days": 1}), 5)

    assert {(status, answer["code"], answer["job_id"]) for status, answer in answers} == {
        (409, "already_running", first["id"])
    }


def test_fault_28_workers_that_are_killed_in_the_middle_of_work_lose_nothing(scene: Scene, model: ModelServer) -> None:
    model.behaviour = model_server.hangs
    jobs = [order(person) for person in orders.consenting(scene, 4)]  # as many as the worker has threads

    wait_for(scene, jobs, "running")
    scene["worker"].kill()
    model.behaviour = model_server.chooses_well
    scene["worker"].start_again()
    wait_for(scene, jobs, "succeeded", "failed", attempts=2)

    assert [outcome(scene, job) for job in jobs] == [MADE_ONCE] * 4


def test_fault_29_a_worker_that_stops_for_longer_than_its_lease_stores_nothing_afterwards(
    scene: Scene, model: ModelServer
) -> None:
    model.behaviour = model_server.hangs
    (person,) = orders.consenting(scene, 1)
    job = order(person)
    wait_for(scene, [job], "running")

    with scene["worker"].held_still():
        model.behaviour = model_server.chooses_well
        scene.add("worker2")
        wait_for(scene, [job], "succeeded")
    scene.wait_for(lambda: any(job["id"] in line and DONE.search(line) for line in logged(scene, "worker")))

    assert outcome(scene, job) == MADE_ONCE
    assert scene.rows("SELECT attempts FROM plan_jobs WHERE id = %s", job["id"]) == [(2,)]


def test_fault_39_a_queued_job_is_cancelled_at_once(scene: Scene, someone: Person) -> None:
    with scene["worker"].held_still():
        job = order(someone)
        status, answer = someone.request("DELETE", f"/jobs/{job['id']}")
        again, _ = someone.request("DELETE", f"/jobs/{job['id']}")

    assert (status, answer["status"], again) == (200, "cancelled", 200)
    assert outcome(scene, job) == ("cancelled", 0, 1)


def test_fault_39_a_running_job_is_cancelled_by_its_worker(scene: Scene, model: ModelServer) -> None:
    model.behaviour = model_server.hangs
    (person,) = orders.consenting(scene, 1)
    job = order(person)
    wait_for(scene, [job], "running")

    status, _ = person.request("DELETE", f"/jobs/{job['id']}")
    wait_for(scene, [job], "cancelled", "succeeded", "failed")

    assert status == 202
    assert outcome(scene, job) == ("cancelled", 0, 1)


def test_fault_39_a_job_that_has_ended_stays_as_it_ended(scene: Scene, someone: Person) -> None:
    job = order(someone)
    wait_for(scene, [job], "succeeded")

    status, answer = someone.request("DELETE", f"/jobs/{job['id']}")

    assert (status, answer["code"]) == (409, "already_finished")
    assert outcome(scene, job) == MADE_ONCE


def test_fault_39_cancelling_and_finishing_at_once_end_in_one_of_both(scene: Scene) -> None:
    people = [Person(scene.url) for _ in range(6)]
    jobs = [order(person) for person in people]

    together(lambda number: people[number].request("DELETE", f"/jobs/{jobs[number]['id']}"), len(people))
    wait_for(scene, jobs, "cancelled", "succeeded", "failed", attempts=0)

    assert {outcome(scene, job) for job in jobs} <= {MADE_ONCE, *ENDED_WITHOUT_PLAN}


def test_fault_40_of_twenty_orders_at_once_the_last_of_a_quota_goes_to_one(scene: Scene, someone: Person) -> None:
    port = free_port()
    scene.add("web2", port=port, RATE_LIMITS="1")
    scene.wait_for(scene["web2"].ready)
    with scene.store() as store:  # what config.buckets keeps: 29 of 30 in ten minutes are gone
        seconds, micros = store.time()
        store.set(f"regimen:limit:generate:{someone.user['id']}", f"{seconds + micros / 1e6 + 580:.6f}", ex=600)
    limited = [f"2026-03-{day:02}" for day in range(1, CROWD + 1)]
    someone.base = f"http://127.0.0.1:{port}"

    answers = together(lambda number: someone.post("/generate-plan", {"start_date": limited[number], "days": 1}))

    assert Counter(status for status, _ in answers) == {202: 1, 429: CROWD - 1}
    assert {answer["code"] for status, answer in answers if status == 429} == {"rate_limited"}


def test_fault_40_when_the_days_money_is_spent_the_planner_makes_the_plan(scene: Scene, model: ModelServer) -> None:
    (person,) = orders.consenting(scene, 1)
    asked = len(model.requests)
    scene.rows(
        "INSERT INTO ai_spending (day, user_id, calls, usd) VALUES ((now() AT TIME ZONE 'UTC')::date, NULL, 1, 999) "
        "ON CONFLICT ON CONSTRAINT ai_spending_day_user DO UPDATE SET usd = 999"
    )

    job = order(person)
    wait_for(scene, [job], "succeeded", "failed")
    scene.rows("DELETE FROM ai_spending")

    assert (outcome(scene, job), orders.story(scene, job)) == (MADE_ONCE, ("planner", "budget"))
    assert len(model.requests) == asked


def test_fault_41_a_job_that_fails_whatever_is_done_ends_and_holds_nobody_up(scene: Scene, someone: Person) -> None:
    with scene["worker"].held_still():
        poisoned = order(someone)
        poison = """UPDATE plan_jobs SET overrides = '{"dietary_preferences": 7}' WHERE id = %s"""
        scene.rows(poison, poisoned["id"])
        others = [order(Person(scene.url)) for _ in range(3)]
    wait_for(scene, others, "succeeded")
    wait_for(scene, [poisoned], "failed", attempts=3)

    _, shown = someone.get(f"/jobs/{poisoned['id']}")

    assert [outcome(scene, job) for job in others] == [MADE_ONCE] * 3
    assert outcome(scene, poisoned) == ("failed", 0, 1)
    assert (shown["status"], shown["error"]["code"]) == ("failed", "internal_error")


@pytest.mark.parametrize("part", ["worker", "web", "clock"])
def test_fault_42_a_deploy_in_the_middle_of_work_loses_nothing(scene: Scene, model: ModelServer, part: str) -> None:
    model.behaviour = model_server.hangs
    people = orders.consenting(scene, 6)  # four run, two wait
    jobs = [order(person) for person in people]
    wait_for(scene, jobs[:4], "running")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(people[0].request, "GET", "/profile")
        scene[part].child.ask_to_stop()
        scene.wait_for(lambda: scene[part].child.ended)
        scene[part].start_again()
        seen, _ = waiting.result()
    model.behaviour = model_server.chooses_well
    wait_for(scene, jobs, "succeeded", "failed")

    assert seen == 200
    assert [outcome(scene, job) for job in jobs] == [MADE_ONCE] * 6
