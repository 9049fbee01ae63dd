"""The shopping list is the plan's ingredients, no gram more or less."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from mealplans import planner, shopping
from tests.mealplans.planner_cast import MONDAY, WEEK, eater, food, recipe, shipped


def test_the_list_is_exactly_what_the_dishes_hold() -> None:
    days = planner.compose(eater(meals_per_day=6), shipped(), WEEK, seed=1).days
    needed: Counter[str] = Counter()
    for day in days:
        for meal in planner.meal_json(day, shipped()):
            for part in meal["ingredients"]:
                needed[part["food_id"]] += round(part["grams"] * 100)

    listed = {
        item["food_id"]: item["grams"] for aisle in shopping.shopping_list(days, shipped()) for item in aisle["items"]
    }

    del needed["water"]
    assert {slug: round(grams * 100) for slug, grams in listed.items()} == dict(needed)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([0.5, 0.75, 1.0, 1.25, 1.5, 2.0]), min_size=1, max_size=8))
def test_many_small_amounts_add_up_without_a_rounding_error(sizes: list[float]) -> None:
    catalogue = planner.catalogue_from([food("oil", 884, 0, 0, 100)], [recipe("dip", ["snack"], {"oil": 3.3})])
    day = planner.Day(MONDAY, tuple(planner.Dish("snack", "dip", size) for size in sizes))

    (aisle,) = shopping.shopping_list([day], catalogue)

    assert aisle["items"][0]["grams"] == sum(
        part["grams"] for meal in planner.meal_json(day, catalogue) for part in meal["ingredients"]
    )


def test_foods_stand_in_their_aisles_and_the_aisles_in_a_shops_order() -> None:
    days = planner.compose(eater(), shipped(), WEEK, seed=1).days

    listed = shopping.shopping_list(days, shipped())

    order = [aisle["aisle"] for aisle in listed]
    assert order == [aisle for aisle in shopping.AISLES if aisle in order]
    for aisle in listed:
        assert all(shipped().foods[item["food_id"]].aisle == aisle["aisle"] for item in aisle["items"])
        assert [item["name"] for item in aisle["items"]] == sorted(item["name"] for item in aisle["items"])


def test_every_food_of_the_catalogue_has_a_place_in_the_shop() -> None:
    assert {item.aisle for item in shipped().foods.values()} <= set(shopping.AISLES)


def test_nothing_planned_needs_nothing_bought() -> None:
    assert shopping.shopping_list([], shipped()) == []
