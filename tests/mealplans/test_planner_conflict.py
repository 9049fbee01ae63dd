"""What cannot be met is answered with the smallest set of wishes that clash, never with a bad plan."""

from dataclasses import replace

import pytest

from mealplans import planner
from tests.mealplans.planner_cast import MONDAY, WEEK, aim, eater, food, need, recipe, shipped


def conflict(person: planner.Eater, **given: object) -> planner.Conflict:
    with pytest.raises(planner.Conflict) as caught:
        planner.compose(person, shipped(), WEEK, seed=1, **given)  # type: ignore[arg-type]
    return caught.value


def test_too_much_protein_for_a_vegan_without_nuts_and_soy_is_a_conflict() -> None:
    person = eater(targets=aim(1600, 220, 120, 40), diets=frozenset({"vegan"}), allergens=frozenset({"nuts", "soy"}))

    found = conflict(person)

    assert "220 g protein at 1,600 kcal" in found.reasons
    assert "change the protein or energy target" in found.relax


def test_a_wish_that_is_not_in_the_way_is_not_in_the_conflict() -> None:
    person = eater(targets=aim(1600, 260, 60, 30), disliked=frozenset({"beetroot"}), allergens=frozenset({"lupin"}))

    found = conflict(person)

    assert not any("beetroot" in reason or "lupin" in reason for reason in found.reasons)


def test_without_any_one_wish_of_the_conflict_there_is_a_plan() -> None:
    rice = food("rice", 125, 6.25, 15, 4.4)
    fish = food("fish", 125, 6.25, 15, 4.4, allergens=["fish"], diets=[])
    dishes = [recipe(f"{slot}_fish", [slot], {"fish": 400}) for slot in ("breakfast", "lunch")]
    dishes += [recipe("dinner_fish", ["dinner"], {"fish": 400}), recipe("rice_bowl", ["dinner"], {"rice": 400})]
    catalogue = planner.catalogue_from([rice, fish], dishes)
    person = eater(targets=aim(1500, 75, 180, 53), meals_per_day=3, allergens=frozenset({"fish"}))

    with pytest.raises(planner.Conflict) as caught:
        planner.compose(person, catalogue, WEEK[:1], seed=1)

    assert caught.value.reasons == ("fish-free",)
    assert caught.value.relax == ("allow fish",)
    assert planner.compose(replace(person, allergens=frozenset()), catalogue, WEEK[:1], seed=1).days


def two_kinds_of_dishes(words: int) -> planner.Catalogue:
    """Return a catalogue where only dishes that hold some of the words are rich enough."""
    rich = [food(f"rich{word(i)}", 125, 6.25, 15, 4.4) for i in range(words)]
    thin = food("thin", 20, 1, 2.4, 0.7)
    dishes = [recipe(f"thin_{slot}", [slot], {"thin": 400}) for slot in ("breakfast", "lunch", "dinner", "snack")]
    dishes += [
        recipe(f"{slot}_{entry['slug']}", [slot], {entry["slug"]: 400})
        for slot in ("breakfast", "lunch", "dinner", "snack")
        for entry in rich
    ]
    return planner.catalogue_from([*rich, thin], dishes)


def word(number: int) -> str:
    """Return a number in letters."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def test_of_hundreds_of_dislikes_only_those_in_the_way_are_named() -> None:
    catalogue = two_kinds_of_dishes(3)
    harmless = {f"nothing {word(i)}" for i in range(360)}
    wanted = {f"rich{word(i)}" for i in range(3)}
    person = eater(targets=aim(1500, 75, 180, 53), meals_per_day=3, disliked=frozenset(harmless | wanted))

    with pytest.raises(planner.Conflict) as caught:
        planner.compose(person, catalogue, WEEK[:1], seed=1)

    assert caught.value.minimal
    assert 1 <= len(caught.value.reasons) <= 3
    assert set(caught.value.reasons) <= {f"no {name}" for name in wanted}


def test_out_of_patience_the_set_is_larger_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    person = eater(
        targets=aim(1500, 75, 180, 53),
        meals_per_day=3,
        disliked=frozenset({"rich", *(f"rich{word(i)}" for i in range(9))}),
    )
    monkeypatch.setattr("mealplans.planner.conflict.PATIENCE", 2)

    with pytest.raises(planner.Conflict, match="relax some of") as caught:
        planner.compose(person, two_kinds_of_dishes(9), WEEK[:1], seed=1)

    assert not caught.value.minimal
    assert {f"no rich{word(i)}" for i in range(9)} <= set(caught.value.reasons)


def hardly_feedable() -> planner.Eater:
    """Return somebody for whom two days in half a billion are within bounds."""
    return eater(
        targets=aim(1272, 111, 143, 28),
        diets=frozenset({"vegan", "kosher"}),
        allergens=frozenset({"gluten", "milk", "soy"}),
    )


def test_the_needle_in_the_haystack_is_found() -> None:
    week = planner.compose(hardly_feedable(), shipped(), WEEK[:1], seed=160)

    assert not [fault for fault in planner.faults(week.days, hardly_feedable(), shipped()) if fault.hard]


def test_what_was_only_not_found_is_not_called_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mealplans.planner.table.LAST_STEPS", 10)

    with pytest.raises(planner.Conflict, match="not proven that nothing can; relax some of") as caught:
        planner.compose(hardly_feedable(), shipped(), WEEK[:1], seed=160)

    assert (caught.value.proven, caught.value.minimal) == (False, False)
    assert {"vegan", "kosher", "gluten-free", "111 g protein at 1,272 kcal"} <= set(caught.value.reasons)


def test_a_locked_dish_that_has_become_unsafe_is_not_served() -> None:
    toast = next(dish for dish in shipped().recipes.values() if "bread" in dish.ingredients[0].food)
    locked = {MONDAY: [planner.Dish(toast.slots[0], toast.slug, 1.0, locked=True)]}

    found = conflict(eater(allergens=frozenset({"gluten"})), locked=locked)

    assert found.reasons[0].startswith(f"{toast.slug} (locked, but contains gluten")
    assert found.relax == (f"unlock {toast.slug}",)


def test_locked_dishes_that_leave_no_room_are_named() -> None:
    big = [planner.Dish(slot, slug, 3.0, locked=True) for slot, slug in largest().items()]

    found = conflict(eater(targets=need(weight=50, fitness_goal="lose_weight")), locked={MONDAY: big})

    assert found.reasons == ("the locked dishes of the day",)


def largest() -> dict[str, str]:
    """Return the richest shipped recipe of the day's three main meals."""
    catalogue = shipped()

    def energy(dish: planner.Recipe) -> float:
        return sum(catalogue.foods[p.food].per_100g.kcal * p.grams for p in dish.ingredients) / dish.servings

    slots = ("breakfast", "lunch", "dinner")
    return {slot: max((d for d in catalogue.recipes.values() if slot in d.slots), key=energy).slug for slot in slots}
