"""A proposal is kept where it can be, replaced where it must be, and every replacement is explained."""

import datetime as dt
import random

import pytest

from mealplans import planner
from tests.mealplans.planner_cast import MONDAY, WEEK, eater, shipped

Picks = dict[dt.date, list[tuple[str, str]]]


def picks_of(week: planner.Week) -> Picks:
    return {day.date: [(dish.slot, dish.recipe_slug) for dish in day.dishes] for day in week.days}


def some(person: planner.Eater, rng: random.Random, *, allowed: bool) -> Picks:
    """Return random picks, from the candidates or from all that there is."""
    offered = planner.candidates(person, shipped(), seed=1)
    everything = list(shipped().recipes.values())
    return {
        date: [(slot, rng.choice(offered[slot] if allowed else everything).slug) for slot in person.slots]
        for date in WEEK
    }


def test_a_plan_that_is_good_already_is_kept_whole() -> None:
    person = eater()
    good = planner.compose(person, shipped(), WEEK, seed=1)

    week, kept, repairs = planner.repair(picks_of(good), person, shipped(), WEEK, seed=2)

    assert (kept, repairs) == (1.0, ())
    assert picks_of(week) == picks_of(good)
    assert planner.faults(week.days, person, shipped()) == ()


def test_most_of_what_was_chosen_among_the_candidates_is_kept() -> None:
    person, shares = eater(), []

    for seed in range(6):
        picks = some(person, random.Random(seed), allowed=True)
        week, kept, _ = planner.repair(picks, person, shipped(), WEEK, seed=seed)
        assert planner.faults(week.days, person, shipped()) == ()
        shares.append(kept)

    assert sum(shares) / len(shares) >= 0.7


@pytest.mark.parametrize("seed", range(4))
def test_hostile_picks_never_reach_the_table(seed: int) -> None:
    person = eater(diets=frozenset({"vegan"}), allergens=frozenset({"nuts", "gluten"}))
    picks = some(person, random.Random(seed), allowed=False)

    week, kept, repairs = planner.repair(picks, person, shipped(), WEEK, seed=seed)

    assert not [fault for fault in planner.faults(week.days, person, shipped()) if fault.hard]
    assert kept < 0.5
    assert len(repairs) == round((1 - kept) * 28)
    assert all(repair.why and repair.served != repair.proposed for repair in repairs)


@pytest.mark.parametrize(
    ("slot", "slug", "why"),
    [
        ("lunch", "no_such_dish", "is not a recipe of the catalogue"),
        ("breakfast", "dinner_only", "is not a breakfast"),
        ("lunch", "with_milk", "contains milk"),
    ],
)
def test_the_reason_of_a_replacement_is_the_rule_that_was_broken(slot: str, slug: str, why: str) -> None:
    person = eater(allergens=frozenset({"milk"}))
    free_of_milk = {dish.slug for dishes in planner.candidates(person, shipped(), seed=1).values() for dish in dishes}
    known = {
        "dinner_only": next(s for s in sorted(free_of_milk) if shipped().recipes[s].slots == ("dinner",)),
        "with_milk": next(s for s, found in planner.traits(shipped()).items() if "milk" in found.allergens),
    }
    pick = known.get(slug, slug)

    _, _, repairs = planner.repair({MONDAY: [(slot, pick)]}, person, shipped(), [MONDAY], seed=1)

    assert [repair.why for repair in repairs if repair.proposed == pick] == [why] or why in repairs[0].why


def test_the_same_dish_every_day_is_served_no_more_than_is_good() -> None:
    person = eater()
    dish = planner.candidates(person, shipped(), seed=1)["dinner"][0].slug

    week, kept, repairs = planner.repair({d: [("dinner", dish)] for d in WEEK}, person, shipped(), WEEK, seed=1)

    assert planner.faults(week.days, person, shipped()) == ()
    assert 0 < kept < 0.5
    assert {r.why for r in repairs if r.proposed == dish} <= {
        "is served on two days running",
        "is served too often in one week",
        "the day could not meet its energy and nutrient targets with it",
    }


def test_no_picks_at_all_make_a_plan_of_our_own() -> None:
    week, kept, repairs = planner.repair({}, eater(), shipped(), WEEK[:2], seed=1)

    assert kept == 0.0
    assert len(week.days) == 2
    assert {repair.why for repair in repairs} == {"nothing was proposed"}


def test_a_locked_dish_is_no_place_for_a_pick() -> None:
    person = eater()
    kept = planner.compose(person, shipped(), WEEK[:1], seed=1).days[0].dishes[1]
    other = next(
        dish.slug for dish in planner.candidates(person, shipped(), seed=2)["lunch"] if dish.slug != kept.recipe_slug
    )

    week, _, _ = planner.repair(
        {MONDAY: [("lunch", other)]}, person, shipped(), [MONDAY], seed=1, locked={MONDAY: [kept]}
    )

    assert week.days[0].dishes[1] is kept


def test_candidates_are_allowed_fit_their_slot_and_are_not_too_many() -> None:
    person = eater(
        diets=frozenset({"vegetarian"}), meals_per_day=5, max_prep_minutes=dict.fromkeys(planner.WEEKDAYS, 30)
    )

    offered = planner.candidates(person, shipped(), limit=15, seed=3)

    assert set(offered) == {"breakfast", "lunch", "dinner", "snack"}
    for slot, dishes in offered.items():
        assert 0 < len(dishes) <= 15
        assert all(slot in dish.slots and dish.minutes <= 30 for dish in dishes)
        assert all("vegetarian" in planner.traits(shipped())[dish.slug].diets for dish in dishes)
