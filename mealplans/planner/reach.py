"""Prove that a day's bounds cannot be met, however the options of its slots are mixed.

Invariant: False is a proof. True only says that no proof was found.

The sums that mixtures of options can have form a convex set; walking towards the bounds in it (Frank & Wolfe 1956)
either arrives or ends at a plane with the whole set on one side and the bounds on the other (Farkas' lemma).
"""

from collections.abc import Sequence

from mealplans.planner.ladder import Bounds
from mealplans.planner.menu import Option
from mealplans.planner.pairs import total

STEPS = 80
ARRIVED = 1e-4  # of the bounds' size

Vector = list[float]


def reachable(slots: Sequence[Sequence[Option]], fixed: Sequence[Option], bounds: Bounds) -> bool:
    """Return False when no mixture of one option per slot, with what is fixed, can meet the bounds."""
    if not all(slots):
        return False
    box = (bounds.kcal, bounds.protein, bounds.carbs, bounds.fat)
    scale = [1 / max(high, 1.0) for _, high in box]
    low, high = ([edge * unit for edge, unit in zip(edges, scale, strict=True)] for edges in zip(*box, strict=True))
    base = list(map(float.__mul__, scale, total(fixed)))
    points = {id(slot): [tuple(map(float.__mul__, scale, option[:4])) for option in slot] for slot in slots}
    sets = [points[id(slot)] for slot in slots]
    here = _furthest(sets, base, [1.0, 0.0, 0.0, 0.0])
    for _ in range(STEPS):
        nearest = [min(max(x, a), b) for x, a, b in zip(here, low, high, strict=True)]
        away = [x - y for x, y in zip(here, nearest, strict=True)]
        if _dot(away, away) < ARRIVED**2:
            return True
        towards = _furthest(sets, base, away)
        if _dot(away, towards) > _dot(away, nearest) + 1e-9:
            return False
        here = _step(here, towards, away)
    return True


def _furthest(sets: Sequence[Sequence[tuple[float, ...]]], base: Vector, away: Vector) -> Vector:
    """Return the sums of the choice that goes furthest against the direction `away`."""
    a, b, c, d = away
    found = base
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
