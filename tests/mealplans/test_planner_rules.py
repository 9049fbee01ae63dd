"""The hard rules: what is refused is refused for everyone it would harm or offend."""

import pytest

from mealplans import planner
from mealplans.planner import rules
from mealplans.planner.traits import matches, phrase, traits
from tests.mealplans.planner_cast import WEEK, eater, food, recipe, shipped


def slugs(person: planner.Eater, catalogue: planner.Catalogue) -> set[str]:
    return {dish.slug for dish in rules.allowed(person, catalogue)}


def larder() -> planner.Catalogue:
    foods = [
        food("oats", 380, 13, 67, 7),
        food("honey", 300, 0, 82, 0, diets=["vegetarian", "pescatarian", "halal", "kosher"]),
        food(
            "cheese", 400, 25, 1, 33, allergens=["milk"], diets=["vegetarian", "halal", "kosher"], kosher_class="dairy"
        ),
        food("beef", 170, 26, 0, 7, category="meat", diets=["halal", "kosher"], kosher_class="meat"),
        food("soy_sauce", 60, 8, 5, 0, allergens=["soy", "gluten"]),
        food("eggplant", 25, 1, 6, 0),
        food("egg_whole", 143, 13, 1, 10, category="egg", allergens=["eggs"], diets=["vegetarian", "halal", "kosher"]),
        food("salmon_smoked", 117, 18, 0, 4, name="Smoked salmon", allergens=["fish"], diets=["pescatarian"]),
    ]
    dishes = [
        recipe("honey_oats", ["breakfast"], {"oats": 60, "honey": 10}),
        recipe("cheeseburger", ["lunch"], {"beef": 120, "cheese": 30}),
        recipe("beef_bowl", ["lunch"], {"beef": 120, "soy_sauce": 10}),
        recipe("grilled_eggplant", ["lunch"], {"eggplant": 300}),
        recipe("omelette", ["lunch"], {"egg_whole": 100}),
        recipe("salmon_plate", ["lunch"], {"salmon_smoked": 100}),
    ]
    return planner.catalogue_from(foods, dishes)


def test_a_vegan_never_sees_honey() -> None:
    assert slugs(eater(diets=frozenset({"vegan"})), larder()) == {"grilled_eggplant"}


def test_soy_sauce_is_no_food_without_gluten() -> None:
    assert "beef_bowl" not in slugs(eater(diets=frozenset({"gluten_free"})), larder())
    assert "beef_bowl" not in slugs(eater(allergens=frozenset({"gluten"})), larder())


def test_meat_with_cheese_is_not_kosher_though_both_are() -> None:
    found = slugs(eater(diets=frozenset({"kosher"})), larder())

    assert "cheeseburger" not in found
    assert "beef_bowl" in found


def test_who_dislikes_egg_may_still_like_eggplant() -> None:
    found = slugs(eater(disliked=frozenset({"eggs"})), larder())

    assert "omelette" not in found
    assert "grilled_eggplant" in found


def test_no_smoked_salmon_in_pregnancy() -> None:
    assert "salmon_plate" in slugs(eater(), larder())
    assert "salmon_plate" not in slugs(eater(conditions=frozenset({"pregnant"})), larder())


@pytest.mark.parametrize(
    ("wish", "text", "found"),
    [
        ("mushrooms", "Mushroom, white, raw", True),
        ("aubergine", "eggplant", True),
        ("courgette", "Zucchini ribbons", True),
        ("rice", "liquorice", False),
        ("peanut butter", "Peanut butter, smooth", True),
        ("peanut butter", "butter and peanut", False),
        ("tomatoes", "Cherry tomato", True),
        ("berries", "Berry compote", True),
        ("", "anything", False),
    ],
)
def test_a_dislike_is_matched_by_whole_words(wish: str, text: str, found: bool) -> None:  # noqa: FBT001
    assert matches([phrase(text)], wish) is found


@pytest.mark.parametrize("unknown", [{"diets": frozenset({"raw_moon"})}, {"allergens": frozenset({"moonlight"})}])
def test_a_rule_that_is_not_known_is_refused_rather_than_ignored(unknown: dict[str, frozenset[str]]) -> None:
    with pytest.raises(planner.Conflict, match="moon"):
        planner.compose(eater(**unknown), shipped(), WEEK, seed=1)


def test_what_a_shipped_recipe_holds_is_the_union_of_its_foods() -> None:
    catalogue = shipped()

    for slug, found in traits(catalogue).items():
        foods = [catalogue.foods[part.food] for part in catalogue.recipes[slug].ingredients]
        assert found.allergens == {allergen for one in foods for allergen in one.allergens}
        assert all(found.diets <= one.diets for one in foods)
