"""Making a plan: what the notes take out of it, what a model is told, and that the same goes in and comes out."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from ai import prompts, providers, services
from ai.models import JobStatus, PlanJob
from ai.providers import Question, Reply
from config.providers import ProviderSettings
from mealplans import catalogue
from mealplans import services as meal_services
from mealplans.models import MealPlan
from tests import factories
from tests.conftest import Api
from users.models import Consent, User
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


def consenting(owner: User) -> User:
    Consent.objects.create(user=owner, kind="ai", version="1", given_at=owner.created_at)
    return owner


def fulfil(owner: User, **fields: Any) -> PlanJob:
    job = factories.job(owner, **fields)
    services.fulfil(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.SUCCEEDED, job.error
    return job


def eaten(owner: User) -> set[str]:
    """Return every allergen of every dish that is planned."""
    return {
        allergen
        for plan in MealPlan.objects.filter(user=owner)
        for meal in plan.meals
        for allergen in meal["allergens"]
    }


def notices(owner: User, model: type[MealPlan] | type[WorkoutPlan] = MealPlan) -> str:
    return " ".join(model.objects.filter(user=owner).latest("date").certificate["notices"])


# --- notes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "allergens"),
    [
        ("I'm allergic to peanuts", {"peanuts"}),
        ("no dairy please, lactose intolerant", {"milk"}),
        ("not allergic to eggs anymore", {"eggs"}),
        ("allergisch gegen Soja", {"soy"}),
    ],
)
def test_an_allergy_that_only_the_notes_name_is_kept_out_and_said(owner: User, notes: str, allergens: set[str]) -> None:
    job = fulfil(owner, days=3, overrides={"notes": notes})

    plan = MealPlan.objects.filter(user=owner).latest("date")
    assert allergens <= set(plan.certificate["allergens"]["excluded"])
    assert eaten(owner).isdisjoint(allergens)
    assert "You wrote “" in notices(owner)
    assert f"nothing with {allergens.copy().pop()} is planned" in notices(owner)
    assert set(plan.certificate["notices"]) <= set((job.explanation or {})["notices"])


def test_a_denied_allergy_changes_nothing(owner: User) -> None:
    fulfil(owner, overrides={"notes": "I am not allergic to eggs"})

    plan = MealPlan.objects.get(user=owner)
    assert (plan.certificate["allergens"]["excluded"], plan.certificate["notices"]) == ([], [])


def test_notes_never_take_an_allergy_of_the_profile_back(owner: User) -> None:
    owner.allergies = ["eggs"]
    owner.save()

    fulfil(owner, overrides={"notes": "I am not allergic to eggs, lots of eggs please"})

    assert "eggs" not in eaten(owner)


def test_an_allergy_among_the_preferences_is_kept_out_too(owner: User) -> None:
    owner.dietary_preferences = ["peanut_allergy", "colourful"]
    owner.save()

    fulfil(owner)

    plan = MealPlan.objects.get(user=owner)
    assert plan.certificate["allergens"]["excluded"] == ["peanuts"]
    assert plan.certificate["not_enforced"] == ["colourful"]


def test_a_food_that_the_notes_refuse_is_left_out(owner: User) -> None:
    fulfil(owner, days=3, overrides={"notes": "no mushrooms or tomatoes"})

    names = {
        part["name"].lower()
        for plan in MealPlan.objects.filter(user=owner)
        for meal in plan.meals
        for part in meal["ingredients"]
    }
    assert not [name for name in names if "mushroom" in name or "tomato" in name]
    assert "mushrooms and tomatoes are left out" in notices(owner)


def test_a_wish_that_would_leave_too_few_dishes_is_not_heeded_and_that_is_said(owner: User) -> None:
    owner.dietary_preferences = ["vegan", "keto"]
    owner.save()

    fulfil(owner, overrides={"notes": "no salt"})

    assert "too few dishes would be left without salt" in notices(owner)


def test_a_diet_in_the_notes_holds_for_the_plan(owner: User) -> None:
    fulfil(owner, days=2, overrides={"notes": "I'm vegan"})

    assert MealPlan.objects.filter(user=owner).latest("date").certificate["diets"]["kept"] == ["vegan"]
    assert eaten(owner).isdisjoint({"milk", "eggs", "fish"})


def test_a_pregnancy_in_the_notes_is_planned_for(owner: User) -> None:
    fulfil(owner, kind="both", overrides={"notes": "I am pregnant, 12 weeks", "fitness_goal": "lose_weight"})

    plan = MealPlan.objects.get(user=owner)
    assert plan.targets["kcal"] > 2200  # no deficit, and what EFSA adds; without it 1829
    assert "No deficit in pregnancy" in notices(owner)
    training = WorkoutPlan.objects.get(user=owner)
    assert training.certificate["conditions"]["declared"] == ["pregnant"]
    assert "takes care of it (pregnant)" in notices(owner, WorkoutPlan)


def test_what_is_unsafe_in_pregnancy_is_kept_out_by_the_notes_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[frozenset[str]] = []
    save = meal_services.save_days

    def watched(**fields: Any) -> Any:
        judged.append(fields["eater"].conditions)
        return save(**fields)

    monkeypatch.setattr(meal_services, "save_days", watched)

    fulfil(owner, overrides={"notes": "I am pregnant"})

    assert judged == [frozenset({"pregnant"})]


def test_an_injury_in_the_notes_is_spared(owner: User) -> None:
    fulfil(owner, kind="workout", days=7, overrides={"notes": "my knee hurts"})

    training = WorkoutPlan.objects.filter(user=owner).latest("date")
    assert training.certificate["injuries"] == {"declared": ["knee"], "found": []}
    assert "You wrote “my knee hurts”" in notices(owner, WorkoutPlan)


def test_what_is_said_of_somebody_else_is_only_asked_about(owner: User) -> None:
    fulfil(owner, overrides={"notes": "my wife is pregnant"})

    assert "not clear what to leave out (pregnant)" in notices(owner)


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

    job = fulfil(consenting(owner), kind="both", overrides={"notes": notes})

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

    fulfil(consenting(owner), overrides={"notes": "allergic to nuts"})

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

    fulfil(consenting(owner), kind="both", days=14)

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
    consenting(owner)
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
    consenting(owner)

    for seed in (1, 2):
        fulfil(owner, seed=seed)

    assert model.questions[0].user != model.questions[1].user


# --- the explanation ------------------------------------------------------------------------------


def test_the_explanation_tells_a_models_picks_from_ours(model: Recorded, as_owner: Api, owner: User) -> None:
    model.choose = the_same_every_day
    job = fulfil(consenting(owner), kind="both", days=4)

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
