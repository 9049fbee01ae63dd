"""The catalogue: what ships is loaded once, what staff decide stays, and the planner sees what holds now."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.models import load_shipped
from mealplans import catalogue
from mealplans.models import Food, Recipe
from tests.factories import MONDAY
from tests.mealplans.conftest import Cook
from users.models import User


@pytest.fixture
def shipped() -> dict[str, Any]:
    """Return a recipe as the release has it."""
    recipe: dict[str, Any] = json.loads((catalogue.DATA / "recipes" / "dinners.json").read_text())["recipes"][0]
    return recipe


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the release's data that a test may change."""
    (tmp_path / "recipes").mkdir()
    for file in [catalogue.DATA / "foods.json", *(catalogue.DATA / "recipes").glob("*.json")]:
        (tmp_path / file.relative_to(catalogue.DATA)).write_text(file.read_text())
    monkeypatch.setattr(catalogue, "DATA", tmp_path)
    return tmp_path


def retire(entry: Food | Recipe, *, retired: bool = True) -> None:
    entry.retired = retired
    entry.save(update_fields=["retired", "updated_at"])


def test_every_entry_of_the_release_is_in_the_tables(db: None) -> None:
    foods = {food["slug"] for food in json.loads((catalogue.DATA / "foods.json").read_text())["foods"]}

    assert foods <= set(Food.objects.values_list("slug", flat=True))
    assert len(catalogue.current().recipes) == Recipe.objects.count() >= 60


def test_loading_again_changes_nothing(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue")

    assert catalogue.load() == 0
    assert capsys.readouterr().out.startswith("catalogue: 0 foods and recipes, 0 exercises")


def test_what_staff_edited_stays_while_the_release_says_the_same(db: None, shipped: dict[str, Any]) -> None:
    recipe = Recipe.objects.get(slug=shipped["slug"])
    recipe.title = "As staff call it"
    recipe.save()

    assert catalogue.load() == 0
    assert catalogue.current().recipes[shipped["slug"]].title == "As staff call it"


def test_what_the_release_changes_comes_in_and_a_retired_entry_stays_retired(db: None, shipped: dict[str, Any]) -> None:
    retire(Recipe.objects.get(slug=shipped["slug"]))

    changed = load_shipped(Recipe, [{**shipped, "title": "As the release calls it now"}])

    recipe = Recipe.objects.get(slug=shipped["slug"])
    assert (changed, recipe.title, recipe.retired) == (1, "As the release calls it now", True)


def test_a_new_file_of_recipes_is_found(db: None, data: Path, shipped: dict[str, Any]) -> None:
    new = {**shipped, "slug": "a_new_dish", "title": "A new dish"}
    (data / "recipes" / "desserts.json").write_text(json.dumps({"recipes": [new]}))

    assert catalogue.load() == 1
    assert catalogue.current().recipes["a_new_dish"].title == "A new dish"


def test_the_planner_is_handed_the_same_catalogue_until_an_entry_changes(db: None, shipped: dict[str, Any]) -> None:
    before = catalogue.current()
    again = catalogue.current()

    retire(Recipe.objects.get(slug=shipped["slug"]))

    assert again is before
    assert catalogue.current().version != before.version


def test_a_retired_recipe_is_in_no_slot_and_still_known_to_old_plans(db: None, shipped: dict[str, Any]) -> None:
    recipe = Recipe.objects.get(slug=shipped["slug"])

    retire(recipe)
    without = catalogue.current().recipes[recipe.slug]
    retire(recipe, retired=False)
    back = catalogue.current().recipes[recipe.slug]

    assert (without.slots, without.title) == ((), recipe.title)
    assert back.slots == tuple(recipe.slots)


def test_a_retired_food_takes_its_recipes_out_of_the_slots(db: None, shipped: dict[str, Any]) -> None:
    food = shipped["ingredients"][0]["food"]

    retire(Food.objects.get(slug=food))

    found = catalogue.current()
    assert food in found.foods
    served = [recipe for recipe in found.recipes.values() if recipe.slots]
    assert served
    assert not any(part.food == food for recipe in served for part in recipe.ingredients)


def test_a_dish_that_is_retired_is_not_planned_any_more(owner: User, cook: Cook) -> None:
    first = cook(owner, [MONDAY])
    served = {dish.recipe_slug for dish in first.days[0].dishes}
    for recipe in Recipe.objects.filter(slug__in=served):
        retire(recipe)

    second = cook(owner, [MONDAY])

    assert served & {dish.recipe_slug for dish in second.days[0].dishes} == set()


def test_an_unknown_figure_stays_unknown(db: None) -> None:
    food = Food.objects.first()
    assert food is not None
    food.per_100g = {**food.per_100g, "sugar": None}
    food.save()

    assert catalogue.current().foods[food.slug].per_100g.sugar is None
