"""Portions: whole eggs, kitchen steps, and nutrition of exactly what is weighed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealplans import planner
from mealplans.planner import judge
from mealplans.planner.portions import KITCHEN_STEPS, SERVINGS, portion, portions, rounded, servable
from tests.mealplans.planner_cast import food, recipe, shipped

EGG = {"name": "medium egg", "grams": 50, "step": 1}


def kitchen(**servings: int) -> planner.Catalogue:
    egg = food("egg", 143, 12.6, 0.7, 9.5, unit=EGG)
    onion = food("onion", 40, 1.1, 9.3, 0.1, unit={"name": "onion", "grams": 110, "step": 0.5})
    oil = food("oil", 884, 0, 0, 100)
    odd = food("odd", 50, 1, 10, 0, per_100g={"fibre": None, "sodium": None})
    dishes = [
        recipe("omelette", ["lunch"], {"egg": 200, "oil": 15}, servings=2),
        recipe("soup", ["lunch"], {"onion": 220, "oil": 20}, servings=4),
        recipe("odd_bowl", ["lunch"], {"odd": 100, "oil": 5}),
    ]
    return planner.catalogue_from([egg, onion, oil, odd], dishes)


def test_half_an_egg_is_never_served() -> None:
    catalogue = kitchen()

    sizes = [size.servings for size in portions(catalogue)["omelette"]]

    assert sizes == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]


def test_a_bit_more_onion_than_was_asked_for_is_half_an_onion() -> None:
    catalogue = kitchen()
    soup = catalogue.recipes["soup"]

    assert servable(soup, 0.75, catalogue)
    assert portion(soup, 0.75, catalogue).grams[0] == 55


@pytest.mark.parametrize(
    ("grams", "weighed"),
    [(0.1, 0.5), (3.3, 3.5), (4.9, 5.0), (7.5, 8.0), (19.4, 19.0), (22.4, 20.0), (22.5, 25.0), (37.4, 35.0)],
)
def test_a_cook_weighs_in_kitchen_steps(grams: float, weighed: float) -> None:
    oil = kitchen().foods["oil"]

    assert rounded(oil, grams) == weighed


@given(st.floats(min_value=0.05, max_value=2000))
def test_whatever_is_weighed_lies_on_a_step_and_near_what_was_asked(grams: float) -> None:
    weighed = rounded(kitchen().foods["oil"], grams)

    step = next(step for limit, step in KITCHEN_STEPS if grams < limit)
    assert math.isclose(weighed / step, round(weighed / step))
    assert abs(weighed - grams) <= step / 2 + 1e-6 or weighed == step


def test_nutrition_is_that_of_the_weighed_grams() -> None:
    catalogue = kitchen()

    share = portion(catalogue.recipes["omelette"], 1.0, catalogue)

    assert share.grams == (100, 8)
    assert share.nutrition.kcal == pytest.approx(143 + 8 * 8.84)
    assert share.nutrition.fat == pytest.approx(9.5 + 8)


def test_a_dish_with_an_unknown_figure_has_an_unknown_total() -> None:
    catalogue = kitchen()

    share = portion(catalogue.recipes["odd_bowl"], 1.0, catalogue)

    assert share.nutrition.fibre is None
    assert share.nutrition.sodium is None
    assert share.nutrition.sat_fat is not None


def test_the_judge_weighs_every_shipped_portion_as_the_cook_does() -> None:
    catalogue = shipped()

    for dish in catalogue.recipes.values():
        for size in SERVINGS:
            served = planner.Dish("lunch", dish.slug, size)
            assert tuple(grams for _, grams in judge.weighed(served, catalogue)) == (
                portion(dish, size, catalogue).grams
            ), (dish.slug, size)


def test_almost_every_shipped_recipe_comes_in_several_sizes() -> None:
    sizes = portions(shipped())

    assert sum(len(found) >= 3 for found in sizes.values()) >= 0.95 * len(sizes)
