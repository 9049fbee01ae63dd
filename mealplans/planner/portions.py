"""Portions a cook can weigh: a recipe scaled to some servings, in whole pieces and kitchen steps.

Invariant: nutrition is always the sum over the rounded grams, so that what is printed is what was counted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mealplans.planner.values import NUTRIENTS, Catalogue, Food, Nutrition, Recipe

SERVINGS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
USUAL_SERVINGS = 2.0  # more is offered only to those whose meals need it
KITCHEN_STEPS = ((5.0, 0.5), (20.0, 1.0), (math.inf, 5.0))  # below so many g, weighed in steps of so many g
TIE = 1e-9  # a half is rounded up, also when the machine's arithmetic puts it a hair below
PLENTY: Mapping[str, float] = {"nut_seed": 60.0, "fat": 30.0, "legume": 300.0}  # g of a category on one plate
SNAP_SHARE = 0.10  # a countable food may move by this share to land on whole pieces …
SNAP_KCAL = 15.0  # … or by so little energy that nobody would notice (half an onion for a third of one)


@dataclass(frozen=True, slots=True)
class Portion:
    """One person's share: grams as the recipe lists its ingredients, and what is known of its nutrition.

    `known` holds the eight NUTRIENTS summed over the foods whose figure is known; `unknown` names the others. `excess`
    is by how many times anything goes beyond what is PLENTY of it, 0 for an ordinary plate.
    """

    recipe_slug: str
    servings: float
    grams: tuple[float, ...]
    known: tuple[float, ...]
    unknown: frozenset[str]
    excess: float

    @property
    def weight(self) -> float:
        """Return the grams of everything together."""
        return sum(self.grams)

    @property
    def nutrition(self) -> Nutrition:
        """Return the totals; a nutrient of which any part is unknown is None."""
        figures = zip(NUTRIENTS, self.known, strict=True)
        return Nutrition(*(None if name in self.unknown else value for name, value in figures))  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def portions(catalogue: Catalogue) -> Mapping[str, tuple[Portion, ...]]:
    """Return for every recipe the portions that can be served, smallest first."""
    return {
        recipe.slug: tuple(portion(recipe, size, catalogue) for size in SERVINGS if servable(recipe, size, catalogue))
        for recipe in catalogue.recipes.values()
    }


def portion(recipe: Recipe, servings: float, catalogue: Catalogue) -> Portion:
    """Scale the recipe to so many servings and round each food as a cook would."""
    factor = servings / recipe.servings
    parts = [(catalogue.foods[part.food], part.grams * factor) for part in recipe.ingredients]
    grams = tuple(rounded(food, amount) for food, amount in parts)
    known = [0.0] * len(NUTRIENTS)
    unknown = set()
    for (food, _), amount in zip(parts, grams, strict=True):
        for index, name in enumerate(NUTRIENTS):
            figure: float | None = getattr(food.per_100g, name)
            if figure is None:
                unknown.add(name)
            else:
                known[index] += figure * amount / 100
    return Portion(recipe.slug, servings, grams, tuple(known), frozenset(unknown), _excess(parts, grams))


def _excess(parts: Sequence[tuple[Food, float]], grams: Sequence[float]) -> float:
    held = dict.fromkeys(PLENTY, 0.0)
    for (food, _), amount in zip(parts, grams, strict=True):
        if food.category in held:
            held[food.category] += amount
    return sum(max(0.0, amount / PLENTY[category] - 1) for category, amount in held.items())


def rounded(food: Food, grams: float) -> float:
    """Return the nearest amount in whole pieces or kitchen steps, at least one."""
    if food.unit:
        step = food.unit.grams * food.unit.step
    else:
        step = next(step for limit, step in KITCHEN_STEPS if grams < limit - TIE)
    return round(max(1, math.floor(grams / step + 0.5 + TIE)) * step, 2)


def servable(recipe: Recipe, servings: float, catalogue: Catalogue) -> bool:
    """Tell whether every countable food lands on whole pieces without a change that anyone would notice."""
    factor = servings / recipe.servings
    return all(_lands(catalogue.foods[part.food], part.grams * factor) for part in recipe.ingredients)


def _lands(food: Food, grams: float) -> bool:
    if food.unit is None:
        return True
    shift = abs(rounded(food, grams) - grams)
    return shift <= SNAP_SHARE * grams or shift * food.per_100g.kcal / 100 <= SNAP_KCAL
