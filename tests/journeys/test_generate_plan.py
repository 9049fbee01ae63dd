"""The main job on a running stack: web, worker and clock as processes of their own."""

import threading
from typing import Any

import pytest

from tests.journeys.person import Person, is_terminal, receive, until
from tests.product import Stack

DAY = {"kind": "meal", "start_date": "2026-03-02", "days": 1}


def test_waiting_for_a_plan_answers_with_the_finished_job(stack: Stack) -> None:
    person = Person(stack.url)

    status, job = person.post("/generate-plan", DAY, Prefer="wait=20")

    assert (status, job["status"], job["source"]) == (200, "succeeded", "planner")


def test_the_right_plan_for_the_right_person_and_date(stack: Stack) -> None:
    vegan = Person(stack.url, dietary_preferences=["vegan"], allergies=["nuts", "soy"])
    other = Person(stack.url)
    vegan.post("/generate-plan", {**DAY, "kind": "both", "days": 3}, Prefer="wait=20")
    other.post("/generate-plan", DAY, Prefer="wait=20")

    _, plan = vegan.get("/meal-plan?date=2026-03-03")

    assert plan["date"] == "2026-03-03"
    assert {"nuts", "soy", "milk", "eggs", "fish"}.isdisjoint(
        allergen for meal in plan["meals"] for allergen in meal["allergens"]
    )
    assert other.get("/meal-plan?date=2026-03-03")[0] == 404
    assert other.get("/workout-plan?date=2026-03-02")[0] == 404
    assert vegan.get("/workout-plan?date=2026-03-02")[1]["date"] == "2026-03-02"


def test_what_a_day_holds_is_on_target(stack: Stack) -> None:
    person = Person(stack.url)
    person.post("/generate-plan", {**DAY, "days": 7}, Prefer="wait=20")

    _, plans = person.get("/meal-plans?from=2026-03-02&to=2026-03-08")

    assert len(plans["items"]) == 7
    for plan in plans["items"]:
        assert abs(plan["totals"]["kcal"] / plan["targets"]["kcal"] - 1) <= 0.03
        assert abs(sum(meal["nutrition"]["kcal"] for meal in plan["meals"]) - plan["totals"]["kcal"]) < 5


def test_today_shows_everything_in_one_call(stack: Stack) -> None:
    person = Person(stack.url)
    person.post("/generate-plan", {**DAY, "kind": "both"}, Prefer="wait=20")
    person.post("/progress", {"date": "2026-03-02", "weight": 71})

    _, today = person.get("/today?date=2026-03-02")

    assert today["meal_plan"]["date"] == today["workout_plan"]["date"] == today["progress"]["date"] == "2026-03-02"
    assert today["targets"]["kcal"] > 1200


def test_many_people_at_once_each_get_their_own_plan(stack: Stack) -> None:
    people = [Person(stack.url) for _ in range(6)]
    outcomes: list[tuple[int, Any]] = []

    def ask(person: Person) -> None:
        outcomes.append(person.post("/generate-plan", DAY, Prefer="wait=25"))

    threads = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(status, job["status"]) for status, job in outcomes] == [(200, "succeeded")] * len(people)


@pytest.mark.parametrize("part", ["database", "migrations", "redis", "worker", "clock"])
def test_the_stack_is_ready_part_by_part(stack: Stack, part: str) -> None:
    assert stack.ready()["parts"][part] == "ok"


def test_a_job_that_no_message_tells_of_is_found_by_the_clock(stack: Stack) -> None:
    person = Person(stack.url)
    with person.listen() as socket:
        receive(socket)
        stack.lose_messages()
        person.post("/generate-plan", DAY)
        stack.lose_messages()

        assert until(socket, is_terminal)[-1]["type"] == "plan.ready"
