"""What follows from a recipe's foods and title: who may eat it, what it is like, what must be bought fresh.

Invariant: a trait is derived from the foods alone, so that no recipe can claim to be free of what it holds.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from mealplans.planner.values import Catalogue, Food, Recipe

MAIN_SHARE = 0.2  # a food that brings this share of a dish's energy or protein is one of its main foods
DEAR_SHARE = 0.12  # a dish is as dear as the dearest foods that make up this share of its weight without water

PROTEIN_FOODS = frozenset({"fish", "seafood", "meat", "poultry", "egg", "legume"})
FORMS: Mapping[str, str] = {
    "soup": "soup chowder pho ramen broth gazpacho borscht minestrone harira ribollita laksa bisque udon",
    "stew": "stew chilli chili tagine casserole goulash hotpot ragout",
    "salad": "salad slaw tabbouleh fattoush larb",
    "curry": "curry dal dahl masala korma vindaloo",
    "porridge": "porridge oatmeal oats congee muesli granola bircher grits",
    "eggs": "omelette frittata scramble scrambled shakshuka tortilla_espanola",
    "smoothie": "smoothie shake lassi",
    "sandwich": "sandwich toast wrap burrito pita bagel quesadilla taco burger",
    "pancake": "pancake waffle crepe fritter",
    "pudding": "pudding parfait yoghurt yogurt",
}
FORM_WEIGHT: Mapping[str, int] = {"soup": 3, "smoothie": 2, "porridge": 2, "stew": 2, "curry": 2}
PULSE = "legume"  # the category of beans, lentils, tofu, peanuts and the like …
PULSE_WEIGHT = 3  # … of which the same one is soon too much
SHORT_WORD = 3  # letters of a word that has no plural to take off: gas, soy
SYNONYMS: Mapping[str, str] = {
    "aubergine": "eggplant",
    "courgette": "zucchini",
    "cilantro": "coriander",
    "prawn": "shrimp",
    "rocket": "arugula",
    "beet": "beetroot",
    "garbanzo": "chickpea",
    "yoghurt": "yogurt",
    "bacon": "pork",
    "ham": "pork",
    "chili": "chilli",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """Derived facts of one recipe; `kinds` and `perishables` are bit sets over the whole catalogue.

    `mains` names its form and its main foods, `pulses` those of them that are pulses. `kinds` holds the same, and the
    cuisine; what weighs more is in it more than once.
    """

    allergens: frozenset[str]
    diets: frozenset[str]
    foods: frozenset[str]
    phrases: tuple[str, ...]
    perishables: int
    tier: int
    mains: tuple[str, ...] = ()
    pulses: tuple[str, ...] = ()
    kinds: int = 0


@lru_cache(maxsize=4)
def traits(catalogue: Catalogue) -> Mapping[str, Traits]:
    """Return the traits of every recipe of the catalogue by its slug."""
    fresh = _bits(food.slug for food in catalogue.foods.values() if food.perishable)
    pulses = frozenset(_first(food) for food in catalogue.foods.values() if food.category == PULSE)
    weight = {**FORM_WEIGHT, **dict.fromkeys(pulses, PULSE_WEIGHT)}
    mains = {recipe.slug: _mains(recipe, catalogue) for recipe in catalogue.recipes.values()}
    alike = {
        slug: {*_weighted(names, weight), f"{catalogue.recipes[slug].cuisine} cuisine"} for slug, names in mains.items()
    }
    kinds = _bits(bit for bits in alike.values() for bit in bits)
    return {
        slug: replace(
            _traits(catalogue.recipes[slug], catalogue, fresh),
            mains=mains[slug],
            pulses=tuple(name for name in mains[slug] if name in pulses),
            kinds=sum(kinds[bit] for bit in bits),
        )
        for slug, bits in alike.items()
    }


def matches(phrases: Iterable[str], wish: str) -> bool:
    """Tell whether the words of `wish` stand together, in any number, in one of the phrases."""
    wanted = phrase(wish)
    return wanted != "  " and any(wanted in found for found in phrases)


@lru_cache(maxsize=8192)
def phrase(text: str) -> str:
    """Return the text's words, lower case and singular, one synonym for all, with a space around each."""
    words = [_singular(word) for word in re.findall(r"[^\W\d_]+", text.lower())]
    return f" {' '.join(SYNONYMS.get(word, word) for word in words)} "


def _bits(names: Iterable[str]) -> dict[str, int]:
    return {name: 1 << place for place, name in enumerate(sorted(set(names)))}


def _weighted(names: Iterable[str], weight: Mapping[str, int]) -> list[str]:
    return [f"{name} {i}" for name in names for i in range(weight.get(name, 1))]


def _traits(recipe: Recipe, catalogue: Catalogue, fresh: Mapping[str, int]) -> Traits:
    """Return what follows from the foods one by one."""
    foods = [catalogue.foods[part.food] for part in recipe.ingredients]
    diets = frozenset.intersection(*(food.diets for food in foods))
    if {"meat", "dairy"} <= {food.kosher_class for food in foods}:
        diets -= {"kosher"}
    names = {phrase(text) for food in foods for text in (food.slug, food.name, food.category)}
    slugs = frozenset(food.slug for food in foods)
    return Traits(
        allergens=frozenset().union(*(food.allergens for food in foods)),
        diets=diets,
        foods=slugs,
        phrases=tuple(sorted(names | {phrase(recipe.title)})),
        perishables=sum(fresh.get(slug, 0) for slug in slugs),
        tier=_tier(recipe, catalogue),
    )


def _tier(recipe: Recipe, catalogue: Catalogue) -> int:
    weights = {1: 0.0, 2: 0.0, 3: 0.0}
    for part in recipe.ingredients:
        if part.food != "water":
            weights[catalogue.foods[part.food].cost] += part.grams
    total = sum(weights.values())
    if weights[3] >= DEAR_SHARE * total:
        return 3
    return 2 if weights[2] + weights[3] >= 2 * DEAR_SHARE * total else 1


def _mains(recipe: Recipe, catalogue: Catalogue) -> tuple[str, ...]:
    """Name what makes two dishes alike: the form that the title tells, and the main foods."""
    title = set(phrase(recipe.title).split())
    forms = {form for form, words in FORMS.items() if title & set(phrase(words).split())}
    foods = {kind for food in _main_foods(recipe, catalogue) for kind in _food_kinds(food)}
    return tuple(sorted(forms | foods))


def _main_foods(recipe: Recipe, catalogue: Catalogue) -> list[Food]:
    parts = [(catalogue.foods[part.food], part.grams) for part in recipe.ingredients]
    energy = sum(food.per_100g.kcal * grams for food, grams in parts) or 1.0
    protein = sum(food.per_100g.protein * grams for food, grams in parts) or 1.0
    return [
        food
        for food, grams in parts
        if food.category not in {"fat", "condiment"}
        and max(food.per_100g.kcal * grams / energy, food.per_100g.protein * grams / protein) >= MAIN_SHARE
    ]


def _food_kinds(food: Food) -> set[str]:
    return {_first(food), food.category} if food.category in PROTEIN_FOODS else {_first(food)}


def _first(food: Food) -> str:
    return _singular(food.slug.split("_")[0])


def _singular(word: str) -> str:
    if len(word) <= SHORT_WORD:
        return word
    for ending, instead in (("ies", "y"), ("oes", "o"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word
