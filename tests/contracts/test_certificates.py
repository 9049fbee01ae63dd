"""The certificates that the planners write against the schemas by which clients read them.

Invariant: nothing that a judge said is lost on the way, and no figure is another one.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mealplans.models import MealPlan
from tests import factories
from tests.conftest import Api
from users.models import User
from workouts.models import WorkoutPlan

CAREFUL = {"injuries": ["knee"], "conditions": ["hypertension"], "allergies": ["nuts"], "equipment": ["dumbbell"]}
SMALL = {"sex": "female", "age": 60, "height": 150.0, "weight": 48.0, "activity_level": "sedentary"}


@pytest.fixture
def plans(as_owner: Api, owner: User, run_jobs: Callable[[], int]) -> dict[str, Any]:
    """Give the stored certificates of one date beside those that the API shows."""
    User.objects.filter(pk=owner.pk).update(**CAREFUL, **SMALL, fitness_goal="lose_weight")
    date = factories.MONDAY.isoformat()
    assert as_owner.post("/api/v1/generate-plan", {"start_date": date, "days": 1}).status_code == 202
    run_jobs()
    return {
        "meal": (MealPlan.objects.get().certificate, as_owner.get(f"/api/v1/meal-plan?date={date}")),
        "workout": (WorkoutPlan.objects.get().certificate, as_owner.get(f"/api/v1/workout-plan?date={date}")),
    }


def test_a_certificate_is_shown_as_it_was_written(plans: dict[str, Any]) -> None:
    for stored, answer in plans.values():
        assert answer.status_code == 200, answer.content
        assert answer.json()["certificate"] == json.loads(json.dumps(stored))
        assert stored["passed"] is True


def test_the_floor_that_was_held_is_among_what_is_shown(plans: dict[str, Any]) -> None:
    _, answer = plans["meal"]

    assert answer.json()["certificate"]["floors"]["kcal"]["held"] is True


def test_targets_are_shown_with_every_value_that_entered_them(as_owner: Api, plans: dict[str, Any]) -> None:
    answer = as_owner.get("/api/v1/profile/targets")

    assert answer.status_code == 200, answer.content
    assert answer.json()["floor"]["kcal"] == answer.json()["kcal"]
    assert answer.json()["inputs"]["conditions"] == ["hypertension"]
