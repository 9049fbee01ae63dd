"""Reading workout plans: the right session for the right person and date, rest days included, and never an old one."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Api
from tests.factories import MONDAY
from tests.workouts.conftest import Train
from users.models import User
from workouts.models import WorkoutPlan

TUESDAY, SUNDAY = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=6)
WEEK = [MONDAY + dt.timedelta(days=number) for number in range(7)]
CONTRACT_FIELDS = {
    "id",
    "date",
    "title",
    "rest_day",
    "exercises",
    "estimated_minutes",
    "certificate",
    "source",
    "fallback_reason",
    "model",
    "job_id",
    "version",
    "created_at",
    "updated_at",
}
EXERCISE_FIELDS = {
    "exercise_id",
    "name",
    "order",
    "sets",
    "reps",
    "duration_s",
    "rest_s",
    "load",
    "rir",
    "muscles",
    "equipment",
    "locked",
    "cues",
}


def plan_of(api: Api, date: dt.date) -> Any:
    return api.get(f"/api/v1/workout-plan?date={date}").json()


def test_a_day_without_a_plan_is_a_404_that_says_how_to_get_one(as_owner: Api) -> None:
    answer = as_owner.get(f"/api/v1/workout-plan?date={MONDAY}")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_plan")
    assert "generate-plan" in answer.json()["detail"]


def test_a_plan_has_every_field_of_the_contract(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY)

    plan = plan_of(as_owner, MONDAY)

    assert set(plan) >= CONTRACT_FIELDS
    assert plan["exercises"]
    assert all(set(exercise) >= EXERCISE_FIELDS for exercise in plan["exercises"])
    assert all({"kind", "value"} <= set(exercise["load"]) for exercise in plan["exercises"])
    assert (plan["date"], plan["rest_day"], plan["source"], plan["version"]) == ("2026-03-02", False, "planner", 1)


def test_exercises_come_in_order_each_for_repetitions_or_for_a_time(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY)

    exercises = plan_of(as_owner, MONDAY)["exercises"]

    assert [exercise["order"] for exercise in exercises] == sorted(exercise["order"] for exercise in exercises)
    assert all((exercise["reps"] is None) != (exercise["duration_s"] is None) for exercise in exercises)


def test_training_falls_on_the_days_of_the_profile_and_fits_into_its_minutes(
    as_owner: Api, owner: User, train: Train
) -> None:
    train(owner, *WEEK)

    plans = as_owner.get(f"/api/v1/workout-plans?from={MONDAY}&to={SUNDAY}").json()["items"]

    assert [dt.date.fromisoformat(plan["date"]).strftime("%a") for plan in plans if not plan["rest_day"]] == [
        "Mon",
        "Wed",
        "Fri",
    ]
    assert all(plan["estimated_minutes"] <= 45 for plan in plans)


def test_a_rest_day_is_a_plan_without_exercises(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, *WEEK)

    plan = plan_of(as_owner, TUESDAY)

    assert (plan["rest_day"], plan["exercises"], plan["estimated_minutes"]) == (True, [], 0)


def test_nobody_is_asked_for_equipment_that_they_do_not_have(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, *WEEK)

    plans = as_owner.get(f"/api/v1/workout-plans?from={MONDAY}&to={SUNDAY}").json()["items"]

    needed = {piece for plan in plans for exercise in plan["exercises"] for piece in exercise["equipment"]}
    assert needed <= {"dumbbell", "band"}


def test_each_person_reads_their_own_plan_of_a_date(
    as_owner: Api, as_stranger: Api, owner: User, stranger: User, train: Train
) -> None:
    train(owner, MONDAY, seed=1)
    train(stranger, MONDAY, seed=2)

    ids = [plan_of(api, MONDAY)["id"] for api in (as_owner, as_stranger)]

    assert ids == [WorkoutPlan.objects.get(user=user).pk for user in (owner, stranger)]


def test_the_plan_of_somebody_else_is_not_there(as_stranger: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY)

    assert as_stranger.get(f"/api/v1/workout-plan?date={MONDAY}").status_code == 404
    assert as_stranger.get(f"/api/v1/workout-plans?from={MONDAY}&to={SUNDAY}").json()["items"] == []
    assert as_stranger.get(f"/api/v1/today?date={MONDAY}").json()["workout_plan"] is None


def test_each_date_has_its_own_plan(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY, TUESDAY)

    monday, tuesday = plan_of(as_owner, MONDAY), plan_of(as_owner, TUESDAY)

    assert (monday["date"], tuesday["date"]) == ("2026-03-02", "2026-03-03")
    assert monday["id"] != tuesday["id"]
    assert as_owner.get(f"/api/v1/workout-plan?date={SUNDAY}").status_code == 404


def test_without_a_date_it_is_today_where_the_person_is(as_owner: Api, owner: User, train: Train) -> None:
    today = dt.date.fromisoformat(as_owner.get("/api/v1/today").json()["date"])
    train(owner, today)

    assert as_owner.get("/api/v1/workout-plan").json()["date"] == today.isoformat()


def test_a_range_leaves_out_the_days_without_a_plan_and_is_in_order(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, SUNDAY)
    train(owner, MONDAY)
    train(owner, MONDAY - dt.timedelta(days=1))

    answer = as_owner.get(f"/api/v1/workout-plans?from={MONDAY}&to={SUNDAY}")

    assert [item["date"] for item in answer.json()["items"]] == [MONDAY.isoformat(), SUNDAY.isoformat()]
    assert answer.json()["items"][0] == plan_of(as_owner, MONDAY)


@pytest.mark.parametrize(
    "query", ["from=2026-03-02&to=2026-03-01", "from=2026-01-01&to=2026-03-04", "from=2026-03-02", "from=x&to=y", ""]
)
def test_a_range_that_cannot_be_is_refused(as_owner: Api, query: str) -> None:
    assert as_owner.get(f"/api/v1/workout-plans?{query}").status_code == 422


def test_a_new_version_is_read_at_once_everywhere(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY, seed=1)
    paths = [
        f"/api/v1/workout-plan?date={MONDAY}",
        f"/api/v1/workout-plans?from={MONDAY}&to={MONDAY}",
        f"/api/v1/today?date={MONDAY}",
    ]
    before = [as_owner.get(path) for path in paths]

    train(owner, MONDAY, seed=2)

    for path, old in zip(paths, before, strict=True):
        answer = as_owner.get(path, If_None_Match=old["ETag"])
        assert answer.status_code == 200
        assert b'"version":2' in answer.content


def test_an_unchanged_plan_is_not_sent_twice(as_owner: Api, owner: User, train: Train) -> None:
    train(owner, MONDAY)
    first = as_owner.get(f"/api/v1/workout-plan?date={MONDAY}")

    again = as_owner.get(f"/api/v1/workout-plan?date={MONDAY}", If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def test_a_plan_that_was_read_is_read_again_without_the_database(
    as_owner: Api, owner: User, train: Train, django_assert_num_queries: Any, steady_cache: Callable[[], None]
) -> None:
    train(owner, MONDAY)
    steady_cache()
    first = plan_of(as_owner, MONDAY)

    with django_assert_num_queries(1):  # who is asking
        assert plan_of(as_owner, MONDAY) == first
