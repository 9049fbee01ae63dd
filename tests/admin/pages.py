"""What the tests of the staff pages share: a maker of rows for each table, addresses, and a form filled in.

Invariant: nothing here asserts.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai.models import AICall, AISpending, PlanJob, ProviderSwitch
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe
from progress.models import ProgressLog
from tests import factories
from users.models import Event, Session, User
from workouts.models import Exercise, WorkoutPlan, WorkoutPlanVersion


def plan(model: type[Model], user: User, **fields: Any) -> Model:
    return model._default_manager.create(user=user, date=factories.MONDAY, source="planner", **fields)


def session(user: User) -> Session:
    return Session.objects.create(user=user, created_at=timezone.now(), rotated_at=timezone.now())


def food(number: int) -> Food:
    return Food.objects.create(
        slug=f"food_{number}", name="Food", category="fruit", aisle="produce", per_100g={"kcal": 1}
    )


def recipe(number: int) -> Recipe:
    return Recipe.objects.create(
        slug=f"recipe_{number}",
        title="Dish",
        slots=["lunch"],
        cuisine="test",
        servings=1,
        prep_minutes=1,
        cook_minutes=1,
        ingredients=[],
        steps=["Cook."],
    )


def exercise(number: int) -> Exercise:
    return Exercise.objects.create(
        slug=f"exercise_{number}", name="Move", pattern="squat", level="beginner", mode="reps", rep_range=[8, 12], met=5
    )


def call(user: User) -> AICall:
    job = factories.job(user, start_date=factories.MONDAY + dt.timedelta(days=AICall.objects.count()))
    return AICall.objects.create(job=job, provider="p", model="m", outcome="ok", latency_ms=1)


MAKERS: dict[type[Model], Callable[[int], Model]] = {
    Group: lambda number: Group.objects.create(name=f"group {number}"),
    User: lambda number: factories.user(),
    Session: lambda number: session(factories.user()),
    Event: lambda number: Event.objects.create(user=factories.user(), seq=1, type="thing.happened"),
    Food: food,
    Recipe: recipe,
    MealPlan: lambda number: plan(MealPlan, factories.user(), breakfast="Porridge"),
    MealPlanVersion: lambda number: plan(MealPlanVersion, factories.user()),
    Exercise: exercise,
    WorkoutPlan: lambda number: plan(WorkoutPlan, factories.user(), title="Legs"),
    WorkoutPlanVersion: lambda number: plan(WorkoutPlanVersion, factories.user(), title="Legs"),
    ProgressLog: lambda number: ProgressLog.objects.create(user=factories.user(), date=factories.MONDAY),
    PlanJob: lambda number: factories.job(factories.user()),
    AICall: lambda number: call(factories.user()),
    AISpending: lambda number: AISpending.objects.create(user=factories.user(), day=factories.MONDAY),
    ProviderSwitch: lambda number: ProviderSwitch.objects.create(name=f"provider-{number}"),
}


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filled_in(browser: Client, path: str, **changes: Any) -> Any:
    """Open a form, change some fields and send it, as a person would."""
    form = browser.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**values, **changes}.items() if value is not None and value is not False}
    return browser.post(path, sent)
