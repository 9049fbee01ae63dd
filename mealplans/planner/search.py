"""Choose one option per slot so that a day's totals lie within bounds and cost least.

Invariant: bounded by counts of steps, never by a clock, so that the same input and seed give the same day.

Two slots at a time are chosen together, all pairs that meet the energy bounds being tried, until no pair gets
better (pairwise coordinate descent). It begins on short lists of the cheapest options; while something is wrong
with the result, options that do most against it come on the lists.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from mealplans.planner.menu import Option
from mealplans.planner.pairs import NOTHING, Gauge, Options, Task, best_pair, by_energy, gauge_of, total

SHORT = 140  # options of a slot on its short list
FEW = 2  # slots whose options are all tried at once
ROUNDS = 2  # of all pairs, at most
RESTARTS = 2  # on the lists of the cheapest
AIMED = 3  # further tries on lists aimed at what is wrong with the best choice so far
INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest choice found, one option per free slot, and the day's seven totals with what is fixed.

    `fits` tells whether the bounds hold, `clean` whether the soft goals are met as well.
    """

    chosen: Options
    cost: float
    sums: tuple[float, ...]
    fits: bool
    clean: bool


NONE = Found((), INFINITE, (0.0,) * 7, fits=False, clean=False)


def search(task: Task, rng: random.Random, *, start: Options = (), aimed: int = AIMED) -> Found | None:
    """Return the best choice, or None when a slot has no option. With `start` it only makes that better."""
    if not all(task.slots):
        return None
    length = SHORT if len(task.slots) > FEW else None
    cheap = tuple(tuple(sorted(slot, key=_appeal)[:length]) for slot in task.slots)
    best = _best(replace(task, slots=cheap), rng, [start] if start else [()] * RESTARTS, NONE)
    for _ in range(0 if start else aimed):
        if best.fits and best.clean:
            break
        best = _best(_aimed(task, cheap, best), rng, [best.chosen, ()], best)
    return best


def _appeal(option: Option) -> float:
    return option.cost + option.imbalance


def _aimed(task: Task, cheap: Sequence[Options], best: Found) -> Task:
    """Return the task with the options that do most against what is wrong with the best choice so far."""
    gaps = _gaps(task, best.sums)

    def harm(option: Option) -> float:
        return sum(map(float.__mul__, gaps, option[:7])) / option.kcal

    slots = zip(task.slots, cheap, best.chosen, strict=True)
    mixed = ({*sorted(slot, key=harm)[: SHORT // 2], *few[: SHORT // 2], old} for slot, few, old in slots)
    return replace(task, slots=tuple(tuple(sorted(options)) for options in mixed))


def _gaps(task: Task, sums: Sequence[float]) -> list[float]:
    """Return by how much each total is above its most, or (below nought) under its least, a share of both squared."""
    bounds, target = task.bounds, task.targets
    limits = (bounds.kcal, bounds.protein, bounds.carbs, bounds.fat, (target.fibre, INFINITE))
    edges = zip(sums, (*limits, (0.0, target.sat_fat), (0.0, target.sodium)), strict=True)
    return [(value - min(max(value, low), high)) / max(value, 1.0) ** 2 for value, (low, high) in edges]


def _best(task: Task, rng: random.Random, starts: Sequence[Options], best: Found) -> Found:
    """Descend from each start (drawn where it is empty) until the result leaves nothing to wish for."""
    gauge = gauge_of(task)
    for start in starts:
        found = _descend(task, gauge, list(start) or [_draw(options, rng) for options in task.slots], rng)
        best = min(found, best, key=lambda one: (not one.fits, one.cost))
        if best.fits and best.clean:
            break
    return best


def _draw(options: Options, rng: random.Random) -> Option:
    return min((options[rng.randrange(len(options))] for _ in range(4)), key=itemgetter(7))


def _descend(task: Task, gauge: Gauge, chosen: list[Option], rng: random.Random) -> Found:
    lists = [by_energy(options) for options in task.slots]
    pairs = list(itertools.combinations(range(len(lists)), 2)) or [(0, 0)] if lists else []
    best = cost_of(task, gauge, chosen)
    settled: dict[tuple[int, int], Options] = {}  # the others beside which a pair was found best
    for first, second in itertools.chain.from_iterable(rng.sample(pairs, len(pairs)) for _ in range(ROUNDS)):
        others = (*task.fixed, *(option for i, option in enumerate(chosen) if i not in (first, second)))
        if settled.get((first, second)) == others:
            continue
        settled[first, second] = others
        heads = [NOTHING] if first == second else lists[first][0]
        if found := best_pair(gauge, heads, lists[second], others, best):
            best, head, chosen[second] = found
            chosen[first] = head if first != second else chosen[second]
    return found_of(task, chosen, best)


def found_of(task: Task, chosen: Sequence[Option], cost: float) -> Found:
    """Return a choice with what it comes to."""
    sums, target = total([*chosen, *task.fixed]), task.targets
    clean = sums[4] >= target.fibre and sums[5] <= target.sat_fat and sums[6] <= target.sodium
    return Found(tuple(chosen), cost, sums, cost < INFINITE and task.bounds.hold(*sums[:4]), clean)


def cost_of(task: Task, gauge: Gauge, chosen: Sequence[Option]) -> float:
    """Return the cost of a whole choice: infinite when its energy is out of bounds or a dish comes twice."""
    if not chosen:
        return 0.0
    others, last = (*task.fixed, *chosen[:-1]), chosen[-1]
    if len({option.recipe for option in others}) < len(others):
        return INFINITE
    found = best_pair(gauge, [NOTHING], by_energy([last]), others, INFINITE)
    return found[0] if found else INFINITE
