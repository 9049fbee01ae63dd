"""Another dish in one place: the day stays on target and everything else stays what it was."""

from dataclasses import replace

import pytest

from mealplans import planner
from tests.mealplans.planner_cast import WEEK, eater, shipped


def a_day(person: planner.Eater, seed: int = 1) -> planner.Day:
    return planner.compose(person, shipped(), WEEK[:1], seed=seed).days[0]


@pytest.mark.parametrize("slot", ["breakfast", "lunch", "dinner", "snack"])
def test_a_swap_changes_one_dish_and_keeps_the_day_on_target(slot: str) -> None:
    person = eater()
    day = a_day(person)

    new = planner.swap(day, slot, None, person, shipped(), seed=2)

    changed = [(old, now) for old, now in zip(day.dishes, new.dishes, strict=True) if old is not now]
    assert [(old.slot, now.slot) for old, now in changed] == [(slot, slot)]
    assert changed[0][0].recipe_slug != changed[0][1].recipe_slug
    assert not [fault for fault in planner.faults([new], person, shipped()) if fault.hard]


def test_the_second_snack_is_swapped_when_asked_for() -> None:
    person = eater(meals_per_day=5)
    day = a_day(person)

    new = planner.swap(day, "snack", 1, person, shipped(), seed=2)

    assert [old is now for old, now in zip(day.dishes, new.dishes, strict=True)] == [True, True, True, True, False]


def test_a_dish_that_was_named_comes_in_the_portion_that_fits() -> None:
    person = eater()
    day = a_day(person)
    swapped = planner.swap(day, "dinner", None, person, shipped(), seed=5).dishes[2].recipe_slug

    new = planner.swap(day, "dinner", None, person, shipped(), recipe_slug=swapped, seed=9)

    assert new.dishes[2].recipe_slug == swapped
    assert not [fault for fault in planner.faults([new], person, shipped()) if fault.hard]


@pytest.mark.parametrize(("slug", "why"), [("no_such_dish", "not in the catalogue"), ("with_milk", "contains milk")])
def test_a_dish_that_may_not_be_served_is_refused_with_the_reason(slug: str, why: str) -> None:
    person = eater(allergens=frozenset({"milk"}))
    milky = next(s for s, found in planner.traits(shipped()).items() if found.allergens == {"milk"})

    with pytest.raises(planner.Conflict, match=why):
        planner.swap(
            a_day(person), "lunch", None, person, shipped(), recipe_slug=slug.replace("with_milk", milky), seed=1
        )


def test_a_locked_dish_is_not_swapped() -> None:
    person = eater()
    day = a_day(person)
    locked = replace(day, dishes=(replace(day.dishes[0], locked=True), *day.dishes[1:]))

    with pytest.raises(planner.Conflict, match="locked"):
        planner.swap(locked, "breakfast", 0, person, shipped(), seed=1)


@pytest.mark.parametrize(("slot", "index"), [("snack", 1), ("brunch", None), ("lunch", -1)])
def test_a_dish_that_is_not_there_cannot_be_swapped(slot: str, index: int | None) -> None:
    person = eater()

    with pytest.raises(LookupError):
        planner.swap(a_day(person), slot, index, person, shipped(), seed=1)


def test_what_is_eaten_around_the_day_does_not_come_in_by_a_swap() -> None:
    person = eater()
    day = a_day(person)
    first = planner.swap(day, "lunch", None, person, shipped(), seed=1).dishes[1].recipe_slug

    new = planner.swap(day, "lunch", None, person, shipped(), seed=1, recent={WEEK[1]: [first]})

    assert new.dishes[1].recipe_slug != first
