"""What the tests of the staff pages share: a maker of rows for each table, addresses, and a form filled in.

Invariant: nothing here asserts.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai.models import AICall, AISpending, Document, PlanJob, ProviderSwitch
from config import staff_log
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe
from progress.models import ProgressLog
from tests import factories
from users.models import Erasure, Event, Export, HealthView, Letter, Session, User
from workers.models import DeadJob
from workouts.models import Exercise, PerformedSet, WorkoutPlan, WorkoutPlanVersion


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


def letter(user: User) -> Letter:
    now = timezone.now()
    return Letter.objects.create(
        user=user, kind="verify_email", address=user.email, created_at=now, run_after=now, expires_at=now
    )


def export(user: User) -> Export:
    now = timezone.now()
    return Export.objects.create(user=user, created_at=now, run_after=now, expires_at=now, document=b"PK")


def performed_set(user: User) -> PerformedSet:
    return PerformedSet.objects.create(user=user, date=factories.MONDAY, exercise_id="squat", reps=5)


def document(user: User) -> Document:
    return Document.objects.create(user=user, kind="edit", at=timezone.now(), body={"slot": "lunch"})


def log_entry(staff: User) -> LogEntry:
    staff_log.note(staff, "Did something.")
    return LogEntry.objects.filter(user=staff).latest("pk")


def health_view(user: User) -> HealthView:
    return HealthView.objects.create(
        staff=factories.user(is_staff=True), user=user, page="users.user", object_id="1", seen_at=timezone.now()
    )


MAKERS: dict[type[Model], Callable[[int], Model]] = {
    Group: lambda number: Group.objects.create(name=f"group {number}"),
    User: lambda number: factories.user(),
    LogEntry: lambda number: log_entry(factories.user(is_staff=True)),
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
    DeadJob: lambda number: DeadJob.objects.get(pk=factories.job(factories.user(), status="failed").pk),
    AICall: lambda number: call(factories.user()),
    AISpending: lambda number: AISpending.objects.create(user=factories.user(), day=factories.MONDAY),
    Letter: lambda number: letter(factories.user()),
    Export: lambda number: export(factories.user()),
    Erasure: lambda number: Erasure.objects.create(user_id=10**9 + number, erased_at=timezone.now()),
    HealthView: lambda number: health_view(factories.user()),
    PerformedSet: lambda number: performed_set(factories.user()),
    Document: lambda number: document(factories.user()),
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
