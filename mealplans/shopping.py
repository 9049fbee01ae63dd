"""The shopping list of some days: grams of each food, by aisle.

Invariant: each total is exactly the sum of that food over the plans' ingredients, to the hundredth of a gram.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from mealplans import planner

AISLES = (
    "produce",
    "bakery",
    "dairy_eggs",
    "meat_fish",
    "plant_protein",
    "pantry",
    "spices_sauces",
    "frozen",
    "nuts_seeds",
    "drinks",
)
FROM_THE_TAP = frozenset({"water"})


def shopping_list(days: Sequence[planner.Day], catalogue: planner.Catalogue) -> list[dict[str, Any]]:
    """Return the aisles in the order of a shop, each with its foods by name: `{aisle, items: [{food_id, …}]}`."""
    hundredths: dict[str, int] = defaultdict(int)
    for day in days:
        for dish in planner.meal_json(day, catalogue):
            for part in dish["ingredients"]:
                hundredths[part["food_id"]] += round(part["grams"] * 100)
    items = [
        _item(catalogue.foods[slug], total / 100) for slug, total in hundredths.items() if slug not in FROM_THE_TAP
    ]
    items.sort(key=lambda item: (item["name"], item["food_id"]))
    by_aisle = ((aisle, [item for item in items if item["aisle"] == aisle]) for aisle in AISLES)
    return [{"aisle": aisle, "items": found} for aisle, found in by_aisle if found]


def _item(food: planner.Food, grams: float) -> dict[str, Any]:
    return {
        "food_id": food.slug,
        "name": food.name,
        "aisle": food.aisle,
        "grams": grams,
        "amount": planner.amount(food, grams),
        "perishable": food.perishable,
    }
