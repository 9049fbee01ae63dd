"""Random people to plan for, the same ones again for the same number and seed.

Invariant: everybody is plausible: their targets are what `users.targets` gives a body of that kind, never made up.
"""

import datetime as dt
import json
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mealplans import planner
from users import targets as needs
from users import vocabulary

MONDAY = dt.date(2026, 3, 2)
DATA = Path(planner.__file__).resolve().parents[1] / "data"
CONDITIONS = (
    "pregnant",
    "breastfeeding",
    "eating_disorder",
    "heart_disease",
    "hypertension",
    "diabetes",
    "kidney_disease",
)
GOALS = tuple(needs.PROTEIN_PER_KG)
DISLIKES = ("mushroom", "tofu", "aubergine", "salmon", "beetroot", "lentil", "olive", "coriander", "liver", "kale")
HARDLY_VEGAN = ("vegan", "vegan keto", "vegan low_carb", "vegan kosher", "vegetarian keto")


@dataclass(frozen=True, slots=True)
class Someone:
    """A random person: the need and the wishes, and for how many days to plan."""

    number: int
    need: needs.Person
    eater: planner.Eater
    days: int


@lru_cache(maxsize=1)
def entries() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the foods and the recipes as the data files have them."""
    foods = json.loads((DATA / "foods.json").read_text())["foods"]
    files = sorted((DATA / "recipes").glob("*.json"))
    return foods, [recipe for file in files for recipe in json.loads(file.read_text())["recipes"]]


@lru_cache(maxsize=1)
def catalogue() -> planner.Catalogue:
    """Return the shipped catalogue."""
    return planner.catalogue_from(*entries())


def someone(number: int, seed: int) -> Someone:
    """Return the random person of that number."""
    rng = random.Random(f"{seed} {number}")
    sex = rng.choice(("female", "male", "unspecified"))
    height = rng.gauss(164 if sex == "female" else 177, 7)
    conditions = frozenset(rng.sample(CONDITIONS, 1) if rng.random() < 0.15 else ())
    diets = frozenset(rng.sample(vocabulary.DIETS, rng.choice((0, 0, 0, 1, 1, 2))))
    need = needs.Person(
        age=rng.randint(13, 90),
        sex=sex,
        height=height,
        weight=rng.uniform(17.5, 36) * (height / 100) ** 2,
        fitness_goal=rng.choice(GOALS),
        activity_level=rng.choice(tuple(needs.PAL)),
        conditions=conditions,
        diets=diets,
        training_level=rng.choice(("beginner", "intermediate", "advanced")),
    )
    return Someone(number, need, _eater(rng, need), rng.randint(1, 14))


def _eater(rng: random.Random, need: needs.Person) -> planner.Eater:
    days = planner.WEEKDAYS
    busy = {day: rng.choice((30, 45, 60)) if day in days[:5] else 90 for day in days}
    return planner.Eater(
        targets=needs.targets(need),
        diets=need.diets,
        allergens=frozenset(rng.sample(vocabulary.ALLERGENS, rng.choice((0, 0, 1, 2, 3)))),
        disliked=frozenset(rng.sample(DISLIKES, rng.choice((0, 0, 0, 1, 2)))),
        meals_per_day=rng.choice((3, 4, 4, 5, 6)),
        max_prep_minutes=busy if rng.random() < 0.5 else None,
        budget=rng.choice((None, None, None, 2, 3)),
        leftovers=rng.random() < 0.15,
        conditions=need.conditions,
    )


def picky(number: int, seed: int) -> planner.Eater:
    """Return somebody whose wishes often clash: little energy, much protein, hardly a source of it left."""
    rng = random.Random(f"{seed} {number} picky")
    height, diets = rng.gauss(168, 8), frozenset(rng.choice(HARDLY_VEGAN).split())
    need = needs.Person(
        age=rng.randint(18, 75),
        sex=rng.choice(("female", "male")),
        height=height,
        weight=rng.uniform(22, 33) * (height / 100) ** 2,
        fitness_goal=rng.choice(("lose_weight", "lose_weight", "gain_muscle")),
        activity_level=rng.choice(("sedentary", "light", "very_active")),
        conditions=frozenset(),
        diets=diets,
        goal_rate=rng.choice((None, 0.8, 1.0)),
    )
    return planner.Eater(
        targets=needs.targets(need),
        diets=diets,
        allergens=frozenset({"gluten", "soy", rng.choice(vocabulary.ALLERGENS)}),
        disliked=frozenset(rng.sample(DISLIKES, rng.choice((0, 1, 3, 6)))),
        meals_per_day=rng.choice((3, 4, 4, 5, 6)),
        budget=rng.choice((None, 2, 3)),
    )
