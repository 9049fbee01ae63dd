"""The search and its proof, held against trying everything."""

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mealplans.planner.deep import deepened, settled
from mealplans.planner.ladder import Bounds
from mealplans.planner.menu import Option
from mealplans.planner.pairs import Task, total
from mealplans.planner.reach import completable, reachable
from mealplans.planner.search import Found, search
from tests.mealplans.planner_cast import aim

Search = Callable[[Task, Found, random.Random], tuple[Found | None, bool]]

amounts = st.integers(min_value=0, max_value=60)


def option(name: str, kcal: float, protein: float, carbs: float, fat: float, *, cost: float = 0.0) -> Option:
    return Option(kcal, protein, carbs, fat, 10.0, 1.0, 100.0, cost, 0, name, 1.0, 0.0)


@st.composite
def slots(draw: st.DrawFn) -> tuple[tuple[Option, ...], ...]:
    """Return three slots of a few options whose energy follows from their macronutrients."""
    found = []
    for slot in range(3):
        rows = draw(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=5))
        found.append(
            tuple(
                option(f"{slot} {i}", 4.0 * p + 4 * c + 9 * f + 1, float(p), float(c), float(f), cost=i / 10)
                for i, (p, c, f) in enumerate(rows)
            )
        )
    return tuple(found)


def within(share: float, kcal: float = 900, protein: float = 60, carbs: float = 90, fat: float = 33) -> Bounds:
    low, high = 1 - share, 1 + share
    return Bounds(*((low * x, high * x) for x in (kcal, protein, carbs, fat)))


@settings(deadline=None)
@given(slots(), st.sampled_from([0.05, 0.2, 0.5]))
def test_what_is_called_unreachable_cannot_be_reached(found: tuple[tuple[Option, ...], ...], share: float) -> None:
    bounds = within(share)

    possible = any(bounds.hold(*total(day)[:4]) for day in itertools.product(*found))

    if possible:
        assert reachable(found, (), bounds)


@settings(deadline=None)
@given(slots(), st.sampled_from([0.05, 0.2, 0.5]))
def test_an_option_that_is_part_of_a_day_is_never_left_out(found: tuple[tuple[Option, ...], ...], share: float) -> None:
    bounds = within(share)

    kept = completable(found, (), bounds)

    days = [day for day in itertools.product(*found) if bounds.hold(*total(day)[:4])]
    assert all(part in slot for day in days for part, slot in zip(day, kept, strict=True))


def test_options_that_nothing_completes_are_left_out() -> None:
    good = option("good", 450, 30, 45, 16.5)
    far = tuple(option(f"oil {i}", 800 + i, 0, 0, 85) for i in range(20))

    kept = completable([(good, *far), (good, *far)], (), within(0.1))

    assert kept == ((good,), (good,))


def test_a_diet_of_sugar_is_proven_to_hold_no_protein() -> None:
    sugar = tuple(option(f"sugar {i}", 40.0 * i, 0.0, 10.0 * i, 0.0) for i in range(1, 20))

    assert not reachable([sugar, sugar], (), within(0.5))


def test_an_empty_slot_cannot_be_filled() -> None:
    task = Task(((option("a", 900, 60, 90, 33),), ()), (), within(0.1), aim())

    assert search(task, random.Random(1)) is None
    assert not reachable(task.slots, (), task.bounds)


@settings(deadline=None)
@given(slots())
def test_the_search_finds_a_day_within_bounds_where_trying_all_does(found: tuple[tuple[Option, ...], ...]) -> None:
    bounds = within(0.3)
    targets = aim(900, 60, 90, 33, fibre=1)
    possible = any(bounds.hold(*total(day)[:4]) for day in itertools.product(*found))

    best = search(Task(found, (), bounds, targets), random.Random(1))

    assert best is not None
    assert best.fits is possible


@pytest.mark.parametrize("long_search", [deepened, settled])
@settings(deadline=None)
@given(slots(), st.sampled_from([0.05, 0.1, 0.3]), st.data())
def test_the_long_search_finds_a_day_wherever_there_is_one(
    long_search: Search, found: tuple[tuple[Option, ...], ...], share: float, data: st.DataObject
) -> None:
    snack = data.draw(st.sampled_from([(), (found[0],), (found[0], found[0])]))
    task = Task((*found, *snack), (), within(share), aim(900, 60, 90, 33, fibre=1))
    days = [day for day in itertools.product(*task.slots) if len({option.recipe for option in day}) == len(day)]
    possible = any(task.bounds.hold(*total(day)[:4]) for day in days)
    near = search(task, random.Random(1))
    assert near is not None

    best, sure = long_search(task, near, random.Random(1))

    assert sure
    assert (best is not None) is possible
    if best is not None:
        assert task.bounds.hold(*total(best.chosen)[:4])
        assert all(option in slot for option, slot in zip(best.chosen, task.slots, strict=True))
        assert len({option.recipe for option in best.chosen}) == len(task.slots)


@settings(deadline=None)
@given(slots(), st.data())
def test_the_long_search_finds_the_only_day_there_is(
    found: tuple[tuple[Option, ...], ...], data: st.DataObject
) -> None:
    sums = total([data.draw(st.sampled_from(slot)) for slot in found])
    edges = [(data.draw(st.floats(0, 0.9)), data.draw(st.floats(0, 0.9))) for _ in range(4)]
    bounds = Bounds(*((x - low, x + high) for x, (low, high) in zip(sums[:4], edges, strict=True)))
    task = Task(found, (), bounds, aim(900, 60, 90, 33, fibre=1))
    near = Found(tuple(slot[0] for slot in found), 0.0, sums, fits=False, clean=False)

    best, _ = deepened(task, near, random.Random(1))

    assert best is not None
    assert bounds.hold(*total(best.chosen)[:4])


def test_a_long_search_that_ran_out_of_steps_does_not_call_a_day_impossible() -> None:
    lists = tuple(tuple(option(f"{s} {i}", 100 + i, 1.0, 20, 8) for i in range(30)) for s in range(4))
    task = Task(lists, (), within(0.01), aim(900, 60, 90, 33))
    near = search(task, random.Random(1))
    assert near is not None

    found, sure = deepened(task, near, random.Random(1), steps=10)

    assert (found, sure) == (None, False)


def test_of_two_days_that_fit_the_cheaper_is_served() -> None:
    dear, cheap = option("dear", 300, 20, 30, 11, cost=5.0), option("cheap", 300, 20, 30, 11, cost=0.1)
    same = option("same", 300, 20, 30, 11)
    last = option("last", 300, 20, 30, 11)

    best = search(Task(((dear, cheap), (same,), (last,)), (), within(0.1), aim(900, 60, 90, 33)), random.Random(1))

    assert best is not None
    assert [one.recipe for one in best.chosen] == ["cheap", "same", "last"]


def test_no_dish_comes_twice_in_a_day() -> None:
    first, other = option("same", 450, 30, 45, 16.5), option("other", 450, 30, 45, 16.5, cost=9.0)

    best = search(Task(((first,), (first, other)), (), within(0.1), aim(900, 60, 90, 33)), random.Random(1))

    assert best is not None
    assert [one.recipe for one in best.chosen] == ["same", "other"]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_finds_the_same_day(seed: int) -> None:
    lists = tuple(
        tuple(option(f"{s} {i}", 200 + 7.0 * i, 10 + i % 7, 20 + i % 11, 8 + i % 5, cost=i % 3) for i in range(60))
        for s in range(3)
    )
    task = Task(lists, (), within(0.1), aim(900, 60, 90, 33))

    assert search(task, random.Random(seed)) == search(task, random.Random(seed))
