"""Judge meal plans from the data files' own entries.

Invariant: shares no line with the planner, so that neither can hide the other's mistake.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.people import Someone, entries
from mealplans import planner


@dataclass(slots=True)
class Outcome:
    """What came of one person's plan: times in s, one entry a day in the lists, deviations as shares.

    A conflict is `proven`, or it only says that nothing was found.
    """

    seconds: float = 0.0
    rung: int = 0
    conflict: str | None = None
    proven: bool = True
    hard: list[str] = field(default_factory=list)
    energy: list[float] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    days: int = 0


def check(who: Someone, week: planner.Week, result: Outcome) -> None:
    """Judge the week from the data files alone."""
    foods, recipes = ({entry["slug"]: entry for entry in group} for group in entries())
    for day in week.days:
        sums: dict[str, float] = dict.fromkeys(("kcal", "protein", "carbs", "fat", "fibre", "sat_fat", "sodium"), 0.0)
        for dish in day.dishes:
            recipe = recipes[dish.recipe_slug]
            result.hard += _forbidden(who, recipe, foods)
            if dish.slot not in recipe["slots"]:
                result.hard.append(f"{dish.recipe_slug} as {dish.slot}")
            for part in recipe["ingredients"]:
                food = foods[part["food"]]
                grams = _grams(food, part["grams"] * dish.servings / recipe["servings"])
                for name in sums:
                    sums[name] += (food["per_100g"][name] or 0.0) * grams / 100
        _check_day(who, day, sums, result)


def _forbidden(who: Someone, recipe: Mapping[str, Any], foods: Mapping[str, Mapping[str, Any]]) -> list[str]:
    parts = [foods[part["food"]] for part in recipe["ingredients"]]
    held = {allergen for part in parts for allergen in part["allergens"]}
    banned = set(who.eater.allergens)
    banned |= {"gluten"} if "gluten_free" in who.eater.diets else set()
    banned |= {"milk"} if "lactose_free" in who.eater.diets else set()
    found = [f"{recipe['slug']} holds {allergen}" for allergen in sorted(held & banned)]
    for diet in set(who.eater.diets) & {"vegan", "vegetarian", "pescatarian", "halal", "kosher"}:
        found += [f"{recipe['slug']} is not {diet}" for part in parts if diet not in part["diets"]]
    if "kosher" in who.eater.diets and {"meat", "dairy"} <= {part["kosher_class"] for part in parts}:
        found.append(f"{recipe['slug']} mixes meat and dairy")
    text = " ".join([recipe["title"], *(part["slug"] + " " + part["name"] for part in parts)]).lower()
    return found + [f"{recipe['slug']} holds {word}" for word in who.eater.disliked if f" {word} " in f" {text} "]


def _grams(food: Mapping[str, Any], grams: float) -> float:
    if food["unit"]:
        piece = food["unit"]["grams"] * food["unit"]["step"]
    else:
        piece = 0.5 if grams < 4.9999999 else 1 if grams < 19.9999999 else 5
    return float(max(math.floor(grams / piece + 0.5000001), 1) * piece)


def _check_day(who: Someone, day: planner.Day, sums: Mapping[str, float], result: Outcome) -> None:
    aim = who.eater.targets
    slots = Counter(dish.slot for dish in day.dishes)
    wanted = Counter({"breakfast": 1, "lunch": 1, "dinner": 1, "snack": who.eater.meals_per_day - 3})
    if slots != +wanted:
        result.hard.append(f"meals {dict(slots)}")
    if aim.floor and sums["kcal"] < float(str(aim.floor["kcal"])) - 1e-6:
        result.hard.append(f"{sums['kcal']:.0f} kcal below the floor")
    if "kidney_disease" in who.eater.conditions and sums["protein"] > 1.1 * aim.protein + 1e-6:
        result.hard.append(f"{sums['protein']:.0f} g protein, a most of 1.1 x {aim.protein}")
    off = sums["kcal"] / aim.kcal - 1
    if abs(off) > 0.03 + 1e-9:
        result.hard.append(f"energy {off:+.1%}")
    result.energy.append(abs(off))
    result.days += 1
    result.held.update(name for name, held in _goals(who, sums).items() if held)


def _goals(who: Someone, sums: Mapping[str, float]) -> dict[str, bool]:
    """Return which bands and soft goals the day meets. A keto day's carbohydrate has a most and no least."""
    aim, tiny = who.eater.targets, 1e-6
    carbs_from = 0.0 if "keto" in who.eater.diets else 0.9 * aim.carbs
    protein_from = (0.9 if "kidney_disease" in who.eater.conditions else 1.0) * aim.protein
    low_carb = bool(who.eater.diets & {"keto", "low_carb"}) or 4 * aim.carbs < 0.45 * aim.kcal
    carb_share, fat_share = 4 * sums["carbs"] / sums["kcal"], 9 * sums["fat"] / sums["kcal"]
    return {
        "protein": protein_from - tiny <= sums["protein"] <= 1.1 * aim.protein + tiny,
        "carbs": carbs_from - tiny <= sums["carbs"] <= 1.1 * aim.carbs + tiny,
        "fat": 0.9 * aim.fat - tiny <= sums["fat"] <= 1.1 * aim.fat + tiny,
        "fibre": sums["fibre"] >= aim.fibre - tiny,
        "sodium": sums["sodium"] <= aim.sodium + tiny,
        "sat_fat": sums["sat_fat"] <= aim.sat_fat + tiny,
        "AMDR": low_carb or (0.43 <= carb_share <= 0.67 and 0.19 <= fat_share <= 0.36),
    }
