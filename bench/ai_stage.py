"""The stage of `ai_faults.py`: people, jobs, the providers of each job, and a judge of what was stored.

Invariant: jobs run as in a worker, on a PostgreSQL and a Redis that are thrown away afterwards; the judge reads the
data files and the stored rows, and shares no line with the planners.
"""

import contextlib
import datetime as dt
import io
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
os.environ.setdefault("DB_POOL_SIZE", "60")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test.utils import override_settings, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from ai import services  # noqa: E402
from ai.models import PlanJob  # noqa: E402
from config.providers import ProviderSettings  # noqa: E402
from mealplans.models import MealPlan  # noqa: E402
from tests.ai import model_server  # noqa: E402
from tests.ai.model_server import Behaviour, ModelServer  # noqa: E402
from users import vocabulary  # noqa: E402
from users.models import Consent, User  # noqa: E402
from workouts.models import WorkoutPlan  # noqa: E402

MONDAY = dt.date(2026, 3, 2)
DEADLINE, ATTEMPT = 2.0, 1.2  # s, for one plan and one question
BY_FOOD = ("vegan", "vegetarian", "pescatarian", "halal")
DIETS = (*BY_FOOD, "gluten_free", "lactose_free")
GOALS = ("lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health")
KIT = ("dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench", "pull_up_bar")


def entries(path: str) -> dict[str, Any]:
    """Return the entries of a data file, or of all in a folder, by slug."""
    place = ROOT / path
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    groups = [group for file in files for group in json.loads(file.read_text()).values() if isinstance(group, list)]
    return {one["slug"]: one for group in groups for one in group}


FOODS, RECIPES = entries("mealplans/data/foods.json"), entries("mealplans/data/recipes")
EXERCISES = entries("workouts/data/exercises.json")


# --- people and jobs -----------------------------------------------------------------------------
def people(count: int, chance: random.Random) -> list[User]:
    """Store random people who said yes to models."""
    first = User.objects.count()
    found = User.objects.bulk_create(_person(first + number, chance) for number in range(count))
    version, now = vocabulary.CONSENTS["ai"][0], timezone.now()
    Consent.objects.bulk_create(Consent(user=one, kind="ai", version=version, given_at=now) for one in found)
    return found


def _person(number: int, chance: random.Random) -> User:
    height = chance.gauss(171, 9)
    return User(
        email=f"p{number}@example.org",
        name=f"Person {number}",
        age=chance.randint(18, 75),
        sex=chance.choice(("female", "male", "unspecified")),
        height=height,
        weight=chance.uniform(19, 32) * (height / 100) ** 2,
        fitness_goal=chance.choice(GOALS),
        activity_level=chance.choice(("sedentary", "light", "moderate", "active")),
        dietary_preferences=chance.sample(DIETS, chance.choice((0, 0, 1, 1))),
        allergies=chance.sample(vocabulary.ALLERGENS, chance.choice((0, 1, 1, 2))),
        equipment=chance.sample(KIT, chance.randint(1, 4)),
        injuries=chance.sample(("knee", "shoulder", "lower_back", "wrist"), chance.choice((0, 0, 1))),
        availability={"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
    )


def job(owner: User, **fields: Any) -> PlanJob:
    now = timezone.now()
    values: dict[str, Any] = {
        "kind": "meal",
        "start_date": day(0),
        "days": 1,
        "seed": owner.pk,
        "overrides": {},
        "params_hash": "",
        "max_attempts": 3,
        "run_after": now,
        "deadline_at": now + dt.timedelta(hours=1),
        **fields,
    }
    return PlanJob.objects.create(user=owner, **values)


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


class Configured:
    """What AI_PROVIDERS is here: each thread sees the providers of the job that it works on."""

    def __init__(self) -> None:
        self._of = threading.local()

    def are(self, *providers: ProviderSettings) -> None:
        self._of.providers = providers

    def __iter__(self) -> Iterator[ProviderSettings]:
        return iter(getattr(self._of, "providers", ()))

    def __bool__(self) -> bool:
        return bool(getattr(self._of, "providers", ()))


configured = Configured()


@contextlib.contextmanager
def stage() -> Iterator[None]:
    """Give an empty database with the catalogue, short deadlines, and caps that nobody meets."""
    made = setup_databases(verbosity=0, interactive=False)
    times = {"AI_DEADLINE": DEADLINE, "AI_CONNECT": 0.5, "AI_FIRST_BYTE": 1.0}
    try:
        call_command("load_catalogue", verbosity=0, stdout=io.StringIO())
        with override_settings(
            AI_PROVIDERS=configured,
            AI_CALLS_PER_USER=10_000,
            AI_USD_PER_USER=Decimal(1000),
            AI_USD_FOR_ALL=Decimal(100_000),
            **{name: dt.timedelta(seconds=seconds) for name, seconds in times.items()},
        ):
            yield
    finally:
        connections.close_all()
        teardown_databases(made, verbosity=0)


def provider(name: str, url: str, adapter: str = "openai_compatible", **fields: Any) -> ProviderSettings:
    values: dict[str, Any] = {"price_in": Decimal("2.5"), "price_out": Decimal(10), "deadline": ATTEMPT, **fields}
    return ProviderSettings(name=name, adapter=adapter, model="bench", base_url=url, **values)


class Took(NamedTuple):
    """How long a plan took, and how much of that it was computing rather than waiting; s."""

    seconds: float
    cpu: float


def fulfil(work: PlanJob, providers: Sequence[ProviderSettings]) -> Took:
    """Make the plan as a worker does."""
    configured.are(*providers)
    started, cpu = time.monotonic(), time.thread_time()
    try:
        services.fulfil(work.pk)
    finally:
        took = Took(time.monotonic() - started, time.thread_time() - cpu)
        connections.close_all()
    return took


# --- what goes wrong -----------------------------------------------------------------------------
BEHAVIOURS: Mapping[str, Behaviour] = {
    "answers well": model_server.chooses_well,
    "hangs before the answer": model_server.hangs,
    "hangs inside the body": model_server.hangs_inside_the_body,
    "one byte a second": model_server.drips,
    "429": model_server.fails_with(429),
    "429, Retry-After 1": model_server.fails_with(429, {"Retry-After": "1"}),
    "429, Retry-After 60": model_server.fails_with(429, {"Retry-After": "60"}),
    "429, until a date": model_server.is_busy_until(1),
    "500": model_server.fails_with(500),
    "401": model_server.fails_with(401),
    "400": model_server.fails_with(400),
    "resets": model_server.resets,
    "resets inside the body": model_server.resets_inside_the_body,
    "redirects": model_server.redirects,
    "truncated on the way": model_server.breaks_off,
    "truncated JSON": model_server.cuts_its_json,
    "cut off at max_tokens": model_server.is_cut_off,
    "10 MB": model_server.floods,
    "10 MB, packed": model_server.bombs,
    "not JSON": model_server.is_not_json,
    "an error inside the stream": model_server.breaks_with_an_error,
    "refuses": model_server.refuses,
    "says nothing": model_server.is_empty,
    "talks nonsense": model_server.talks_nonsense,
    "wrong schema": model_server.has_another_schema,
    "unknown ids": model_server.names_unknown_dishes,
    "forbidden dishes and exercises": model_server.names_forbidden([*RECIPES, *EXERCISES]),
    "injected instructions": model_server.injects,
    "NaN and 1e400": model_server.has_wild_numbers,
    "a key twice": model_server.doubles_keys,
}


def addresses(stack: contextlib.ExitStack) -> dict[str, str]:
    """Return where to meet each fault."""
    found = {"refused": model_server.closed_url(), "DNS": model_server.UNKNOWN_HOST}
    for name, behaviour in BEHAVIOURS.items():
        found[name] = stack.enter_context(ModelServer(behaviour, drip_seconds=1.0)).url
    found["TLS"] = found["500"].replace("http://", "https://")
    return found


# --- the judge -----------------------------------------------------------------------------------
def violations(owner: User, work: PlanJob) -> list[str]:
    """Return what is forbidden to this person, unknown or miscounted in what was stored for the job."""
    found = []
    if work.kind != "workout":
        found += [fault for plan in MealPlan.objects.filter(job_id=work.pk) for fault in _of_meals(owner, plan)]
    if work.kind != "meal":
        found += [fault for plan in WorkoutPlan.objects.filter(job_id=work.pk) for fault in _of_training(owner, plan)]
    return found


def forbidden(owner: User, recipe: str) -> Iterator[str]:
    """Yield why this person may not be served a recipe of the data files."""
    for part in RECIPES[recipe]["ingredients"]:
        yield from _forbidden_food(owner, part["food"])


def _forbidden_food(owner: User, slug: str) -> Iterator[str]:
    food, wishes = FOODS[slug], set(owner.dietary_preferences)
    banned = {*owner.allergies, *vocabulary.excluded_by_diet(wishes)}
    yield from (f"{slug} holds {one}" for one in banned & set(food["allergens"]))
    yield from (f"{slug} is not {diet}" for diet in (wishes & set(BY_FOOD)) - set(food["diets"]))


def _of_meals(owner: User, plan: MealPlan) -> Iterator[str]:
    kcal = 0.0
    for dish in plan.meals:
        if dish["recipe_id"] not in RECIPES or dish["slot"] not in RECIPES[dish["recipe_id"]]["slots"]:
            yield f"{dish['recipe_id']} as {dish['slot']}"
        for part in dish["ingredients"]:
            kcal += FOODS[part["food_id"]]["per_100g"]["kcal"] * part["grams"] / 100
            yield from _forbidden_food(owner, part["food_id"])
    if not plan.certificate.get("passed"):
        yield "no certificate"
    if abs(kcal - plan.totals["kcal"]) > 0.02 * kcal or abs(kcal / plan.targets["kcal"] - 1) > 0.2:
        yield f"{kcal:.0f} kcal, said to be {plan.totals['kcal']} of {plan.targets['kcal']}"


def _of_training(owner: User, plan: WorkoutPlan) -> Iterator[str]:
    for item in plan.exercises:
        exercise = EXERCISES[item["exercise_id"]]
        if missing := set(exercise["equipment"]) - {*owner.equipment, "bodyweight"}:
            yield f"{exercise['slug']} needs {missing}"
        if hurt := set(exercise["contraindications"]) & set(owner.injuries):
            yield f"{exercise['slug']} is bad for {hurt}"
        if item["sets"] > 10 or (item["reps"] or 0) > 60:
            yield f"{item['sets']} x {item['reps']} {exercise['slug']}"
    if not plan.certificate.get("passed"):
        yield "no certificate"
