"""The inner loop of the search: of all pairs of options for two slots of a day, the cheapest.

Invariant: whatever is fixed beside the pair, no pair that was not returned is cheaper and meets the energy bounds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
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
NOTHING = Option(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, "", 0.0, 0.0)

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


class Gauge(NamedTuple):
    """Bounds and goals with what a unit beyond each of them costs."""

    kcal: tuple[float, float, float, float]
    protein: tuple[float, float, float]
    carbs: tuple[float, float, float]
    fat: tuple[float, float, float]
    soft: tuple[float, float, float, float, float, float]
    miss: float


def total(options: Sequence[Option]) -> tuple[float, ...]:
    """Return the seven nutrient totals of the options."""
    return tuple(map(sum, islice(zip(*options, strict=True), 7))) if options else (0.0,) * 7


def by_energy(options: Iterable[Option]) -> Sorted:
    """Return the options as a pair's second slot wants them."""
    ordered = sorted(options)
    return ordered, [option.kcal for option in ordered]


def gauge_of(task: Task) -> Gauge:
    """Return what the task's bounds and goals cost."""
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


def best_pair(gauge: Gauge, heads: Sequence[Option], second: Sorted, others: Options, best: float) -> Pair | None:
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
