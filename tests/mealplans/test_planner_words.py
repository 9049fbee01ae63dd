"""The text of a plan says what its numbers say."""

import re

from mealplans import planner
from mealplans.planner.words import amount
from tests.mealplans.planner_cast import MONDAY, WEEK, eater, food, recipe, shipped


def kitchen() -> planner.Catalogue:
    foods = [
        food(
            "egg", 143, 12.6, 0.7, 9.5, name="Egg, whole", unit={"name": "medium egg, shelled", "grams": 50, "step": 1}
        ),
        food("bread", 250, 10, 45, 3, name="Wholemeal bread", unit={"name": "slice", "grams": 40, "step": 1}),
        food("apple", 52, 0.3, 14, 0.2, unit={"name": "medium apple", "grams": 160, "step": 0.5}),
        food("oil", 884, 0, 0, 100, name="Olive oil"),
        food("salt", 0, 0, 0, 0),
    ]
    toast = recipe("egg_toast", ["breakfast"], {"egg": 100, "bread": 80, "oil": 10, "salt": 1}, servings=1)
    return planner.catalogue_from(foods, [toast, recipe("apple_plate", ["snack"], {"apple": 240})])


def test_a_meal_reads_as_a_cook_would_say_it() -> None:
    day = planner.Day(MONDAY, (planner.Dish("breakfast", "egg_toast", 1.0),))

    text = planner.describe(day, kitchen())

    assert text == {
        "breakfast": "Egg toast (1 serving; 431 kcal, 21 g protein): 2 medium eggs, shelled (100 g), "
        "2 slices of wholemeal bread (80 g), 10 g olive oil.",
        "lunch": "",
        "dinner": "",
        "snacks": "",
    }


def test_without_figures_a_text_counts_neither_energy_nor_servings() -> None:
    day = planner.Day(MONDAY, (planner.Dish("breakfast", "egg_toast", 1.5),))

    text = planner.describe(day, kitchen(), figures=False)["breakfast"]

    assert text == "Egg toast: 3 medium eggs, shelled (150 g), 3 slices of wholemeal bread (120 g), 15 g olive oil."


def test_snacks_share_one_text_a_line_each() -> None:
    snack = planner.Dish("snack", "apple_plate", 1.0)

    text = planner.describe(planner.Day(MONDAY, (snack, snack)), kitchen())

    assert (
        text["snacks"].splitlines() == ["Apple plate (1 serving; 125 kcal, 1 g protein): 1½ medium apples (240 g)."] * 2
    )


def test_grams_are_said_where_nothing_is_counted() -> None:
    assert amount(kitchen().foods["oil"], 12.5) == "12.5 g"


def test_every_text_of_a_week_agrees_with_its_numbers() -> None:
    week = planner.compose(eater(meals_per_day=5), shipped(), WEEK, seed=1)

    for day in week.days:
        text = "\n".join(planner.describe(day, shipped()).values())
        said = [int(found) for found in re.findall(r"; (\d+) kcal", text)]
        shown = [meal["nutrition"]["kcal"] for meal in planner.meal_json(day, shipped())]
        assert len(said) == len(shown)
        assert all(abs(a - b) <= 0.6 for a, b in zip(said, shown, strict=True))


def test_a_dish_has_every_field_of_the_contract() -> None:
    day = planner.Day(MONDAY, (planner.Dish("breakfast", "egg_toast", 1.5, locked=True),))

    (meal,) = planner.meal_json(day, kitchen())

    assert meal["recipe_id"] == "egg_toast"
    assert meal["locked"] is True
    assert meal["servings"] == 1.5
    assert [part["grams"] for part in meal["ingredients"]] == [150, 120, 15, 1.5]
    assert meal["steps"] == ["Cook it.", "Eat it."]
    assert set(meal["nutrition"]) >= {"kcal", "protein", "carbs", "fat", "fibre"}
    assert meal["prep_minutes"] == 10
    assert meal["allergens"] == []
