"""The meal planner: composes, repairs, judges and words plans. Values in, values out.

Invariant: pure. No Django, no input or output, no clock; chance enters as a seed.
"""

from mealplans.planner.candidates import candidates
from mealplans.planner.certify import certificate
from mealplans.planner.compose import compose
from mealplans.planner.judge import faults, relaxations, totals
from mealplans.planner.ladder import RELAXATIONS
from mealplans.planner.repair import repair
from mealplans.planner.swap import swap
from mealplans.planner.traits import traits
from mealplans.planner.values import (
    NUTRIENTS,
    SLOTS,
    WEEKDAYS,
    Catalogue,
    Conflict,
    Day,
    Dish,
    Eater,
    Fault,
    Food,
    Ingredient,
    Nutrition,
    Recipe,
    Repair,
    Unit,
    Week,
    catalogue_from,
)
from mealplans.planner.words import amount, describe, meal_json

__all__ = [
    "NUTRIENTS",
    "SLOTS",
    "WEEKDAYS",
    "RELAXATIONS",
    "Catalogue",
    "Conflict",
    "Day",
    "Dish",
    "Eater",
    "Fault",
    "Food",
    "Ingredient",
    "Nutrition",
    "Recipe",
    "Repair",
    "Unit",
    "Week",
    "amount",
    "candidates",
    "catalogue_from",
    "certificate",
    "compose",
    "describe",
    "faults",
    "meal_json",
    "relaxations",
    "repair",
    "swap",
    "totals",
    "traits",
]
