"""The recipes: complete, cookable, honest about every food in their steps, and enough of them for everyone.

Allergens and diets are derived here from the foods, not by the product's code, so that neither can hide a fault.
"""

import json
import re
from collections import Counter
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "mealplans/data"
FOODS: dict[str, dict[str, Any]] = {
    food["slug"]: food for food in json.loads((DATA / "foods.json").read_text("utf-8"))["foods"]
}
ENTRIES: list[dict[str, Any]] = [
    recipe
    for file in sorted((DATA / "recipes").glob("*.json"))
    for recipe in json.loads(file.read_text("utf-8"))["recipes"]
]
RECIPES = {recipe["slug"]: recipe for recipe in ENTRIES}
every_recipe = pytest.mark.parametrize("recipe", ENTRIES, ids=lambda recipe: recipe["slug"])

FIELDS = "slug title slots cuisine servings prep_minutes cook_minutes ingredients steps tags"
SLOTS = ("breakfast", "lunch", "dinner", "snack")
TAGS = {"one_pan", "mediterranean", "budget", "make_ahead", "no_cook"}
DIETS = ("none", "vegan", "vegetarian", "pescatarian", "halal", "kosher")
ALLERGENS = "gluten crustaceans eggs fish peanuts soy milk nuts celery mustard sesame sulphites lupin molluscs"
PAIRS = tuple(combinations(ALLERGENS.split(), 2))
MENUS = tuple(product(DIETS, SLOTS))
FOR_ONE_ALLERGEN, FOR_A_PAIR = 12, 8  # dishes to choose from in every slot

# (diet, allergen, allergen, slot) that fewer than eight dishes can feed, with the reason why no cook could do better
CANNOT_BE_FED: dict[tuple[str, str, str, str], str] = {}

# words that in a step can only mean the food
FOOD_WORDS = (
    "almond amaranth anchovy apple apricot artichoke arugula asparagus aubergine avocado bacon bagel balsamic banana"
    " barley basil bean beansprout beef beetroot biscuit blackberry blueberry broccoli buckwheat bulgur butter"
    " buttermilk butternut cabbage carrot cashew cauliflower celery chard cheddar cheese cherry chestnut chia chicken"
    " chickpea chilli chocolate cinnamon cocoa coconut cod coriander corn cornmeal courgette couscous crab cranberry"
    " crispbread cucumber cumin date edamame egg fennel feta fig fish flaxseed garlic ghee ginger granola grape ham"
    " hazelnut hemp herring honey hummus jalapeño kale kefir ketchup kiwi lamb leek lemon lentil lettuce lime mackerel"
    " mangetout mango mayonnaise milk millet miso mozzarella mushroom mussel mustard oat okra olive onion parmesan"
    " parsley parsnip passata pasta pea peach peanut pear pineapple pistachio pita plantain plum polenta pomegranate"
    " pork potato prawn prune pumpkin quinoa radish raisin raspberry rice ricotta rocket rye salmon sardine sauerkraut"
    " scallop seitan sesame shallot soba soya spinach squash squid stock strawberry sugar sunflower sweetcorn tahini"
    " tamari tempeh tofu tomato tortilla trout tuna turkey turmeric turnip vinegar walnut whey yeast yogurt"
)
IDIOMS = re.compile(  # a food's word that stands for a shape, a tool or a likeness
    r"cauliflower rice|rice[- ](sized|grains)|size of rice|noodle-like|potato masher|corn cakes|creamy milk|muffin tin"
    r"|the granola keeps|looks like \w+|like \w+ fava|porridge-like"
)
SPELLINGS = {"yoghurt": "yogurt", "beansprout": "sprout", "soy": "soya", "mange": "mangetout"}
HERBS = {"basil", "parsley", "cilantro"}


def words(text: str) -> set[str]:
    """Return the text's words in lower case and singular, one spelling for all."""
    found = re.findall(r"[^\W\d_]+", text.lower())
    return {SPELLINGS.get(word, word) for word in map(singular, found)}


def singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("oes"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def called(slug: str) -> set[str]:
    """Return the words by which a step may call a food; fish is fish and a herb a herb."""
    food = FOODS[slug]
    kind = {"herb"} if slug in HERBS else {"fish"} & {food["category"]}
    return words(f"{slug.replace('_', ' ')} {food['name']}") | kind


def steps_of(recipe: dict[str, Any]) -> str:
    return IDIOMS.sub(" ", " ".join(recipe["steps"]).lower())


def foods_of(recipe: dict[str, Any]) -> list[dict[str, Any]]:
    return [FOODS[part["food"]] for part in recipe["ingredients"]]


def per_serving(recipe: dict[str, Any], nutrient: str) -> float:
    total = sum(FOODS[p["food"]]["per_100g"][nutrient] * p["grams"] / 100 for p in recipe["ingredients"])
    return float(total / recipe["servings"])


def allergens(recipe: dict[str, Any]) -> set[str]:
    return {allergen for food in foods_of(recipe) for allergen in food["allergens"]}


def feeds(recipe: dict[str, Any], diet: str) -> bool:
    """Tell whether every food suits the diet and, for kosher, whether meat and dairy stay apart."""
    foods = foods_of(recipe)
    if diet == "kosher" and {"meat", "dairy"} <= {food["kosher_class"] for food in foods}:
        return False
    return diet == "none" or all(diet in food["diets"] for food in foods)


def test_there_are_at_least_240_recipes_each_once() -> None:
    slugs, titles = Counter(r["slug"] for r in ENTRIES), Counter(r["title"].lower() for r in ENTRIES)

    assert len(slugs) >= 240
    assert [name for name, count in (slugs + titles).items() if count > 1] == []


@every_recipe
def test_a_recipe_keeps_to_the_format(recipe: dict[str, Any]) -> None:
    slots, tags = recipe["slots"], recipe["tags"]

    assert list(recipe) == FIELDS.split()
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", recipe["slug"])
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", recipe["cuisine"])
    assert slots == [slot for slot in SLOTS if slot in slots] != []
    assert len(set(tags)) == len(tags)
    assert set(tags) <= TAGS
    assert 1 <= recipe["servings"] <= 6
    assert 0 <= recipe["prep_minutes"] <= 60
    assert 0 <= recipe["cook_minutes"] <= 180
    assert 8 <= len(recipe["title"]) <= 80


@every_recipe
def test_ingredients_are_known_foods_each_once_and_weighed(recipe: dict[str, Any]) -> None:
    slugs = [part["food"] for part in recipe["ingredients"]]

    assert [slug for slug in slugs if slug not in FOODS] == []
    assert len(set(slugs)) == len(slugs) >= 2
    assert all(set(part) == {"food", "grams"} and part["grams"] > 0 for part in recipe["ingredients"])


@every_recipe
def test_a_cook_can_follow_three_to_eight_steps(recipe: dict[str, Any]) -> None:
    steps = recipe["steps"]

    assert 3 <= len(steps) <= 8
    assert all(len(step) >= 15 and step[0].isupper() and step[-1] in ".!" for step in steps)


@every_recipe
def test_a_serving_is_a_dish_and_not_a_bite_or_a_feast(recipe: dict[str, Any]) -> None:
    assert 100 <= per_serving(recipe, "kcal") <= 1000


@every_recipe
def test_salt_in_a_step_is_counted_and_salt_that_is_counted_is_in_a_step(recipe: dict[str, Any]) -> None:
    said = re.search(r"\bsalt\b|\bseason(?! with [^.]*pepper)", steps_of(recipe)) is not None
    salty = {food["slug"] for food in foods_of(recipe) if (food["per_100g"]["sodium"] or 0) >= 500}

    assert not said or salty
    assert "salt" not in salty or said


@every_recipe
def test_a_serving_is_not_too_salty(recipe: dict[str, Any]) -> None:
    assert per_serving(recipe, "sodium") <= 1200


@every_recipe
def test_every_food_of_the_steps_is_an_ingredient(recipe: dict[str, Any]) -> None:
    listed = set().union(*(called(part["food"]) for part in recipe["ingredients"]))

    assert (words(steps_of(recipe)) & words(FOOD_WORDS)) - listed == set()


@every_recipe
def test_every_ingredient_is_used_in_a_step(recipe: dict[str, Any]) -> None:
    steps = words(" ".join(recipe["steps"]))

    unused = [part["food"] for part in recipe["ingredients"] if not called(part["food"]) & steps]
    assert [slug for slug in unused if slug != "salt"] == []


@every_recipe
def test_what_needs_no_cooking_takes_no_cooking_time(recipe: dict[str, Any]) -> None:
    assert "no_cook" not in recipe["tags"] or recipe["cook_minutes"] == 0


@every_recipe
def test_raw_meat_and_fish_are_cooked(recipe: dict[str, Any]) -> None:
    raw = [f["slug"] for f in foods_of(recipe) if f["aisle"] == "meat_fish" and f["slug"].endswith("_raw")]

    assert not raw or recipe["cook_minutes"] >= 3


@pytest.mark.parametrize(("diet", "slot"), MENUS)
def test_each_diet_has_twelve_dishes_whatever_the_allergen(diet: str, slot: str) -> None:
    menu = [allergens(r) for r in ENTRIES if slot in r["slots"] and feeds(r, diet)]

    choice = {allergen: sum(allergen not in held for held in menu) for allergen in ALLERGENS.split()}
    assert {allergen: count for allergen, count in choice.items() if count < FOR_ONE_ALLERGEN} == {}


@pytest.mark.parametrize(("diet", "slot"), MENUS)
def test_each_diet_has_eight_dishes_whatever_the_two_allergens(diet: str, slot: str) -> None:
    menu = [allergens(r) for r in ENTRIES if slot in r["slots"] and feeds(r, diet)]

    choice = {(diet, *pair, slot): sum(held.isdisjoint(pair) for held in menu) for pair in PAIRS}
    short = {key for key, count in choice.items() if count < FOR_A_PAIR}
    assert short == {key for key in CANNOT_BE_FED if (key[0], key[3]) == (diet, slot)}


def test_kosher_dishes_never_put_meat_and_dairy_on_one_plate() -> None:
    mixed = [r for r in ENTRIES if {"meat", "dairy"} <= {food["kosher_class"] for food in foods_of(r)}]

    assert mixed
    assert not any(feeds(recipe, "kosher") for recipe in mixed)


def test_the_whole_world_is_at_the_table() -> None:
    cuisines = Counter(recipe["cuisine"] for recipe in ENTRIES)

    assert len(cuisines) >= 20
    assert max(cuisines.values()) <= 0.35 * len(ENTRIES)
