"""What a proposer may choose from: a short list of recipes per slot that suit this person.

Invariant: every candidate is allowed by the hard rules and has a portion of the slot's size.
"""

import random
from collections.abc import Mapping

from mealplans.planner.menu import Menu, menu
from mealplans.planner.values import WEEKDAYS, Catalogue, Eater, Recipe

CHANCE = 0.3  # of cost, so that another seed brings other dishes
SUITS = 8.0  # of 100 % of energy in other macronutrients than the targets have it: what suits can be kept


def candidates(eater: Eater, catalogue: Catalogue, *, limit: int = 40, seed: int) -> Mapping[str, tuple[Recipe, ...]]:
    """Return up to `limit` recipes for each slot of the eater's day, the most suitable first.

    :raises Conflict: for a diet or an allergen that the planner does not know.
    """
    found, rng = menu(eater, catalogue), random.Random(f"{seed} candidates")
    return {slot: _slot(found, slot, eater, rng)[:limit] for slot in found.options}


def _slot(found: Menu, slot: str, eater: Eater, rng: random.Random) -> tuple[Recipe, ...]:
    costs: dict[str, float] = {}
    for option in found.options[slot]:
        if _practical(found, option.recipe, eater):
            cost = option.cost + SUITS * option.imbalance
            costs[option.recipe] = min(cost, costs.get(option.recipe, cost))
    ranked = {slug: cost + rng.random() * CHANCE for slug, cost in costs.items()}
    return tuple(found.recipes[slug] for slug in sorted(ranked, key=lambda slug: (ranked[slug], slug)))


def _practical(found: Menu, slug: str, eater: Eater) -> bool:
    limits = eater.max_prep_minutes or {}
    in_time = any(limits.get(day) is None or found.recipes[slug].minutes <= limits[day] for day in WEEKDAYS)
    return in_time and (eater.budget is None or found.traits[slug].tier <= eater.budget)
