"""Choose one option per slot so that a day's totals lie within bounds and cost least.

Invariant: bounded by counts of steps, never by a clock, so that the same input and seed give the same day.

Two slots at a time are chosen together, all pairs that meet the energy bounds being tried, until no pair gets
better (pairwise coordinate descent). It begins on short lists of the cheapest options; while something is wrong
with the result, options that do most against it come on the lists.
"""

import itertools
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import add, itemgetter
from typing import NamedTuple

from mealplans.planner.ladder import Bounds
from mealplans.planner.menu import Option
from users.targets import Targets

MISS_COST = 30.0  # of being outside a bound at all …
VIOLATION_COST = 1000.0  # … and of 100 % outside: before every soft goal
EASY_VIOLATION_COST = 100.0  # the same where the bounds cannot be kept: 1 % is worth a good reason
LACK_COST = 2.0  # of missing a soft goal at all …
SOFT_COST = 40.0  # … and of 100 % beyond it: before every preference
ENERGY_COST = 40.0  # of 100 % off the energy target, within its bounds
CLASH_COST = 0.5  # of each kind that two dishes of a day have in common
SHORT = 140  # options of a slot on its short list
ROUNDS = 2  # of all pairs, at most
RESTARTS = 2  # on the lists of the cheapest
AIMED = 3  # further tries on lists aimed at what is wrong with the best choice so far
NOTHING = Option(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, "", 0.0, 0.0)
INFINITE = float("inf")

Options = tuple[Option, ...]
Pair = tuple[float, Option, Option]
Sorted = tuple[list[Option], list[float]]  # options by their energy, and that energy


@dataclass(frozen=True, slots=True)
class Task:
    """One day to fill: the options of each free slot, what is fixed already, and what to aim at.

    Taken easy, missing the aim is worth little more than a good dish.
    """

    slots: tuple[Options, ...]
    fixed: Options
    bounds: Bounds
    targets: Targets
    easy: bool = False


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


class Gauge(NamedTuple):
    """Bounds and goals with what a unit beyond each of them costs."""

    kcal: tuple[float, float, float, float]
    protein: tuple[float, float, float]
    carbs: tuple[float, float, float]
    fat: tuple[float, float, float]
    soft: tuple[float, float, float, float, float, float]
    miss: float


def search(task: Task, rng: random.Random, *, start: Options = (), aimed: int = AIMED) -> Found | None:
    """Return the best choice, or None when a slot has no option. With `start` it only makes that better."""
    if not all(task.slots):
        return None
    cheap = tuple(tuple(sorted(slot, key=_appeal)[:SHORT]) for slot in task.slots)
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


def total(options: Sequence[Option]) -> tuple[float, ...]:
    """Return the seven nutrient totals of the options."""
    return tuple(map(sum, itertools.islice(zip(*options, strict=True), 7))) if options else (0.0,) * 7


def _best(task: Task, rng: random.Random, starts: Sequence[Options], best: Found) -> Found:
    """Descend from each start (drawn where it is empty) until the result leaves nothing to wish for."""
    gauge = _gauge(task)
    for start in starts:
        found = _descend(task, gauge, list(start) or [_draw(options, rng) for options in task.slots], rng)
        best = min(found, best, key=lambda one: (not one.fits, one.cost))
        if best.fits and best.clean:
            break
    return best


def _draw(options: Options, rng: random.Random) -> Option:
    return min((options[rng.randrange(len(options))] for _ in range(4)), key=itemgetter(7))


def _descend(task: Task, gauge: Gauge, chosen: list[Option], rng: random.Random) -> Found:
    lists = [_by_energy(options) for options in task.slots]
    pairs = list(itertools.combinations(range(len(lists)), 2)) or [(0, 0)] if lists else []
    best = _cost(task, gauge, chosen)
    settled: dict[tuple[int, int], Options] = {}  # the others beside which a pair was found best
    for first, second in itertools.chain.from_iterable(rng.sample(pairs, len(pairs)) for _ in range(ROUNDS)):
        others = (*task.fixed, *(option for i, option in enumerate(chosen) if i not in (first, second)))
        if settled.get((first, second)) == others:
            continue
        settled[first, second] = others
        heads = [NOTHING] if first == second else lists[first][0]
        if found := _best_pair(gauge, heads, lists[second], others, best):
            best, head, chosen[second] = found
            chosen[first] = head if first != second else chosen[second]
    return _found(task, chosen, best)


def _by_energy(options: Iterable[Option]) -> Sorted:
    ordered = sorted(options)
    return ordered, [option.kcal for option in ordered]


def _found(task: Task, chosen: Sequence[Option], cost: float) -> Found:
    sums, target = total([*chosen, *task.fixed]), task.targets
    clean = sums[4] >= target.fibre and sums[5] <= target.sat_fat and sums[6] <= target.sodium
    return Found(tuple(chosen), cost, sums, cost < INFINITE and task.bounds.hold(*sums[:4]), clean)


def _cost(task: Task, gauge: Gauge, chosen: Sequence[Option]) -> float:
    """Return the cost of a whole choice: infinite when its energy is out of bounds or a dish comes twice."""
    if not chosen:
        return 0.0
    others, last = (*task.fixed, *chosen[:-1]), chosen[-1]
    if len({option.recipe for option in others}) < len(others):
        return INFINITE
    found = _best_pair(gauge, [NOTHING], _by_energy([last]), others, INFINITE)
    return found[0] if found else INFINITE


def _gauge(task: Task) -> Gauge:
    bounds, target, violation = task.bounds, task.targets, EASY_VIOLATION_COST if task.easy else VIOLATION_COST
    fibre, sat_fat, sodium = max(target.fibre, 1), max(target.sat_fat, 1), max(target.sodium, 1)
    return Gauge(
        (*bounds.kcal, float(target.kcal), ENERGY_COST / target.kcal),
        (*bounds.protein, violation / max(target.protein, 1)),
        (*bounds.carbs, violation / max(target.carbs, 1)),
        (*bounds.fat, violation / max(target.fat, 1)),
        (fibre, SOFT_COST / fibre, sat_fat, SOFT_COST / sat_fat, sodium, SOFT_COST / sodium),
        0.0 if task.easy else MISS_COST,
    )


def _best_pair(gauge: Gauge, heads: Sequence[Option], second: Sorted, others: Options, best: float) -> Pair | None:
    """Return the cheapest pair below `best`, of those whose energy meets the bounds."""
    tails, keys = second
    (k_low, k_high, k_aim, wk), (p_low, p_high, wp), (c_low, c_high, wc), (f_low, f_high, wf), soft, miss = gauge
    (fibre, w_fibre, sat_fat, w_sat_fat, sodium, w_sodium), lack = soft, LACK_COST
    rest, (base, base_kinds), taken = total(others), _base(others), {option.recipe for option in others}
    cheapest, pair = min(map(itemgetter(7), tails)), None
    for head in heads:
        k, p, c, f, fi, sa, so = map(add, rest, head[:7])
        head_cost, kinds = base + head[7] + CLASH_COST * (head[8] & base_kinds).bit_count(), head[8] | base_kinds
        if head_cost + cheapest >= best or head[9] in taken:
            continue
        start = bisect_left(keys, k_low - k)
        for tail in tails[start : bisect_right(keys, k_high - k, start)]:
            kcal, protein, carbs, fat, fi2, sa2, so2, cost, kinds2, recipe, _, _ = tail
            x = p + protein
            cost += head_cost + (
                miss + wp * (p_low - x) if x < p_low else miss + wp * (x - p_high) if x > p_high else 0.0
            )
            x = c + carbs
            cost += miss + wc * (c_low - x) if x < c_low else miss + wc * (x - c_high) if x > c_high else 0.0
            if cost >= best:
                continue
            x = f + fat
            cost += miss + wf * (f_low - x) if x < f_low else miss + wf * (x - f_high) if x > f_high else 0.0
            cost += lack + w_fibre * (fibre - fi - fi2) if fi + fi2 < fibre else 0.0
            if cost >= best:
                continue
            cost += lack + w_sat_fat * (sa + sa2 - sat_fat) if sa + sa2 > sat_fat else 0.0
            cost += lack + w_sodium * (so + so2 - sodium) if so + so2 > sodium else 0.0
            cost += wk * abs(k + kcal - k_aim) + CLASH_COST * (kinds & kinds2).bit_count()
            if cost < best and recipe != head[9] and recipe not in taken:
                best, pair = cost, (head, tail)
    return (best, *pair) if pair else None


def _base(others: Sequence[Option]) -> tuple[float, int]:
    """Return what the fixed options cost together, and all their kinds."""
    cost, kinds = 0.0, 0
    for option in others:
        cost += option.cost + CLASH_COST * (kinds & option.kinds).bit_count()
        kinds |= option.kinds
    return cost, kinds
