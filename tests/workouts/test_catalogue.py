"""The exercises: what ships is loaded once, what staff decide stays, and the planner sees what holds now."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import call_command

from config.models import load_shipped
from tests.factories import MONDAY
from tests.workouts.conftest import Coach
from users.models import User
from workouts import catalogue
from workouts.models import Exercise

WEEK = [MONDAY + dt.timedelta(days=number) for number in range(7)]


@pytest.fixture
def shipped() -> dict[str, Any]:
    """Return an exercise as the release has it."""
    exercise: dict[str, Any] = json.loads((catalogue.DATA / "exercises.json").read_text())["exercises"][0]
    return exercise


def retire(exercise: Exercise, *, retired: bool = True) -> None:
    exercise.retired = retired
    exercise.save(update_fields=["retired", "updated_at"])


def test_every_exercise_of_the_release_is_in_the_table_and_with_the_planner(db: None) -> None:
    slugs = {exercise["slug"] for exercise in json.loads((catalogue.DATA / "exercises.json").read_text())["exercises"]}

    assert len(slugs) >= 60
    assert slugs <= set(Exercise.objects.values_list("slug", flat=True))
    assert set(catalogue.current().exercises) == set(Exercise.objects.values_list("slug", flat=True))


def test_loading_again_changes_nothing(db: None) -> None:
    call_command("load_catalogue", verbosity=0)

    assert catalogue.load() == 0


def test_what_staff_edited_stays_while_the_release_says_the_same(db: None, shipped: dict[str, Any]) -> None:
    exercise = Exercise.objects.get(slug=shipped["slug"])
    exercise.name = "As staff call it"
    exercise.save()

    assert catalogue.load() == 0
    assert catalogue.current().exercises[shipped["slug"]].name == "As staff call it"


def test_what_the_release_changes_comes_in_and_a_retired_exercise_stays_retired(
    db: None, shipped: dict[str, Any]
) -> None:
    retire(Exercise.objects.get(slug=shipped["slug"]))

    changed = load_shipped(Exercise, [{**shipped, "name": "As the release calls it now"}])

    exercise = Exercise.objects.get(slug=shipped["slug"])
    assert (changed, exercise.name, exercise.retired) == (1, "As the release calls it now", True)


def test_the_planner_is_handed_the_same_catalogue_until_an_exercise_changes(db: None, shipped: dict[str, Any]) -> None:
    before = catalogue.current()
    again = catalogue.current()

    retire(Exercise.objects.get(slug=shipped["slug"]))

    assert again is before
    assert catalogue.current().version != before.version


def test_an_exercise_that_is_retired_is_not_planned_any_more_until_it_is_brought_back(
    owner: User, coach: Coach
) -> None:
    def planned() -> set[str]:
        return {item.exercise_slug for session in coach(owner, WEEK).sessions for item in session.items}

    first = planned()
    gone = sorted(first)[0]
    retire(Exercise.objects.get(slug=gone))
    without = planned()
    retire(Exercise.objects.get(slug=gone), retired=False)
    again = planned()

    assert gone not in without
    assert again == first


def test_a_session_of_old_stays_readable_when_its_exercise_is_retired(owner: User, as_owner: Any, train: Any) -> None:
    week = train(owner, MONDAY)
    for item in week.sessions[0].items:
        retire(Exercise.objects.get(slug=item.exercise_slug))

    plan = as_owner.get(f"/api/v1/workout-plan?date={MONDAY}").json()

    assert [row["exercise_id"] for row in plan["exercises"]] == [item.exercise_slug for item in week.sessions[0].items]
