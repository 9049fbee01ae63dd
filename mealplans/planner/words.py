"""A day in words and in JSON, both made from the same weighed portions.

Invariant: no figure is written by hand, so text and numbers cannot disagree.
"""

from typing import Any

from mealplans.planner.portions import Portion, portion
from mealplans.planner.traits import matches, phrase, traits
from mealplans.planner.values import Catalogue, Day, Dish, Food, Unit

SHOWN = ("kcal", "protein", "carbs", "fat", "fibre", "sugar", "sat_fat", "sodium")
SILENT = frozenset({"water", "salt"})


def describe(day: Day, catalogue: Catalogue, *, figures: bool = True) -> dict[str, str]:
    """Return a text per meal: breakfast, lunch, dinner and snacks (one line each; empty when there is none).

    Without `figures` it says what to put on the table and counts neither energy nor servings.
    """
    texts = {slot: "" for slot in ("breakfast", "lunch", "dinner", "snacks")}
    for dish in day.dishes:
        key = "snacks" if dish.slot == "snack" else dish.slot
        texts[key] = "\n".join(filter(None, (texts[key], _sentence(dish, catalogue, figures=figures))))
    return texts


def meal_json(day: Day, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the day's dishes as the API shows them."""
    return [_dish_json(dish, catalogue) for dish in day.dishes]


def _dish_json(dish: Dish, catalogue: Catalogue) -> dict[str, Any]:
    recipe = catalogue.recipes[dish.recipe_slug]
    share = portion(recipe, dish.servings, catalogue)
    foods = [catalogue.foods[part.food] for part in recipe.ingredients]
    return {
        "slot": dish.slot,
        "recipe_id": recipe.slug,
        "title": recipe.title,
        "servings": dish.servings,
        "locked": dish.locked,
        "ingredients": [
            {"food_id": food.slug, "name": food.name, "grams": grams, "amount": amount(food, grams)}
            for food, grams in zip(foods, share.grams, strict=True)
        ],
        "steps": list(recipe.steps),
        "prep_minutes": recipe.prep_minutes,
        "cook_minutes": recipe.cook_minutes,
        "allergens": sorted(traits(catalogue)[recipe.slug].allergens),
        "nutrition": _nutrition(share),
    }


def _nutrition(share: Portion) -> dict[str, float | None]:
    found = share.nutrition
    values = {name: getattr(found, name) for name in SHOWN}
    return {name: None if value is None else round(value, 1) for name, value in values.items()}


def _sentence(dish: Dish, catalogue: Catalogue, *, figures: bool) -> str:
    recipe = catalogue.recipes[dish.recipe_slug]
    share = portion(recipe, dish.servings, catalogue)
    foods = [catalogue.foods[part.food] for part in recipe.ingredients]
    parts = [_part(food, grams) for food, grams in zip(foods, share.grams, strict=True) if food.slug not in SILENT]
    found = share.nutrition
    about = f" ({_servings(dish.servings)}; {found.kcal:.0f} kcal, {found.protein:.0f} g protein)" if figures else ""
    return f"{recipe.title}{about}: {', '.join(parts)}."


def amount(food: Food, grams: float) -> str:
    """Return the amount as a cook reads it: pieces where the food is counted, else grams."""
    return f"{_pieces(food.unit, grams)} ({grams:g} g)" if food.unit else f"{grams:g} g"


def _part(food: Food, grams: float) -> str:
    """Return the amount with the food's name, which many a piece bears already (1 medium egg)."""
    if food.unit and matches([phrase(food.unit.name)], food.name.split()[0].strip(",")):
        return amount(food, grams)
    if food.unit:
        return f"{_pieces(food.unit, grams)} of {_lower(food.name)} ({grams:g} g)"
    return f"{grams:g} g {_lower(food.name)}"


def _pieces(unit: Unit, grams: float) -> str:
    count = grams / unit.grams
    name, comma, rest = unit.name.partition(",")
    return f"{_fraction(count)} {_plural(name) if count > 1 else name}{comma}{rest}"


def _plural(name: str) -> str:
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def _lower(name: str) -> str:
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _fraction(value: float) -> str:
    whole, rest = divmod(round(value * 4), 4)
    part = ("", "¼", "½", "¾")[rest]
    return f"{whole or ''}{part}" or "0"


def _servings(value: float) -> str:
    return f"{_fraction(value)} serving{'s' if value > 1 else ''}"
