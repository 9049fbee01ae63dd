"""Prove that a day's bounds cannot be met, however the options of its slots are mixed.

Invariant: False is a proof, and so is an option left out. The contrary only says that no proof was found.

The sums that mixtures of options can have form a convex set; walking towards the bounds in it (Frank & Wolfe 1956)
either arrives or ends at a plane with the whole set on one side and the bounds on the other (Farkas' lemma).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mealplans.planner.ladder import ROUNDING, Bounds
from mealplans.planner.pairs import Options, total

STEPS, PROBING = 80, 40  # to walk at most: once, and for each of many options
WORTHWHILE = 0.8  # of a slot's options: where more than these stay, there is no use in probing on
ARRIVED = 1e-4  # of the bounds' size

Vector = Sequence[float]
Points = Sequence[Vector]


@dataclass(frozen=True, slots=True)
class Box:
    """The bounds, each scaled by the most that it allows, from which what is fixed has been taken."""

    low: Vector
    high: Vector
    scale: Vector

    def without(self, point: Vector) -> "Box":
        """Return what is left of the box beside a point."""
        low, high = ([edge - x for edge, x in zip(edges, point, strict=True)] for edges in (self.low, self.high))
        return Box(low, high, self.scale)

    def points(self, options: Options) -> list[Vector]:
        """Return the options as points beside the box."""
        return [tuple(map(float.__mul__, self.scale, option[:4])) for option in options]


def reachable(slots: Sequence[Options], fixed: Options, bounds: Bounds) -> bool:
    """Return False when no mixture of one option per slot, with what is fixed, can meet the bounds."""
    box = _box(fixed, bounds)
    points = {id(slot): box.points(slot) for slot in slots}
    return all(slots) and _meets([points[id(slot)] for slot in slots], box, STEPS)


def completable(slots: Sequence[Options], fixed: Options, bounds: Bounds) -> tuple[Options, ...]:
    """Return of each slot the options that some mixture of the others completes, as far as trying pays.

    What is left out is part of no day, so that there is none once a slot is empty. (Probing: Savelsbergh 1994.)
    """
    left, box = tuple(slots), _box(fixed, bounds)
    while True:
        for place in sorted(range(len(left)), key=lambda place: len(left[place])):
            had = len(left[place])
            left = _probed(left, place, box)
            if not left[place] or len(left[place]) > WORTHWHILE * had:
                return left


def _probed(slots: tuple[Options, ...], place: int, box: Box) -> tuple[Options, ...]:
    """Leave out the options of a slot, and of those that are like it, that no mixture of the other slots completes."""
    points = [box.points(slot) for slot in slots]
    beside = points[:place] + points[place + 1 :]
    held = (_meets(beside, box.without(point), PROBING) for point in points[place])
    kept = tuple(option for option, good in zip(slots[place], held, strict=True) if good)
    return tuple(kept if slot == slots[place] else slot for slot in slots)


def _box(fixed: Options, bounds: Bounds) -> Box:
    edges = (bounds.kcal, bounds.protein, bounds.carbs, bounds.fat)
    scale = [1 / max(high, 1.0) for _, high in edges]
    low = [(least - ROUNDING) * unit for (least, _), unit in zip(edges, scale, strict=True)]
    high = [(most + ROUNDING) * unit for (_, most), unit in zip(edges, scale, strict=True)]
    return Box(low, high, scale).without(list(map(float.__mul__, scale, total(fixed))))


def _meets(sets: Sequence[Points], box: Box, steps: int) -> bool:
    """Return False when no mixture of one point per set lies in the box."""
    here = _furthest(sets, [1.0, 0.0, 0.0, 0.0])
    for _ in range(steps):
        nearest = [min(max(x, a), b) for x, a, b in zip(here, box.low, box.high, strict=True)]
        away = [x - y for x, y in zip(here, nearest, strict=True)]
        if _dot(away, away) < ARRIVED**2:
            return True
        towards = _furthest(sets, away)
        if _dot(away, towards) > _dot(away, nearest) + 1e-9:
            return False
        here = _step(here, towards, away)
    return True


def _furthest(sets: Sequence[Points], away: Vector) -> Vector:
    """Return the sums of the choice that goes furthest against the direction `away`."""
    a, b, c, d = away
    found: Vector = [0.0, 0.0, 0.0, 0.0]
    for points in sets:
        best = min(points, key=lambda p: a * p[0] + b * p[1] + c * p[2] + d * p[3])
        found = [x + y for x, y in zip(found, best, strict=True)]
    return found


def _step(here: Vector, towards: Vector, away: Vector) -> Vector:
    move = [y - x for x, y in zip(here, towards, strict=True)]
    share = min(1.0, max(0.0, -_dot(away, move) / (_dot(move, move) or 1.0)))
    return [x + share * m for x, m in zip(here, move, strict=True)]


def _dot(first: Vector, second: Vector) -> float:
    return sum(map(float.__mul__, first, second))
