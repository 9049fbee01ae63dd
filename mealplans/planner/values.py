"""The planner's vocabulary: foods, recipes, eaters, plans and what can be wrong with them.

Invariant: every value is immutable and knows only numbers and slugs; an unknown nutrient is None, never 0.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from users.targets import Targets

SLOTS = ("breakfast", "lunch", "dinner", "snack")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NUTRIENTS = ("kcal", "protein", "carbs", "fat", "fibre", "sugar", "sat_fat", "sodium")


@dataclass(frozen=True, slots=True)
class Nutrition:
    """Energy in kcal, sodium in mg, all else in g. None means that the figure is not known."""

    kcal: float
    protein: float
    carbs: float
    fat: float
    fibre: float | None
    sugar: float | None
    sat_fat: float | None
    sodium: float | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A countable food's piece: an amount is a whole multiple of `step` x `grams`."""

    name: str
    grams: float
    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Food:
    """What can be bought. `kosher_class` is meat, dairy, pareve, or None when the food is not kosher."""

    slug: str
    name: str
    category: str
    aisle: str
    per_100g: Nutrition
    allergens: frozenset[str]
    diets: frozenset[str]
    kosher_class: str | None
    cost: int
    perishable: bool
    unit: Unit | None = None
    density: float | None = None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Grams of a food for all servings of a recipe together."""

    food: str
    grams: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to make a dish. Nutrients, allergens and diets are never stated here: they follow from the foods."""

    slug: str
    title: str
    slots: tuple[str, ...]
    cuisine: str
    servings: int
    prep_minutes: int
    cook_minutes: int
    ingredients: tuple[Ingredient, ...]
    steps: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def minutes(self) -> int:
        """Return the time from the first cut to the table."""
        return self.prep_minutes + self.cook_minutes


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Every food and recipe by slug. Compared by identity, so that what is derived from it can be kept."""

    version: str
    foods: Mapping[str, Food]
    recipes: Mapping[str, Recipe]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eater:
    """Whom to plan for. `max_prep_minutes` bounds a dish's prep and cooking time by weekday (mon … sun)."""

    targets: Targets
    diets: frozenset[str] = frozenset()
    allergens: frozenset[str] = frozenset()
    disliked: frozenset[str] = frozenset()
    meals_per_day: int = 4
    max_prep_minutes: Mapping[str, int] | None = None
    budget: int | None = None
    leftovers: bool = False
    conditions: frozenset[str] = frozenset()

    @property
    def slots(self) -> tuple[str, ...]:
        """Return the day's meals in order; what is more than three are snacks."""
        return (*SLOTS[:3], *("snack",) * (self.meals_per_day - 3))

    def minutes_on(self, date: dt.date) -> int | None:
        """Return the time limit of a dish on that date, if there is one."""
        return (self.max_prep_minutes or {}).get(WEEKDAYS[date.weekday()])


@dataclass(frozen=True, slots=True)
class Dish:
    """A recipe on the table: `servings` is what this one person eats."""

    slot: str
    recipe_slug: str
    servings: float
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One date's dishes in the order of the day: breakfast, lunch, dinner, snacks."""

    date: dt.date
    dishes: tuple[Dish, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Composed days. `rung` 0 is strict; `relaxations` names everything that had to give way."""

    days: tuple[Day, ...]
    rung: int
    relaxations: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a plan. A hard fault must never be stored; a soft one is a reported deviation."""

    code: str
    date: dt.date | None
    detail: str
    hard: bool


class Conflict(Exception):
    """Nothing can satisfy the request: `reasons` cannot hold together, `relax` are the ways out.

    If it is `minimal`, giving up any one of them is enough; if not, there were too many to try them one by one.
    If it is not `proven`, nothing was found that meets them all, and there may be something.
    """

    def __init__(
        self, reasons: Sequence[str], relax: Sequence[str], *, minimal: bool = True, proven: bool = True
    ) -> None:
        self.reasons = tuple(reasons)
        self.relax = tuple(relax)
        self.minimal = minimal
        self.proven = proven
        some = "one" if minimal else "some"
        what = "cannot be met" if proven else "could not be met, though it is not proven that nothing can"
        super().__init__(f"{_listed(self.reasons)} {what}; relax {some} of: {'; '.join(self.relax)}")


@dataclass(frozen=True, slots=True)
class Repair:
    """One of a proposal's picks that was not served, and why."""

    date: dt.date
    slot: str
    proposed: str | None
    served: str
    why: str


def catalogue_from(
    foods: Sequence[Mapping[str, Any]], recipes: Sequence[Mapping[str, Any]], *, version: str | None = None
) -> Catalogue:
    """Build the catalogue from the data files' entries; without a version it is a hash of the entries.

    :raises KeyError: for a missing field, or a recipe that names an unknown food.
    """
    found = {entry["slug"]: _food(entry) for entry in foods}
    dishes = {entry["slug"]: _recipe(entry) for entry in recipes}
    for recipe in dishes.values():
        for ingredient in recipe.ingredients:
            found[ingredient.food]
    return Catalogue(version or _hash(foods, recipes), found, dishes)


def _food(entry: Mapping[str, Any]) -> Food:
    unit = entry.get("unit")
    return Food(
        slug=entry["slug"],
        name=entry["name"],
        category=entry["category"],
        aisle=entry["aisle"],
        per_100g=Nutrition(**{name: entry["per_100g"][name] for name in NUTRIENTS}),
        allergens=frozenset(entry["allergens"]),
        diets=frozenset(entry["diets"]),
        kosher_class=entry["kosher_class"],
        cost=entry["cost"],
        perishable=entry["perishable"],
        unit=Unit(unit["name"], float(unit["grams"]), float(unit["step"])) if unit else None,
        density=entry.get("density"),
    )


def _recipe(entry: Mapping[str, Any]) -> Recipe:
    return Recipe(
        slug=entry["slug"],
        title=entry["title"],
        slots=tuple(entry["slots"]),
        cuisine=entry["cuisine"],
        servings=entry["servings"],
        prep_minutes=entry["prep_minutes"],
        cook_minutes=entry["cook_minutes"],
        ingredients=tuple(Ingredient(part["food"], float(part["grams"])) for part in entry["ingredients"]),
        steps=tuple(entry["steps"]),
        tags=frozenset(entry["tags"]),
    )


def _hash(*entries: Sequence[Mapping[str, Any]]) -> str:
    text = json.dumps(entries, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
