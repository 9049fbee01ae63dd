"""The food catalogue: loaded from the release's data, edited by staff, handed to the planner as values.

Invariant: the planner sees what the tables hold now; a retired recipe stays known for old plans and is in no slot.
"""

import json
from pathlib import Path
from typing import Any

from config.models import load_shipped, shipped_version
from mealplans import models, planner

DATA = Path(__file__).parent / "data"

_FOOD_FIELDS = (
    "slug",
    "name",
    "category",
    "aisle",
    "per_100g",
    "allergens",
    "diets",
    "kosher_class",
    "cost",
    "perishable",
    "unit",
    "density",
)
_RECIPE_FIELDS = (
    "slug",
    "title",
    "slots",
    "cuisine",
    "servings",
    "prep_minutes",
    "cook_minutes",
    "ingredients",
    "steps",
    "tags",
)
_held: planner.Catalogue | None = None


def current() -> planner.Catalogue:
    """Return today's catalogue; it is built again only when a table has changed."""
    global _held  # noqa: PLW0603 - one catalogue a process, replaced whole
    version = shipped_version(models.Food, models.Recipe)
    if _held is None or _held.version != version:
        _held = _build(version)
    return _held


def load() -> int:
    """Bring the release's foods and recipes into the tables; return how many entries changed."""
    foods = json.loads((DATA / "foods.json").read_text())["foods"]
    recipes = [
        recipe
        for file in sorted((DATA / "recipes").glob("*.json"))
        for recipe in json.loads(file.read_text())["recipes"]
    ]
    return load_shipped(models.Food, foods) + load_shipped(models.Recipe, recipes)


def _build(version: str) -> planner.Catalogue:
    gone = set(models.Food.objects.filter(retired=True).values_list("slug", flat=True))
    recipes = [_servable(row, gone) for row in models.Recipe.objects.values("retired", *_RECIPE_FIELDS)]
    return planner.catalogue_from(list(models.Food.objects.values(*_FOOD_FIELDS)), recipes, version=version)


def _servable(row: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    retired = row["retired"] or any(part["food"] in gone for part in row["ingredients"])
    return {**row, "slots": [] if retired else row["slots"]}
