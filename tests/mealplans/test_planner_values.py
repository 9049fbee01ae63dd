"""The catalogue as values: what is read from the data files is what the planner sees."""

import pytest

from mealplans import planner
from tests.mealplans.planner_cast import food, recipe, shipped


def test_the_shipped_files_make_a_catalogue() -> None:
    catalogue = shipped()

    assert len(catalogue.foods) >= 300
    assert len(catalogue.recipes) >= 240
    assert all(part.food in catalogue.foods for dish in catalogue.recipes.values() for part in dish.ingredients)


def test_a_recipe_with_an_unknown_food_is_refused() -> None:
    with pytest.raises(KeyError, match="moonstone"):
        planner.catalogue_from([food("rice", 130, 2.7, 28, 0.3)], [recipe("odd", ["lunch"], {"moonstone": 10})])


def test_an_unknown_figure_stays_unknown() -> None:
    odd = food("odd", 100, 1, 1, 1, per_100g={"fibre": None})

    catalogue = planner.catalogue_from([odd], [])

    assert catalogue.foods["odd"].per_100g.fibre is None


def test_the_version_changes_with_the_data_and_only_then() -> None:
    rice, dish = food("rice", 130, 2.7, 28, 0.3), recipe("bowl", ["lunch"], {"rice": 200})
    dearer = {**rice, "cost": 2}

    version = planner.catalogue_from([rice], [dish]).version

    assert planner.catalogue_from([rice], [dish]).version == version
    assert planner.catalogue_from([dearer], [dish]).version != version
    assert planner.catalogue_from([rice], [dish], version="7").version == "7"


def test_a_conflict_says_what_cannot_hold_together_and_what_to_relax() -> None:
    conflict = planner.Conflict(["vegan", "nut-free", "220 g protein at 1,600 kcal"], ["give up vegan", "allow nuts"])

    assert str(conflict) == (
        "vegan, nut-free and 220 g protein at 1,600 kcal cannot be met; relax one of: give up vegan; allow nuts"
    )
