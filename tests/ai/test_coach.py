"""Making a plan: what a model is told, that the same goes in and comes out, and how it is explained."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from ai import prompts, providers
from ai.providers import Question, Reply
from config.providers import ProviderSettings
from mealplans import catalogue
from mealplans.models import MealPlan
from tests.ai.coach_cast import fulfil
from tests.ai.consents import agree
from tests.conftest import Api
from users.models import User
from workouts.models import WorkoutPlan

pytestmark = pytest.mark.django_db
Choose = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(slots=True)
class Recorded:
    """A model that answers out of the schema it is given, always the same to the same question."""

    choose: Choose
    questions: list[Question] = field(default_factory=list)

    def ask(self, question: Question, **_: Any) -> Reply:
        self.questions.append(question)
        return Reply(json.dumps(self.choose(dict(question.schema))), 900, 80)


def any_legal_answer(schema: dict[str, Any]) -> dict[str, Any]:
    """Pick at random, but the same each time, from what is offered."""
    fields, chance = _fields(schema), random.Random(5)
    return {
        "days": [
            {name: _pick(kind, chance) for name, kind in fields.items()}
            | {"date": date, "reason": "Light & <b>quick</b>."}
            for date in fields["date"]["enum"]
        ]
    }


def the_same_every_day(schema: dict[str, Any]) -> dict[str, Any]:
    """Pick one day's choice for every date, which no week can be."""
    first = any_legal_answer(schema)["days"][0]
    return {"days": [first | {"date": date} for date in _fields(schema)["date"]["enum"]]}


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    return dict(schema["properties"]["days"]["items"]["properties"])


def _pick(kind: dict[str, Any], chance: random.Random) -> Any:
    if kind["type"] == "array":
        return chance.sample(kind["items"]["enum"], min(5, len(kind["items"]["enum"])))
    return chance.choice(kind.get("enum", [""]))


@pytest.fixture
def model(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The only model that is configured."""
    one = ProviderSettings(
        name="recorded", adapter="openai_compatible", model="test-model", base_url="http://127.0.0.1:1"
    )
    settings.AI_PROVIDERS = (one,)
    recorded = Recorded(any_legal_answer)
    monkeypatch.setattr(providers, "build", lambda _: recorded)
    return recorded


# --- what a model is told -------------------------------------------------------------------------


def test_nothing_that_names_or_measures_a_person_is_in_the_question(model: Recorded, owner: User) -> None:
    fields = {
        "name": "Xanthippe Quillfeather",
        "email": "xanthippe.q@example.org",
        "age": 37,
        "height": 173.5,
        "weight": 83.7,
        "body_fat": 28.3,
        "timezone": "Pacific/Chatham",
    }
    User.objects.filter(pk=owner.pk).update(**fields)
    notes = (
        "I am Xanthippe, 37, 173.5cm and 83,7 kg. Mail xanthippe.q@example.org or call +49 (151) 234-567-89, see "
        "https://quillfeather.example/me. Quick on Mondays, please."
    )

    agree(owner)
    job = fulfil(owner, kind="both", overrides={"notes": notes})

    [asked] = model.questions
    sent = f"{asked.system} {asked.user} {json.dumps(asked.schema)}"
    private = ["xanthippe", "quillfeather", "@", "173.5", "83.7", "83,7", "28.3", "234-567", "chatham", str(job.pk)]
    assert [one for one in private if one in sent.casefold()] == []
    assert re.search(r"(?<![\d.-])37(?![\d-])", json.loads(asked.user)["wishes"]) is None
    assert json.loads(asked.user)["person"] == {"goal": "maintain", "age": "30-39", "sex": "female"}
    assert json.loads(asked.user)["wishes"].endswith("Quick on Mondays, please.")
    struck = (job.explanation or {})["brief"]["struck"]
    assert struck == ["an email address", "a link", "a long number", "your name or a measure of yours"]


def test_what_the_rules_forbid_is_not_offered(model: Recorded, owner: User) -> None:
    owner.dietary_preferences, owner.allergies = ["vegan"], ["soy"]
    owner.save()

    agree(owner)
    fulfil(owner, overrides={"notes": "allergic to nuts"})

    [asked] = model.questions
    fields = asked.schema["properties"]["days"]["items"]["properties"]
    known = catalogue.current()
    offered = {slug for slot in ("breakfast", "lunch", "dinner") for slug in fields[slot]["enum"]}
    foods = [known.foods[part.food] for slug in offered for part in known.recipes[slug].ingredients]
    assert len(offered) > 20
    assert [food.slug for food in foods if food.allergens & {"soy", "nuts", "peanuts", "milk", "eggs", "fish"}] == []


def test_the_question_keeps_to_the_limits_of_strict_modes(model: Recorded, owner: User) -> None:
    owner.meals_per_day, owner.equipment = 6, ["dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench"]
    owner.save()

    agree(owner)
    fulfil(owner, kind="both", days=14)

    [asked] = model.questions
    enums = re.findall(r'"enum": (\[[^\]]*\])', json.dumps(asked.schema))
    sizes = [len(json.loads(enum)) for enum in enums]
    assert max(sizes) <= prompts.MAX_IDS
    assert sum(sizes) < 1000
    assert len(json.dumps(asked.schema)) < 15_000


# --- the same again -------------------------------------------------------------------------------


def stored(owner: User) -> list[bytes]:
    """Return what is stored of each day, as bytes: all but ids, versions and times."""
    meals = MealPlan.objects.filter(user=owner).order_by("date")
    training = WorkoutPlan.objects.filter(user=owner).order_by("date")
    return [
        orjson.dumps([plan.meals, plan.totals, plan.targets, plan.certificate, plan.source, plan.model])
        for plan in meals
    ] + [orjson.dumps([plan.title, plan.exercises, plan.certificate, plan.source, plan.model]) for plan in training]


def test_the_same_request_seed_and_answer_make_the_same_bytes(model: Recorded, owner: User) -> None:
    request: dict[str, Any] = {"kind": "both", "days": 3, "seed": 11, "overrides": {"notes": "no mushrooms, bad knee"}}
    agree(owner)
    first = fulfil(owner, **request)
    before = stored(owner)

    second = fulfil(owner, **request)

    assert stored(owner) == before
    assert len(before) == 6
    assert orjson.dumps(first.explanation) == orjson.dumps(second.explanation)
    assert (model.questions[0].system, model.questions[0].user) == (model.questions[1].system, model.questions[1].user)
    assert first.source == second.source
    assert first.source in {"ai", "ai_repaired"}


def test_another_seed_asks_for_other_dishes(model: Recorded, owner: User) -> None:
    agree(owner)

    for seed in (1, 2):
        fulfil(owner, seed=seed)

    assert model.questions[0].user != model.questions[1].user


# --- the explanation ------------------------------------------------------------------------------


def test_the_explanation_tells_a_models_picks_from_ours(model: Recorded, as_owner: Api, owner: User) -> None:
    model.choose = the_same_every_day
    agree(owner)
    job = fulfil(owner, kind="both", days=4)

    told = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation").json()

    assert told["asked"] == [{"provider": "recorded", "model": "test-model", "outcome": "ok", "sent": True}]
    assert (told["source"], told["made_with"]["seed"]) == (job.source, job.seed)
    assert told["brief"]["data"] == json.loads(model.questions[0].user)
    assert told["brief"]["instructions"] == model.questions[0].system
    picked = {pick["id"]: pick["chosen_by"] for day in told["days"] for pick in day["dishes"] + day["exercises"]}
    answer = json.dumps(the_same_every_day(dict(model.questions[0].schema)))
    assert {"model"} <= set(picked.values()) <= {"model", "planner"}
    assert [slug for slug, by in picked.items() if by == "model" and f'"{slug}"' not in answer] == []
    assert told["repairs"]
    assert all(one["why"] for one in told["repairs"])
    assert {day["reason"] for day in told["days"]} <= {"Light & b quick /b .", None}


def test_without_a_model_the_brief_is_what_would_have_been_sent(as_owner: Api, owner: User) -> None:
    job = fulfil(owner, days=2, overrides={"notes": "quick on Mondays"})

    told = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation").json()

    assert (told["asked"], told["kept_ratio"], told["fallback_reason"]) == ([], None, None)
    assert told["brief"]["data"]["wishes"] == "quick on Mondays"
    assert {pick["chosen_by"] for day in told["days"] for pick in day["dishes"]} == {"planner"}


def test_every_figure_of_the_explanation_is_that_of_the_plan(as_owner: Api, owner: User) -> None:
    job = fulfil(owner)

    told = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation").json()

    plan = MealPlan.objects.get(user=owner)
    figures = {one["figure"]: (one["target"], one["actual"]) for one in told["days"][0]["figures"]}
    assert figures["kcal"] == (plan.targets["kcal"], round(plan.totals["kcal"], 1))
    assert figures["sodium"] == (plan.targets["sodium"], round(plan.totals["sodium"], 1))
    assert [(dish["slot"], dish["id"]) for dish in told["days"][0]["dishes"]] == [
        (meal["slot"], meal["recipe_id"]) for meal in plan.meals
    ]
    assert {one["figure"] for one in told["targets"]} >= {"kcal", "protein", "rmr"}


def test_a_locked_dish_is_the_persons_own_choice(as_owner: Api, owner: User) -> None:
    fulfil(owner)
    as_owner.post("/api/v1/meal-plan/lock", {"date": "2026-03-02", "slot": "lunch", "locked": True})

    job = fulfil(owner, seed=9)

    dishes = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation").json()["days"][0]["dishes"]
    assert {dish["slot"] for dish in dishes if dish["chosen_by"] == "you"} == {"lunch"}


def test_a_workout_job_explains_its_sessions_alone(as_owner: Api, owner: User) -> None:
    job = fulfil(owner, kind="workout", days=7)

    told = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation").json()

    assert (told["targets"], told["made_with"]["food_catalogue"]) == ([], None)
    assert sum(bool(day["exercises"]) for day in told["days"]) == 3
    assert {len(day["figures"]) for day in told["days"]} == {0}
    assert told["notices"]
