"""What one person may be served in each slot: every portion of sensible size, with what speaks against it.

Invariant: a menu holds only recipes that break no hard rule; its order depends on slugs alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mealplans.planner import rules
from mealplans.planner.ladder import LOWEST, ROUNDING, Bounds, bounds
from mealplans.planner.portions import USUAL_SERVINGS, Portion, portions
from mealplans.planner.traits import Traits, traits
from mealplans.planner.values import Catalogue, Eater, Recipe
from users.targets import Targets

SHARES: Mapping[int, Mapping[str, float]] = {  # of the day's energy, by meals a day
    3: {"breakfast": 0.28, "lunch": 0.35, "dinner": 0.37},
    4: {"breakfast": 0.25, "lunch": 0.30, "dinner": 0.33, "snack": 0.12},
    5: {"breakfast": 0.22, "lunch": 0.27, "dinner": 0.30, "snack": 0.105},
    6: {"breakfast": 0.20, "lunch": 0.25, "dinner": 0.28, "snack": 0.09},
}
SIZE: Mapping[str, tuple[float, float]] = {  # the least and the most of a slot's share, when nothing better is left
    "breakfast": (0.5, 1.8),
    "lunch": (0.55, 1.7),
    "dinner": (0.55, 1.7),
    "snack": (0.35, 2.2),
}
SIZE_COST = 3.0  # of 100 % off the slot's share, by the square
ROUGH_COST, ROUGH = 0.03, 18.0  # of each g of fibre in 1000 kcal above so many: much more is hard to eat
UNKNOWN_COST = 0.3  # of each goal that cannot be judged because a figure is unknown
LARGE_COST = 0.3  # of more than two servings
EXCESS_COST = 2.0  # of twice what is plenty of nuts, fat or pulses on one plate, or of its weight
MEAL_GRAMS, SNACK_GRAMS = 900.0, 400.0  # of a plate that is plenty
MEDITERRANEAN_GAIN = 1.0
EFFORT_COST = 0.06  # of each minute that a dish takes longer than …
EASY_MINUTES: Mapping[str, int] = {"breakfast": 25, "lunch": 40, "dinner": 60, "snack": 15}  # … is usual for its slot


class Option(NamedTuple):
    """A portion as the search sees it: kcal, g (sodium in mg), its cost, its kinds and what it is.

    `imbalance` is the share of its energy that comes from other macronutrients than the targets would have it.
    """

    kcal: float
    protein: float
    carbs: float
    fat: float
    fibre: float
    sat_fat: float
    sodium: float
    cost: float
    kinds: int
    recipe: str
    servings: float
    imbalance: float


@dataclass(frozen=True, slots=True)
class Menu:
    """The options of each slot, and the recipes and traits behind them."""

    options: Mapping[str, tuple[Option, ...]]
    recipes: Mapping[str, Recipe]
    traits: Mapping[str, Traits]


def menu(eater: Eater, catalogue: Catalogue, widest: Bounds | None = None) -> Menu:
    """Return all that the eater may be served on days within the widest bounds, by default the lowest rung's.

    :raises Conflict: for a diet or an allergen that the planner does not know.
    :raises ValueError: unless the day has 3 to 6 meals.
    """
    if eater.meals_per_day not in SHARES:
        raise ValueError(f"a day has 3 to 6 meals, not {eater.meals_per_day}")
    allowed = rules.allowed(eater, catalogue)
    found = {slot: _options(slot, allowed, eater, catalogue) for slot in dict.fromkeys(eater.slots)}
    return Menu(
        _useful(found, eater, widest or bounds(eater, LOWEST)),
        {recipe.slug: recipe for recipe in allowed},
        traits(catalogue),
    )


def option(portion: Portion, kinds: int, cost: float, targets: Targets) -> Option:
    """Return the portion as an option. What is not known counts as nothing here and is paid for in `cost`."""
    kcal, protein, carbs, fat, fibre, _, sat_fat, sodium = portion.known
    imbalance = _imbalance(portion.known, targets)
    slug, servings = portion.recipe_slug, portion.servings
    return Option(kcal, protein, carbs, fat, fibre, sat_fat, sodium, cost, kinds, slug, servings, imbalance)


def _useful(found: dict[str, tuple[Option, ...]], eater: Eater, widest: Bounds) -> dict[str, tuple[Option, ...]]:
    """Leave out options that alone, beside the least of every other meal, go beyond the widest bounds of a day."""
    if not all(found.values()):
        return found
    for place, (_, most) in enumerate((widest.protein, widest.carbs, widest.fat), start=1):
        least = {slot: min(float(option[place]) for option in options) for slot, options in found.items()}
        spare = most + ROUNDING - sum(least[slot] for slot in eater.slots)
        found = {
            slot: tuple(option for option in options if float(option[place]) <= spare + least[slot])
            for slot, options in found.items()
        }
        if not all(found.values()):
            break
    return found


def _options(slot: str, allowed: tuple[Recipe, ...], eater: Eater, catalogue: Catalogue) -> tuple[Option, ...]:
    wanted = SHARES[eater.meals_per_day][slot] * eater.targets.kcal
    least, most = (share * wanted for share in SIZE[slot])
    known, plenty = traits(catalogue), SNACK_GRAMS if slot == "snack" else MEAL_GRAMS
    dishes = [
        (recipe, EFFORT_COST * max(0, recipe.minutes - EASY_MINUTES[slot]))
        for recipe in allowed
        if slot in recipe.slots
    ]
    return tuple(
        option(portion, known[recipe.slug].kinds, effort + _cost(portion, recipe, wanted, eater, plenty), eater.targets)
        for recipe, effort in dishes
        for portion in _offered(portions(catalogue)[recipe.slug], wanted)
        if least <= portion.known[0] <= most
    )


def _offered(sizes: tuple[Portion, ...], wanted: float) -> list[Portion]:
    """Leave out more than two servings where two are a meal's energy already."""
    return [size for size in sizes if size.servings <= USUAL_SERVINGS or _of_two(size) < wanted]


def _of_two(size: Portion) -> float:
    return size.known[0] * USUAL_SERVINGS / size.servings


def _cost(portion: Portion, recipe: Recipe, wanted: float, eater: Eater, plenty: float) -> float:
    """Return what speaks against a portion for this person on any day; about 1 is a good reason."""
    kcal = portion.known[0]
    cost = SIZE_COST * (kcal / wanted - 1) ** 2
    cost += ROUGH_COST * max(0.0, 1000 * portion.known[4] / kcal - ROUGH)
    cost += UNKNOWN_COST * len(portion.unknown & {"fibre", "sat_fat", "sodium"})
    cost += LARGE_COST * (portion.servings > USUAL_SERVINGS)
    cost += EXCESS_COST * (portion.excess + max(0.0, portion.weight / plenty - 1))
    if "mediterranean" in eater.diets:
        cost -= MEDITERRANEAN_GAIN * ("mediterranean" in recipe.tags)
    return cost


def _imbalance(known: tuple[float, ...], targets: Targets) -> float:
    """Return the share of a dish's energy that comes from other macronutrients than the targets would have it."""
    shares = ((4 * known[1], 4 * targets.protein), (4 * known[2], 4 * targets.carbs), (9 * known[3], 9 * targets.fat))
    return sum(abs(own / known[0] - aim / targets.kcal) for own, aim in shares) / 2
