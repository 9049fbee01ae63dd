"""How a plan came about, told from plain values."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ai import explanation, prompts
from ai.explanation import Asked, Story, Table, Training
from ai.proposals import Proposal
from mealplans import planner as meals
from users import targets
from workouts import planner as workouts

MONDAY = dt.date(2026, 3, 2)
PER_100G: Mapping[str, float | None] = {
    "kcal": 100.0,
    "protein": 10.0,
    "carbs": 10.0,
    "fat": 2.0,
    "fibre": 3.0,
    "sugar": None,
    "sat_fat": 1.0,
    "sodium": 200.0,
}
FOOD = {
    "slug": "bean",
    "name": "Beans",
    "category": "legume",
    "aisle": "pantry",
    "per_100g": PER_100G,
    "allergens": [],
    "diets": ["vegan"],
    "kosher_class": "pareve",
    "cost": 1,
    "perishable": False,
}
ODD = {**FOOD, "slug": "odd", "name": "Odd", "per_100g": {**PER_100G, "sodium": None}}


def recipe(slug: str, food: str = "bean") -> dict[str, Any]:
    return {
        "slug": slug,
        "title": slug.title(),
        "slots": ["lunch", "dinner"],
        "cuisine": "any",
        "servings": 1,
        "prep_minutes": 5,
        "cook_minutes": 5,
        "ingredients": [{"food": food, "grams": 300}],
        "steps": [],
        "tags": [],
    }


def exercise(slug: str) -> dict[str, Any]:
    return {
        "slug": slug,
        "name": slug.title(),
        "pattern": "squat",
        "primary": ["quads"],
        "secondary": [],
        "equipment": [],
        "level": "beginner",
        "contraindications": [],
        "unilateral": False,
        "compound": True,
        "mode": "reps",
        "rep_range": [8, 12],
        "load_kind": "bodyweight",
        "met": 5.0,
    }


FOODS = meals.catalogue_from([FOOD, ODD], [recipe("soup"), recipe("dal"), recipe("stew"), recipe("riddle", "odd")])
EXERCISES = workouts.catalogue_from([exercise("squat"), exercise("lunge")])
PERSON = targets.Person(
    age=34,
    sex="female",
    height=168,
    weight=71.5,
    fitness_goal="maintain",
    activity_level="light",
    conditions=frozenset(),
    diets=frozenset(),
)
EATER = meals.Eater(targets=targets.targets(PERSON))
BRIEF = prompts.Brief(dates=(MONDAY.isoformat(),), wishes="quick", struck=("a link",))
PROPOSAL = Proposal(
    dishes={"2026-03-02": (("lunch", "soup"), ("dinner", "stew"))},
    exercises={"2026-03-02": ("squat",)},
    reasons={"2026-03-02": "Warm."},
)


def table(*dishes: meals.Dish, **fields: Any) -> Table:
    week = meals.Week((meals.Day(MONDAY, dishes),), 0, (), 7)
    return Table(eater=EATER, catalogue=FOODS, week=replace(week, **fields.pop("week", {})), **fields)


def item(slug: str, *, locked: bool = False) -> workouts.Item:
    return workouts.Item(
        exercise_slug=slug,
        order=1,
        role="compound",
        sets=3,
        reps=10,
        duration_s=None,
        rest_s=90,
        load_kind="bodyweight",
        load_value=None,
        rir=2,
        locked=locked,
    )


def training(*items: workouts.Item, **fields: Any) -> Training:
    session = workouts.Session(date=MONDAY, title="Full body", rest_day=False, items=items)
    return Training(
        catalogue=EXERCISES, week=workouts.Week(sessions=(session,), rung="full", relaxations=(), seed=7), **fields
    )


def told(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"brief": BRIEF, "seed": 7, "source": "planner", "fallback_reason": None, **fields}
    return explanation.build(Story(**values))


def test_each_dish_says_who_chose_it() -> None:
    dishes = [
        meals.Dish("lunch", "soup", 1.0),
        meals.Dish("dinner", "dal", 1.0),
        meals.Dish("snack", "stew", 1.0, locked=True),
    ]

    [day] = told(table=table(*dishes), proposal=PROPOSAL)["days"]

    assert [(one["slot"], one["title"], one["chosen_by"]) for one in day["dishes"]] == [
        ("lunch", "Soup", "model"),
        ("dinner", "Dal", "planner"),
        ("snack", "Stew", "you"),
    ]


def test_each_exercise_says_who_chose_it() -> None:
    [day] = told(training=training(item("squat"), item("lunge", locked=True)), proposal=PROPOSAL)["days"]

    assert [(one["id"], one["chosen_by"]) for one in day["exercises"]] == [("squat", "model"), ("lunge", "you")]


def test_a_reason_is_told_only_where_something_of_its_choice_is_served() -> None:
    kept = told(table=table(meals.Dish("lunch", "soup", 1.0)), proposal=PROPOSAL)
    lost = told(table=table(meals.Dish("lunch", "dal", 1.0)), proposal=PROPOSAL)

    assert (kept["days"][0]["reason"], lost["days"][0]["reason"]) == ("Warm.", None)


def test_without_a_proposal_all_is_the_planners() -> None:
    [day] = told(table=table(meals.Dish("lunch", "soup", 1.0)))["days"]

    assert (day["dishes"][0]["chosen_by"], day["reason"]) == ("planner", None)


def test_figures_are_the_days_sums_beside_the_targets() -> None:
    [day] = told(table=table(meals.Dish("lunch", "soup", 1.0), meals.Dish("dinner", "dal", 2.0)))["days"]

    figures = {one["figure"]: one for one in day["figures"]}
    kcal = EATER.targets.kcal
    assert list(figures) == ["kcal", "protein", "carbs", "fat", "fibre", "sodium", "sat_fat"]
    assert figures["kcal"] == {
        "figure": "kcal",
        "unit": "kcal",
        "target": kcal,
        "actual": 900.0,
        "delta_pct": round(100 * (900 / kcal - 1), 1),
    }
    assert (figures["sodium"]["unit"], figures["sodium"]["actual"]) == ("mg", 1800.0)


def test_a_figure_that_is_not_known_is_null_and_not_zero() -> None:
    [day] = told(table=table(meals.Dish("lunch", "riddle", 1.0)))["days"]

    sodium = next(one for one in day["figures"] if one["figure"] == "sodium")
    assert (sodium["actual"], sodium["delta_pct"]) == (None, None)


def test_a_repair_names_what_was_chosen_what_is_served_and_why() -> None:
    of_meals = [
        meals.Repair(MONDAY, "dinner", "stew", "dal", "is disliked"),
        meals.Repair(MONDAY, "lunch", None, "soup", "nothing was proposed"),
    ]
    of_training = [workouts.Repair(date=MONDAY, proposed="squat", served=None, why="loads the injured knee")]

    repairs = told(
        table=table(meals.Dish("lunch", "soup", 1.0), repairs=of_meals),
        training=training(item("lunge"), repairs=of_training),
    )["repairs"]

    assert repairs == [
        {
            "date": "2026-03-02",
            "slot": "dinner",
            "proposed": {"id": "stew", "title": "Stew"},
            "served": {"id": "dal", "title": "Dal"},
            "why": "is disliked",
        },
        {
            "date": "2026-03-02",
            "slot": "lunch",
            "proposed": None,
            "served": {"id": "soup", "title": "Soup"},
            "why": "nothing was proposed",
        },
        {
            "date": "2026-03-02",
            "slot": "exercise",
            "proposed": {"id": "squat", "title": "Squat"},
            "served": None,
            "why": "loads the injured knee",
        },
    ]


@pytest.mark.parametrize(
    ("outcome", "attempts", "sent"), [("ok", 1, True), ("timeout", 2, True), ("budget", 0, False), ("open", 0, False)]
)
def test_a_provider_that_was_passed_over_was_sent_nothing(outcome: str, attempts: int, *, sent: bool) -> None:
    [asked] = told(asked=[Asked("one", "m", outcome, attempts)])["asked"]

    assert asked == {"provider": "one", "model": "m", "outcome": outcome, "sent": sent}


def test_the_brief_is_told_word_for_word() -> None:
    brief = told()["brief"]

    system, user = prompts.question(BRIEF)
    assert brief == {"instructions": system, "data": json.loads(user), "struck": ["a link"]}


def test_what_gave_way_is_told_in_words() -> None:
    relaxed = table(meals.Dish("lunch", "soup", 1.0), week={"relaxations": ("prep_time",)})

    assert told(table=relaxed)["gave_way"] == ["dishes that take longer than the time limit"]


def test_it_says_what_it_takes_to_make_the_plan_again() -> None:
    made = told(table=table(meals.Dish("lunch", "soup", 1.0)), training=training(item("squat")))["made_with"]

    assert made == {
        "seed": 7,
        "prompt_version": prompts.VERSION,
        "food_catalogue": FOODS.version,
        "exercise_catalogue": EXERCISES.version,
    }


def test_the_way_to_each_target_is_told() -> None:
    reached = told(table=table(meals.Dish("lunch", "soup", 1.0)))["targets"]

    assert {"kcal", "protein"} <= {one["figure"] for one in reached}
    assert all(one["how"] and one["source"] for one in reached)


def test_the_same_story_gives_the_same_bytes() -> None:
    fields = {"table": table(meals.Dish("lunch", "soup", 1.0)), "proposal": PROPOSAL, "kept_ratio": 2 / 3}

    assert json.dumps(told(**fields)) == json.dumps(told(**fields))
    assert told(**fields)["kept_ratio"] == 0.667
