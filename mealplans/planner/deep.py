"""Try all there is, or all near the best found, for the few days that pairs alone do not bring within bounds.

Invariant: bounded by a count of steps; nothing is called impossible unless everything was tried.

The slots are split in two halves. What one half may come to lies in cells as wide as the bounds; every choice for the
other half then finds all that complete it in a single cell (meet in the middle, Horowitz & Sahni 1974). Where a day is
hardly possible, few options are part of any; to find those first takes far less than to try them all.
"""

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mealplans.planner.ladder import ROUNDING
from mealplans.planner.menu import Option
from mealplans.planner.pairs import Options, Task, gauge_of, total
from mealplans.planner.reach import completable
from mealplans.planner.search import Found, cost_of, found_of

THREE = 3  # slots that are chosen at once where all of them are too many
STEPS = 1_500_000  # on a day
CELLS = 16  # that a choice lies in: two each of energy, protein, carbohydrate and fat
WAYS = 200  # of completing a day, of which the cheapest is served

Limits = Sequence[tuple[float, float]]
Slots = Sequence[Options]


class Half(NamedTuple):
    """A choice for some of the slots and what it comes to: kcal, g."""

    kcal: float
    protein: float
    carbs: float
    fat: float
    chosen: Options


@dataclass(slots=True)
class Effort:
    """The steps that are left: choices of a half, and what is found in cells."""

    left: int


def deepened(task: Task, found: Found, rng: random.Random, *, steps: int = STEPS) -> tuple[Found | None, bool]:
    """Return a choice within the bounds, if one was found, and whether it is sure when there is none."""
    effort, places = Effort(steps), range(len(task.slots))
    for frame in _frames(task, found, rng, steps):
        free = [place for place in places if place not in frame]
        ways = _ways([task.slots[place] for place in free], (*task.fixed, *frame.values()), task, effort)
        days = [frame | dict(zip(free, way, strict=True)) for way in itertools.islice(ways, WAYS)]
        if days:
            return _cheapest(task, [[day[place] for place in places] for day in days]), True
        if effort.left < 0:
            return None, False
    return None, True


def settled(task: Task, found: Found, rng: random.Random, *, steps: int = STEPS) -> tuple[Found | None, bool]:
    """Do the same on the few options that are left when those are taken out that nothing completes."""
    slots = completable(task.slots, task.fixed, task.bounds)
    if not all(slots):
        return None, True
    return deepened(replace(task, slots=slots), found, rng, steps=steps)


def _frames(task: Task, found: Found, rng: random.Random, steps: int) -> Iterator[dict[int, Option]]:
    """Yield what to keep beside the slots that are chosen at once: nothing, or ways near the best found."""
    if len(task.slots) <= THREE or _split(task.slots)[0] <= steps:
        yield {}
        return
    kept = list(itertools.combinations(range(len(task.slots)), len(task.slots) - THREE))
    for places in rng.sample(kept, len(kept)):
        yield {place: found.chosen[place] for place in places}
    while True:
        yield {place: rng.choice(task.slots[place]) for place in rng.choice(kept)}


def _split(slots: Slots) -> tuple[int, tuple[int, ...]]:
    """Return the steps that it takes to try all choices, and the places of the half that is put in cells."""
    sizes, places = [len(slot) for slot in slots], range(len(slots))
    halves = (half for count in range(len(sizes) + 1) for half in itertools.combinations(places, count))
    return min(
        (CELLS * math.prod(sizes[i] for i in half) + math.prod(sizes[i] for i in places if i not in half), half)
        for half in halves
    )


def _cheapest(task: Task, days: Sequence[Sequence[Option]]) -> Found:
    gauge = gauge_of(task)
    cost, _, best = min((cost_of(task, gauge, day), place, day) for place, day in enumerate(days))
    return found_of(task, best, cost)


def _ways(slots: Slots, others: Options, task: Task, effort: Effort) -> Iterator[Options]:
    """Yield each choice that meets the bounds beside the others, in the order of the slots."""
    bounds, taken = task.bounds, {option.recipe for option in others}
    box = zip((bounds.kcal, bounds.protein, bounds.carbs, bounds.fat), total(others), strict=False)
    limits = [(low - have - ROUNDING, high - have + ROUNDING) for (low, high), have in box]
    effort.left -= 1
    if len(taken) < len(others) or not all(_possible(slots, place, limit) for place, limit in enumerate(limits)):
        return
    _, half = _split(slots)
    places = [*(place for place in range(len(slots)) if place not in half), *half]
    back = [places.index(place) for place in range(len(slots))]
    free = [tuple(option for option in slots[place] if option.recipe not in taken) for place in places]
    for way in _completed(free[: -len(half)], free[-len(half) :], limits, effort):
        if len({option.recipe for option in way}) == len(way):
            yield tuple(way[place] for place in back)


def _possible(slots: Slots, place: int, limit: tuple[float, float]) -> bool:
    amounts = [[float(option[place]) for option in slot] for slot in slots]
    return sum(map(min, amounts)) <= limit[1] and sum(map(max, amounts)) >= limit[0]


def _completed(streamed: Slots, celled: Slots, limits: Limits, effort: Effort) -> Iterator[Options]:
    """Yield each choice whose sums lie within the limits (kcal, protein, carbs, fat)."""
    (k_low, k_high), (p_low, p_high), (c_low, c_high), (f_low, f_high) = limits
    wide_k, wide_p, wide_c, wide_f = (max(high - low, 1.0) for low, high in limits)
    cells: dict[tuple[float, float, float, float], list[Half]] = defaultdict(list)
    for half in _halves(celled):
        k, p, c, f = half.kcal // wide_k, half.protein // wide_p, half.carbs // wide_c, half.fat // wide_f
        for cell in itertools.product((k, k + 1), (p, p + 1), (c, c + 1), (f, f + 1)):
            cells[cell].append(half)
            effort.left -= 1
    for kcal, protein, carbs, fat, chosen in _halves(streamed):
        cell = (
            (k_high - kcal) // wide_k,
            (p_high - protein) // wide_p,
            (c_high - carbs) // wide_c,
            (f_high - fat) // wide_f,
        )
        others = cells.get(cell, ())
        effort.left -= 1 + len(others)
        if effort.left < 0:
            return
        for other in others:
            if (
                k_low <= kcal + other[0] <= k_high
                and p_low <= protein + other[1] <= p_high
                and c_low <= carbs + other[2] <= c_high
                and f_low <= fat + other[3] <= f_high
            ):
                yield chosen + other.chosen


def _halves(slots: Slots) -> Iterator[Half]:
    """Yield every choice, of slots that are alike (snacks) in one order only."""
    if not slots:
        yield Half(0.0, 0.0, 0.0, 0.0, ())
        return
    *before, last = slots
    alike = bool(before) and before[-1] == last
    for kcal, protein, carbs, fat, chosen in _halves(before):
        for option in last:
            if not (alike and option.recipe <= chosen[-1].recipe):
                k, p, c, f = option[:4]
                yield Half(kcal + k, protein + p, carbs + c, fat + f, (*chosen, option))
