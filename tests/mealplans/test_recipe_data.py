"""The recipes: complete, cookable, honest about every food in their steps, and enough of them for everyone.

Allergens and diets are derived here from the foods, not by the product's code, so that neither can hide a fault.
"""

import json
import math
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
    r"|rice and peas|the granola keeps|looks like \w+|like \w+ fava|porridge-like"
)
SPELLINGS = {"yoghurt": "yogurt", "beansprout": "sprout", "soy": "soya", "mange": "mangetout"}
HERBS = {"basil", "parsley", "cilantro"}
MADE_HERE = {"milk": "hemp", "granola": "seed", "chocolate": "cocoa", "hummu": "chickpea", "tortilla": "egg"}

MEASURE = {  # the kcal, and the g without water, of one serving
    "breakfast": ((300, 700), (60, 600)),
    "lunch": ((340, 720), (100, 790)),
    "dinner": ((340, 720), (130, 790)),
    "snack": ((130, 300), (25, 430)),
}
MOST_SODIUM, MOST_SALT, MOST_FAT = 800, 1.4, 25  # mg, g of salt and g of pure fat a serving
DEAR, DEAR_SHARE = 3, 0.12  # a budget dish holds less than this share of the dearest foods
QUICK_SNACK, REST = 20, 10  # minutes of a snack that is not made ahead, and of rest that nobody counts
SAME_FOODS, SAME_ENERGY = 0.7, 0.9  # shares above which two dishes of one slot are one
HEAT = re.compile(
    r"\b(?<!just )(boil|simmer|fr[yi]|bak|roast(?! \w+key| c| beef)|grill|toast|sear|steam|poach|blanch|griddle|heat)"
)
PORTIONED = re.compile(r"\d ?(g|ml|kg)\b|\b(into|onto|make) (\d+\b(?!\.\d| [cm]m)|two|three|four|five|six|eight|ten)")
DONE = re.compile(r"(6[3-9]|7\d) ?°C|flak|opaque|pink|cooked through|browned")
HOT = re.compile(r"blanch|boil|fry|cook|minute")
THROUGH = re.compile(r"7\d ?°C|no pink")
SOFT = re.compile(r"boil[^.]*\b[3-7]½? minutes|poach|yolks? (as you|runs)|moist|jammy")  # of a sentence on eggs
SOFT_TITLE = re.compile(r"soft eggs?\b|jammy|soft[- ]centred|runny", re.I)  # the words that warn in pregnancy


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


def weights(recipe: dict[str, Any]) -> dict[str, float]:
    """Return the g of each food in one serving."""
    return {part["food"]: part["grams"] / recipe["servings"] for part in recipe["ingredients"]}


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two dishes share nearly all their foods and get their energy from the same ones."""
    a, b = ({s: g * FOODS[s]["per_100g"]["kcal"] for s, g in weights(r).items()} for r in (one, other))
    if len(a.keys() & b.keys()) < SAME_FOODS * len(a.keys() | b.keys()):
        return False
    same = sum(a[slug] * b[slug] for slug in a.keys() & b.keys())
    return bool(same > SAME_ENERGY * math.hypot(*a.values()) * math.hypot(*b.values()))


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
def test_salt_in_a_step_is_counted_and_salt_that_is_counted_is_in_a_step(recipe: dict[str, Any]) -> None:
    said = re.search(r"\bsalt\b|\bseason(?! with [^.]*pepper)", steps_of(recipe)) is not None
    salty = {food["slug"] for food in foods_of(recipe) if (food["per_100g"]["sodium"] or 0) >= 500}

    assert not said or salty
    assert "salt" not in salty or said


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


@every_recipe
def test_the_steps_name_every_ingredient_and_nothing_else(recipe: dict[str, Any]) -> None:
    foods = [called(part["food"]) for part in recipe["ingredients"] if part["food"] != "salt"]

    assert (words(steps_of(recipe)) & words(FOOD_WORDS)) - set().union(*foods) == set()
    assert [names for names in foods if not names & words(" ".join(recipe["steps"]))] == []
    assert 3 <= len(recipe["steps"]) <= 8
    assert all(len(step) >= 15 and step[0].isupper() and step[-1] in ".!" for step in recipe["steps"])


@every_recipe
def test_the_steps_fit_the_time_and_any_portion(recipe: dict[str, Any]) -> None:
    steps, tags, total = steps_of(recipe), set(recipe["tags"]), recipe["prep_minutes"] + recipe["cook_minutes"]
    minutes = [int(found) for found in re.findall(r"(\d+)(?:–\d+)? minutes?", steps)]

    assert not PORTIONED.search(steps)
    assert bool(HEAT.search(steps)) == (recipe["cook_minutes"] > 0)
    assert "make_ahead" in tags or max(minutes, default=0) <= total
    assert {"meanwhile", "make_ahead"} & (words(steps) | tags) or sum(minutes) <= total + REST
    assert "make_ahead" in tags or not re.search(r"\d hours?\b|overnight", steps) or "or freeze" in steps
    assert "make_ahead" in tags or "snack" not in recipe["slots"] or total <= QUICK_SNACK
    assert "no_cook" not in tags or recipe["cook_minutes"] == 0


@every_recipe
def test_a_serving_has_the_measure_of_its_meal(recipe: dict[str, Any]) -> None:
    kcal, grams = per_serving(recipe, "kcal"), weights(recipe)

    assert all(
        food["per_100g"][name] is not None for food in foods_of(recipe) for name in ("fibre", "sat_fat", "sodium")
    )
    for (least, most), (lightest, heaviest) in (MEASURE[slot] for slot in recipe["slots"]):
        assert least <= kcal <= most
        assert lightest <= sum(grams.values()) - grams.get("water", 0) <= heaviest
    assert per_serving(recipe, "sodium") <= MOST_SODIUM
    assert grams.get("salt", 0) <= MOST_SALT
    assert sum(amount for slug, amount in grams.items() if FOODS[slug]["category"] == "fat") <= MOST_FAT


@every_recipe
def test_a_title_promises_only_what_is_in_the_dish(recipe: dict[str, Any]) -> None:
    listed = set().union(*(called(part["food"]) for part in recipe["ingredients"]))
    promised = words(IDIOMS.sub(" ", recipe["title"].lower())) & words(FOOD_WORDS)

    assert [word for word in promised - listed if MADE_HERE.get(word) not in listed] == []


def test_no_dish_stands_under_two_titles() -> None:
    pairs = [(a, b) for a, b in combinations(ENTRIES, 2) if set(a["slots"]) & set(b["slots"])]

    assert len(pairs) > len(ENTRIES)
    assert [(a["slug"], b["slug"]) for a, b in pairs if alike(a, b)] == []


def test_meat_fish_eggs_and_sprouts_are_cooked_until_they_are_done() -> None:
    raw = [(r, slug) for r in ENTRIES for slug in weights(r) if FOODS[slug]["aisle"] == "meat_fish" and "_raw" in slug]
    risky = [(r, slug) for r, slug in raw if re.match("chicken|turkey|pork|.*ground", slug)]
    eggs = [r for r in ENTRIES if weights(r).keys() & {"egg_whole", "egg_white"}]
    soft = [
        r for r in eggs if any(SOFT.search(found) for found in re.findall(r"[^.]*\b(?:eggs|yolk)\b[^.]*", steps_of(r)))
    ]
    sprouts = [re.search(r"[^.]*sprouts[^.]*.[^.]*", steps_of(r)) for r in ENTRIES if "bean_sprouts" in weights(r)]

    assert len(raw) > len(risky) > 0 < len(soft) < len(eggs)
    assert [r["slug"] for r, _ in raw if not DONE.search(" ".join(r["steps"]))] == []
    assert [r["slug"] for r, _ in risky if not THROUGH.search(" ".join(r["steps"]))] == []
    assert [
        r["slug"] for r in eggs if r["cook_minutes"] == 0 or (r in soft and not SOFT_TITLE.search(r["title"]))
    ] == []
    assert [found[0] for found in sprouts if found and not HOT.search(found[0])] == []
    assert len(sprouts) > sprouts.count(None) == 0


def test_what_is_bought_boiled_or_baked_is_not_cooked_again_and_budget_is_cheap() -> None:
    bought = [(r, slug.rsplit("_", 1)) for r in ENTRIES for slug in weights(r) if slug.endswith(("_boiled", "_baked"))]
    cheap = [weights(r) | {"water": 0} for r in ENTRIES if "budget" in r["tags"]]
    dear = [sum(g for slug, g in dish.items() if FOODS[slug]["cost"] == DEAR) / sum(dish.values()) for dish in cheap]

    assert bought
    assert [r["slug"] for r, (what, how) in bought if re.search(rf"{how[:-2]}e? (the )?{what}", steps_of(r))] == []
    assert 0 < max(dear) < DEAR_SHARE


def test_kosher_dishes_never_put_meat_and_dairy_on_one_plate() -> None:
    mixed = [r for r in ENTRIES if {"meat", "dairy"} <= {food["kosher_class"] for food in foods_of(r)}]

    assert mixed
    assert not any(feeds(recipe, "kosher") for recipe in mixed)


def test_the_whole_world_is_at_the_table() -> None:
    cuisines = Counter(recipe["cuisine"] for recipe in ENTRIES)

    assert len(cuisines) >= 20
    assert max(cuisines.values()) <= 0.35 * len(ENTRIES)
