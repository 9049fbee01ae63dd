"""The hard rules: which recipes this person may be served at all, and why not the others.

Invariant: what is refused here is refused on every rung of the ladder.
"""

from collections.abc import Iterable, Mapping

from mealplans.planner.traits import Traits, matches, traits
from mealplans.planner.values import Catalogue, Conflict, Eater, Recipe

BY_FOOD = frozenset({"vegan", "vegetarian", "pescatarian", "halal", "kosher"})
BY_ALLERGEN: Mapping[str, str] = {"gluten_free": "gluten", "lactose_free": "milk"}
BY_TARGETS = frozenset({"low_carb", "keto"})
BY_PREFERENCE = frozenset({"mediterranean"})
ALLERGENS = frozenset(  # Regulation (EU) 1169/2011, annex II
    {"gluten", "crustaceans", "eggs", "fish", "peanuts", "soy", "milk", "nuts", "celery", "mustard", "sesame"}
    | {"sulphites", "lupin", "molluscs"}
)

AVOIDED: Mapping[str, tuple[str, ...]] = {  # NHS, Foods to avoid in pregnancy (2023); FDA, Food safety for moms-to-be
    "pregnant": (
        "smoked salmon",
        "salmon smoked",
        "soft goat cheese",
        "goat cheese soft",
        "bean sprout",
        "seared tuna",
        "swordfish",
        "liver",
        "jammy",
        "soft egg",
        "soft centred",
        "runny",
    )
}


def avoided(phrases: Iterable[str], conditions: frozenset[str]) -> str | None:
    """Return the first food or way of cooking among the phrases that a condition rules out, in words."""
    held = tuple(phrases)
    words = ((word, condition) for condition in sorted(conditions & AVOIDED.keys()) for word in AVOIDED[condition])
    return next((f"{word} ({condition})" for word, condition in words if matches(held, word)), None)


def excluded_allergens(eater: Eater) -> frozenset[str]:
    """Return the allergens that the eater's allergies and diets rule out."""
    return eater.allergens | {BY_ALLERGEN[diet] for diet in eater.diets if diet in BY_ALLERGEN}


def allowed(eater: Eater, catalogue: Catalogue) -> tuple[Recipe, ...]:
    """Return the recipes that break no hard rule, by slug.

    :raises Conflict: for a diet or an allergen that the planner does not know and so cannot keep.
    """
    _refuse_unknown(eater)
    known = traits(catalogue)
    return tuple(catalogue.recipes[slug] for slug in sorted(catalogue.recipes) if refusal(known[slug], eater) is None)


def refusal(found: Traits, eater: Eater) -> str | None:
    """Say which hard rule a recipe with these traits breaks, or None."""
    if allergens := sorted(found.allergens & excluded_allergens(eater)):
        return f"contains {', '.join(allergens)}"
    if diets := sorted((eater.diets & BY_FOOD) - found.diets):
        return f"is not {', '.join(diets)}"
    if word := avoided(found.phrases, eater.conditions):
        return f"is unsafe: {word}"
    disliked = [wish for wish in sorted(eater.disliked) if matches(found.phrases, wish)]
    return f"holds or is {disliked[0]}, which is disliked" if disliked else None


def _refuse_unknown(eater: Eater) -> None:
    diets = eater.diets - BY_FOOD - BY_ALLERGEN.keys() - BY_TARGETS - BY_PREFERENCE
    if unknown := sorted(diets | (eater.allergens - ALLERGENS)):
        raise Conflict([f"{name} (not known here)" for name in unknown], [f"leave out {name}" for name in unknown])
