"""Who eats and what there is, for the planner's tests: the shipped catalogue, a tiny one, and a few people.

Invariant: nothing here asserts, and nothing needs a database.
"""

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from mealplans import planner
from users import targets as needs

DATA = Path(planner.__file__).parents[1] / "data"
MONDAY = dt.date(2026, 3, 2)
WEEK = tuple(MONDAY + dt.timedelta(days=i) for i in range(7))
EVERYTHING = ("vegan", "vegetarian", "pescatarian", "halal", "kosher")


@lru_cache(maxsize=1)
def shipped() -> planner.Catalogue:
    """Return the catalogue that is shipped, straight from its files."""
    foods = json.loads((DATA / "foods.json").read_text())["foods"]
    files = sorted((DATA / "recipes").glob("*.json"))
    return planner.catalogue_from(foods, [entry for file in files for entry in json.loads(file.read_text())["recipes"]])


def need(**changes: Any) -> needs.Targets:
    """Return the targets of a woman of 35 who keeps her weight, or of somebody who differs."""
    usual: dict[str, Any] = {
        "age": 35,
        "sex": "female",
        "height": 168,
        "weight": 66,
        "fitness_goal": "maintain",
        "activity_level": "moderate",
        "conditions": frozenset(),
        "diets": frozenset(),
    }
    return needs.targets(needs.Person(**usual | changes))


def aim(kcal: int = 2000, protein: int = 100, carbs: int = 240, fat: int = 71, **changes: Any) -> needs.Targets:
    """Return targets of these amounts."""
    limits: dict[str, Any] = {"fibre": 10, "sodium": 2300, "sat_fat": 22, "floor": None}
    about: dict[str, Any] = {"bmi": 22.0, "rmr": 1400, "tdee": kcal, "formula": "", "inputs": {}, "notices": ()}
    return needs.Targets(kcal=kcal, protein=protein, carbs=carbs, fat=fat, explanation=(), **about, **limits | changes)


def eater(**changes: Any) -> planner.Eater:
    """Return somebody who eats everything, four times a day, or who differs."""
    return planner.Eater(**{"targets": need()} | changes)


def food(slug: str, kcal: float, protein: float, carbs: float, fat: float, **changes: Any) -> dict[str, Any]:
    """Return a food's entry as the data files have it, harmless unless it says otherwise."""
    rest = {"fibre": 2.0, "sugar": 1.0, "sat_fat": 0.5, "sodium": 40.0}
    per_100g = {"kcal": kcal, "protein": protein, "carbs": carbs, "fat": fat} | rest | changes.pop("per_100g", {})
    usual: dict[str, Any] = {
        "slug": slug,
        "name": slug.replace("_", " ").capitalize(),
        "category": "vegetable",
        "aisle": "produce",
        "per_100g": per_100g,
        "allergens": [],
        "diets": list(EVERYTHING),
        "kosher_class": "pareve",
        "cost": 1,
        "perishable": False,
        "unit": None,
    }
    return usual | changes


def recipe(slug: str, slots: list[str], ingredients: dict[str, float], **changes: Any) -> dict[str, Any]:
    """Return a recipe's entry for one serving."""
    usual: dict[str, Any] = {
        "slug": slug,
        "title": slug.replace("_", " ").capitalize(),
        "slots": slots,
        "cuisine": "test",
        "servings": 1,
        "prep_minutes": 10,
        "cook_minutes": 10,
        "ingredients": [{"food": name, "grams": grams} for name, grams in ingredients.items()],
        "steps": ["Cook it.", "Eat it."],
        "tags": [],
    }
    return usual | changes


def one_dish_a_slot() -> planner.Catalogue:
    """Return a catalogue with a single, well balanced dish for each slot, of 500 kcal a serving."""
    stew = food("stew", 125, 6.25, 15, 4.4)
    dishes = [recipe(f"{slot}_stew", [slot], {"stew": 400}) for slot in ("breakfast", "lunch", "dinner", "snack")]
    return planner.catalogue_from([stew], dishes)
