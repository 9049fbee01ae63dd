"""The food data: figures that add up, ids that never drift, and allergens and diets that a reviewer has fixed."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

DATA = json.loads((Path(__file__).parents[2] / "mealplans/data/foods.json").read_text("utf-8"))
FOODS: dict[str, dict[str, Any]] = {food["slug"]: food for food in DATA["foods"]}
MEASURED = [food for food in FOODS.values() if food["slug"] not in {"salt", "water"}]

FIELDS = "slug name fdc_id category aisle per_100g allergens diets kosher_class cost perishable unit density"
NUTRIENTS = ("kcal", "protein", "carbs", "fat", "fibre", "sugar", "sat_fat", "sodium")
ALLERGENS = "gluten crustaceans eggs fish peanuts soy milk nuts celery mustard sesame sulphites lupin molluscs"
DIETS = ("vegan", "vegetarian", "pescatarian", "halal", "kosher")
AISLES = "produce bakery dairy_eggs meat_fish plant_protein pantry spices_sauces frozen nuts_seeds drinks"
ANIMAL = {"milk", "eggs", "fish", "crustaceans", "molluscs"}

# sha256 over the reviewed (slug, fdc_id) pairs and over their figures, both sorted by slug
IDS = "a2d80c6b3016a0c9a77736c492bd74533a32741a3446cd96e5802caf1b4e658f"
FIGURES = "e2898992fac6a57748a1b01af6b69295e1b32e404ed87011f5eee2094e8bebe3"

# kcal per g of protein, carbohydrate and fat that USDA uses for foods in which 4-4-9 does not hold
# (Merrill & Watt, Agriculture Handbook 74, 1973, table 13, and the factors published with the foods)
SPECIFIC_FACTORS = {
    (3.36, 3.60, 8.37): "apricot_dried cranberry_dried date_medjool passionfruit plantain prune raisin",
    (3.36, 2.48, 8.37): "lemon",
    (3.36, 2.70, 8.37): "lemon_juice lime_juice",
    (2.44, 3.57, 8.37): "corn corn_cooked corn_canned seaweed_wakame tomato_sundried ketchup",
    (2.78, 3.84, 8.37): "garlic turmeric",
    (1.82, 2.35, 8.37): "oat_bran",
    (3.59, 3.78, 8.37): "pasta_whole_dry",
    (3.47, 4.07, 8.37): "tofu_firm tempeh peanut_butter almond_butter brazil_nut cashew coconut_milk pine_nut walnut"
    " chia hemp pumpkin_seed soy_protein",
    (4.27, 4.00, 9.02): "chicken_breast_cooked turkey_breast_cooked tuna_yellowfin_cooked",
    (3.36, 2.90, 8.37): "curry_powder cumin",
    (3.36, 2.35, 8.37): "paprika",
    (1.83, 1.33, 8.37): "cocoa",
    (3.36, 3.68, 8.37): "honey",
    (3.00, 3.35, 8.37): "bakers_yeast_dry",
}
SPECIFIC = {slug: factors for factors, slugs in SPECIFIC_FACTORS.items() for slug in slugs.split()}
ACETIC_ACID = {"vinegar_balsamic", "vinegar_cider"}  # energy of an acid that is none of the macronutrients


def checksum(rows: list[list[object]]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows, key=str)).encode()).hexdigest()


def atwater(food: dict[str, Any]) -> list[float]:
    """Return the kcal per 100 g by 4-4-9, by 4-4-9 with fibre at 2, and by USDA's own factors if it has any."""
    protein, carbs, fat = (food["per_100g"][name] for name in ("protein", "carbs", "fat"))
    general = 4 * protein + 4 * carbs + 9 * fat
    energies = [general, general - 2 * (food["per_100g"]["fibre"] or 0)]
    if factors := SPECIFIC.get(food["slug"]):
        energies.append(sum(factor * grams for factor, grams in zip(factors, (protein, carbs, fat), strict=True)))
    return energies


def with_allergen(allergen: str) -> set[str]:
    return {slug for slug, food in FOODS.items() if allergen in food["allergens"]}


@pytest.mark.parametrize("food", MEASURED, ids=lambda food: food["slug"])
def test_energy_agrees_with_the_macros(food: dict[str, Any]) -> None:
    kcal = food["per_100g"]["kcal"]

    error = min(abs(kcal - energy) for energy in atwater(food))

    assert (error <= max(0.05 * kcal, 8)) == (food["slug"] not in ACETIC_ACID)


def test_every_id_is_the_one_that_was_reviewed() -> None:
    rows = [[food["slug"], food["fdc_id"]] for food in MEASURED]

    assert checksum(rows) == IDS
    assert [food["slug"] for food in MEASURED if not food["fdc_id"]] == []
    assert [fdc_id for fdc_id, count in Counter(food["fdc_id"] for food in MEASURED).items() if count > 1] == []


def test_every_figure_is_the_one_that_was_reviewed() -> None:
    rows = [[food["slug"], *(food["per_100g"][name] for name in NUTRIENTS)] for food in FOODS.values()]

    assert checksum(rows) == FIGURES


def test_there_are_at_least_three_hundred_foods_each_once() -> None:
    assert len(FOODS) == len(DATA["foods"]) >= 300
    assert len({food["name"].lower() for food in DATA["foods"]}) == len(DATA["foods"])


@pytest.mark.parametrize("food", FOODS.values(), ids=FOODS)
def test_figures_are_possible(food: dict[str, Any]) -> None:
    figures = food["per_100g"]
    known = {name: value for name, value in figures.items() if value is not None}

    assert tuple(figures) == NUTRIENTS
    assert min(known.values()) >= 0
    assert known["protein"] + known["carbs"] + known["fat"] <= 102
    assert known["kcal"] <= 902
    assert known.get("sat_fat", 0) <= figures["fat"]
    assert known.get("sugar", 0) <= figures["carbs"] + 0.6
    assert known.get("fibre", 0) <= figures["carbs"]


def test_an_unknown_figure_is_null_and_not_zero() -> None:
    fat_without_saturated = {f["slug"] for f in MEASURED if f["per_100g"]["sat_fat"] == 0 and f["per_100g"]["fat"] > 2}

    assert fat_without_saturated == set()
    assert FOODS["bison_ground_cooked"]["per_100g"]["sat_fat"] is None


def test_salt_is_sodium_and_water_is_nothing() -> None:
    salt, water = FOODS["salt"], FOODS["water"]

    assert {name: value for name, value in salt["per_100g"].items() if value} == {"sodium": 38758.0}
    assert not any(water["per_100g"].values())
    assert salt["fdc_id"] is water["fdc_id"] is None
    assert "Salt" in DATA["source"]


@pytest.mark.parametrize("food", FOODS.values(), ids=FOODS)
def test_a_food_keeps_to_the_vocabulary(food: dict[str, Any]) -> None:
    assert list(food) == FIELDS.split()
    assert food["slug"] == food["slug"].lower().replace(" ", "_")
    assert food["name"][0].isupper()
    assert food["aisle"] in AISLES.split()
    assert food["cost"] in {1, 2, 3}
    assert isinstance(food["perishable"], bool)
    assert food["allergens"] == [name for name in ALLERGENS.split() if name in food["allergens"]]
    assert food["diets"] == [name for name in DIETS if name in food["diets"]]


@pytest.mark.parametrize("food", [f for f in FOODS.values() if f["unit"]], ids=lambda food: food["slug"])
def test_a_piece_is_one_that_a_hand_can_hold(food: dict[str, Any]) -> None:
    unit = food["unit"]

    assert set(unit) == {"name", "grams", "step"}
    assert 5 <= unit["grams"] <= 250
    assert unit["step"] in {0.5, 1}
    assert unit["name"]


def test_fresh_meat_and_fish_spoil_and_the_pantry_keeps() -> None:
    keeps = {aisle: {f["perishable"] for f in FOODS.values() if f["aisle"] == aisle} for aisle in AISLES.split()}

    assert keeps["meat_fish"] == {True}
    assert keeps["pantry"] == keeps["frozen"] == keeps["nuts_seeds"] == {False}


def test_eggs_bread_and_wraps_come_in_pieces() -> None:
    pieces = {slug for slug, food in FOODS.items() if food["unit"] and food["unit"]["step"] == 1}

    assert {"egg_whole", "egg_boiled", "egg_white", "bread_whole", "bread_rye", "tortilla_corn", "rice_cake"} <= pieces
    assert FOODS["egg_whole"]["unit"]["grams"] == 50


def test_what_is_poured_has_a_density_and_what_is_weighed_has_none() -> None:
    poured = {slug for slug, food in FOODS.items() if food["density"]}

    assert {slug for slug in FOODS if slug.endswith("_milk") or slug.startswith("milk_")} <= poured
    assert {"olive_oil", "water", "orange_juice", "stock_veg", "soy_sauce", "honey"} <= poured
    assert all(0.9 <= FOODS[slug]["density"] <= 1.5 for slug in poured)
    assert not any(FOODS[slug]["unit"] for slug in poured)


@pytest.mark.parametrize(
    ("slug", "allergens"),
    [
        ("soy_sauce", {"gluten", "soy"}),
        ("tamari", {"soy"}),
        ("miso", {"gluten", "soy"}),
        ("pesto", {"milk", "nuts"}),
        ("fish_sauce", {"fish"}),
        ("stock_veg", {"celery"}),
        ("stock_chicken", {"celery"}),
        ("ketchup", {"celery"}),
        ("mayonnaise", {"eggs", "mustard"}),
        ("curry_powder", {"celery", "mustard"}),
        ("seitan", {"gluten"}),
        ("hummus", {"sesame"}),
        ("tahini", {"sesame"}),
        ("sesame_oil", {"sesame"}),
        ("bread_naan", {"gluten", "milk"}),
        ("bagel", {"gluten", "sesame"}),
        ("bread_gf", {"eggs", "milk", "soy", "lupin"}),
        ("soba_cooked", {"gluten"}),
        ("egg_noodles_cooked", {"gluten", "eggs"}),
        ("egg_scrambled", {"eggs", "milk"}),
        ("grits_cooked", {"milk"}),
        ("ghee", {"milk"}),
        ("whey_protein", {"milk", "soy"}),
        ("dark_chocolate_70", {"milk", "soy"}),
        ("muesli", {"gluten", "milk", "nuts", "sulphites"}),
        ("granola", {"gluten", "peanuts", "soy", "milk", "nuts", "sesame", "sulphites"}),
        ("almond_milk", {"nuts"}),
        ("oat_milk", {"gluten"}),
        ("vinegar_balsamic", {"sulphites"}),
        ("apricot_dried", {"sulphites"}),
        ("shrimp_raw", {"crustaceans", "sulphites"}),
        ("ham_sliced", {"milk", "soy"}),
        ("coconut_milk", set()),
        ("chestnut", set()),
        ("buckwheat_groats", set()),
        ("tortilla_corn", set()),
    ],
)
def test_a_compound_food_holds_what_its_makers_put_in(slug: str, allergens: set[str]) -> None:
    assert set(FOODS[slug]["allergens"]) == allergens


@pytest.mark.parametrize(
    ("words", "exceptions", "allergen"),
    [
        (
            "oat oats oatmeal barley bulgur couscous spelt wheat bread pasta",
            "bread_gf pasta_gf_cooked pasta_sauce tamari",
            "gluten",
        ),
        ("egg eggs", "egg_noodles_cooked", "eggs"),
        ("tofu soya soy edamame tempeh", "", "soy"),
        ("almond almonds walnut walnuts hazelnuts cashew pecan pistachio macadamia", "", "nuts"),
        ("peanut peanuts", "", "peanuts"),
        ("cheese yogurt kefir buttermilk butter", "peanut_butter almond_butter lima_beans_cooked", "milk"),
        ("sesame tahini", "", "sesame"),
        ("prawns crab lobster", "", "crustaceans"),
        ("squid mussels scallops", "", "molluscs"),
        ("salmon tuna cod anchovies sardines mackerel", "", "fish"),
        ("mustard mayonnaise", "", "mustard"),
        ("dried prunes raisins vinegar", "bakers_yeast_dry", "sulphites"),
    ],
)
def test_a_name_never_hides_its_allergen(words: str, exceptions: str, allergen: str) -> None:
    named = {
        slug
        for slug, food in FOODS.items()
        if set(words.split()) & set(food["name"].lower().replace(",", " ").replace("(", " ").replace(")", " ").split())
    }

    assert named
    assert named - set(exceptions.split()) <= with_allergen(allergen)


@pytest.mark.parametrize(("category", "allergen"), [("dairy", "milk"), ("egg", "eggs"), ("fish", "fish")])
def test_a_category_brings_its_allergen(category: str, allergen: str) -> None:
    assert {slug for slug, food in FOODS.items() if food["category"] == category} <= with_allergen(allergen)


def test_vegan_is_vegetarian_and_vegetarian_is_pescatarian() -> None:
    vegan, vegetarian, pescatarian = ({s for s, food in FOODS.items() if diet in food["diets"]} for diet in DIETS[:3])

    assert vegan < vegetarian < pescatarian


@pytest.mark.parametrize("food", FOODS.values(), ids=FOODS)
def test_diets_agree_with_what_the_food_holds(food: dict[str, Any]) -> None:
    diets, allergens = set(food["diets"]), set(food["allergens"])

    assert not ("vegan" in diets and allergens & ANIMAL)
    assert not ("vegetarian" in diets and allergens & (ANIMAL - {"milk", "eggs"}))
    assert not ("pescatarian" in diets and food["category"] in {"meat", "poultry"})
    assert not ("kosher" in diets and allergens & {"crustaceans", "molluscs"})


@pytest.mark.parametrize("food", FOODS.values(), ids=FOODS)
def test_kosher_class_separates_meat_from_dairy(food: dict[str, Any]) -> None:
    if "kosher" not in food["diets"]:
        expected = None
    elif food["category"] in {"meat", "poultry"} or food["slug"] == "stock_chicken":
        expected = "meat"
    else:
        expected = "dairy" if "milk" in food["allergens"] else "pareve"

    assert food["kosher_class"] == expected


@pytest.mark.parametrize(
    ("diet", "slugs"),
    [
        ("vegan", "honey granola parmesan dark_chocolate_70 egg_white ghee fish_sauce stock_chicken"),
        ("vegetarian", "parmesan swiss_cheese pesto stock_chicken fish_sauce anchovy"),
        ("pescatarian", "stock_chicken bacon_cooked turkey_deli"),
        ("halal", "ham_sliced bacon_cooked parmesan lobster_cooked mussels_cooked"),
        ("kosher", "ham_sliced bacon_cooked shrimp_raw squid_raw parmesan turkey_deli beef_tenderloin_cooked"),
    ],
)
def test_what_a_diet_leaves_out(diet: str, slugs: str) -> None:
    assert [slug for slug in slugs.split() if diet in FOODS[slug]["diets"]] == []


def test_pork_is_neither_halal_nor_kosher() -> None:
    pork = [food for slug, food in FOODS.items() if slug.startswith(("pork", "ham", "bacon"))]

    assert len(pork) == 6
    assert not any({"halal", "kosher"} & set(food["diets"]) for food in pork)
