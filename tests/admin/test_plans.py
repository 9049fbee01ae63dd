"""How coaches change a person's plan: by what the planner can make of it and the judge passes, and not otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from mealplans.models import MealPlan, MealPlanVersion
from tests import factories
from tests.admin.pages import address, filled_in
from tests.admin.test_roles import browser_of
from tests.conftest import Api
from users import roles
from users.models import Event, User
from workouts.models import WorkoutPlan, WorkoutPlanVersion

DAY = str(factories.MONDAY)


@pytest.fixture
def as_coach(db: None) -> Client:
    return browser_of(roles.COACH)


@pytest.fixture
def meals(owner: User, as_owner: Api, run_jobs: Callable[[], int]) -> MealPlan:
    """A day that was planned for the owner."""
    as_owner.post("/api/v1/generate-plan", {"kind": "both", "days": 1, "start_date": DAY})
    run_jobs()
    return MealPlan.objects.get(user=owner)


def dishes(plan: MealPlan) -> list[str]:
    return [meal["recipe_id"] for meal in plan.meals]


def test_a_coach_puts_another_dish_in_the_place_of_one(
    as_coach: Client, as_owner: Api, meals: MealPlan, owner: User
) -> None:
    as_owner.get(f"/api/v1/meal-plan?date={DAY}")

    answer = filled_in(as_coach, address(MealPlan, "change", meals.pk), dish="0")

    served = as_owner.get(f"/api/v1/meal-plan?date={DAY}").json()
    now = [meal["recipe_id"] for meal in served["meals"]]
    assert answer.status_code == 302
    assert (served["version"], served["certificate"]["passed"]) == (2, True)
    assert now[0] != dishes(meals)[0]
    assert now[1:] == dishes(meals)[1:]
    assert Event.objects.filter(user=owner, type="plan.updated").count() == 1


def test_what_cannot_be_done_is_said_and_not_done(as_coach: Client, as_owner: Api, meals: MealPlan) -> None:
    lock = {"date": DAY, "slot": meals.meals[0]["slot"], "locked": True}
    assert as_owner.post("/api/v1/meal-plan/lock", lock).status_code == 200
    version = MealPlan.objects.get(pk=meals.pk).version

    answer = filled_in(as_coach, address(MealPlan, "change", meals.pk), dish="0")

    assert answer.status_code == 200
    assert answer.context["adminform"].form.non_field_errors()
    assert MealPlan.objects.get(pk=meals.pk).version == version


def test_no_field_of_a_plan_is_stored_as_it_is_typed(as_coach: Client, meals: MealPlan) -> None:
    planted = {"breakfast": "Peanuts", "meals": "[]", "certificate": "{}", "user": "1", "dish": "0"}

    as_coach.post(address(MealPlan, "change", meals.pk), planted)

    plan = MealPlan.objects.get(pk=meals.pk)
    assert plan.user == meals.user
    assert plan.breakfast != "Peanuts"
    assert len(plan.meals) == len(meals.meals)


def test_an_earlier_version_comes_back(as_coach: Client, meals: MealPlan) -> None:
    filled_in(as_coach, address(MealPlan, "change", meals.pk), dish="0")
    first = MealPlanVersion.objects.get(user=meals.user, version=1)

    as_coach.post(address(MealPlanVersion, "changelist"), {"action": "bring_back", "_selected_action": [first.pk]})

    plan = MealPlan.objects.get(pk=meals.pk)
    assert (plan.version, dishes(plan)) == (3, dishes(meals))


def test_a_coach_puts_another_exercise_in_the_place_of_one(as_coach: Client, meals: MealPlan) -> None:
    plan = WorkoutPlan.objects.get(user=meals.user)
    exercise = plan.exercises[0]["exercise_id"]

    answer = filled_in(as_coach, address(WorkoutPlan, "change", plan.pk), exercise=exercise, reason="dislike")

    after = WorkoutPlan.objects.get(pk=plan.pk)
    assert answer.status_code == 302
    assert after.version == 2
    assert exercise not in [item["exercise_id"] for item in after.exercises]
    assert WorkoutPlanVersion.objects.filter(user=meals.user).count() == 2


def test_the_log_says_who_did_it_to_whose_plan_and_nothing_of_what_they_eat(as_coach: Client, meals: MealPlan) -> None:
    filled_in(as_coach, address(MealPlan, "change", meals.pk), dish="0")

    entry: Any = LogEntry.objects.get()
    assert (entry.user.groups.get().name, entry.object_id) == (roles.COACH, str(meals.pk))
    assert entry.get_change_message() == "Another dish."
