"""Which dates train, for what, and with which emphasis.

Invariant: only available weekdays and days with locked items train, and a full week keeps a day of rest.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from workouts.planner import rules
from workouts.planner.values import WEEKDAYS, Trainee

UPPER = frozenset({"chest", "back", "delts", "biceps", "triceps", "abs"})
LOWER = frozenset({"quads", "hams", "glutes", "calves", "abs"})
PUSH = frozenset({"chest", "delts", "triceps", "abs"})
PULL = frozenset({"back", "biceps", "delts", "abs"})
FOCUS = {"full": UPPER | LOWER, "upper": UPPER, "lower": LOWER, "push": PUSH, "pull": PULL, "legs": LOWER}
LEGS = (frozenset({"squat", "lunge"}), frozenset({"hinge"}))
PUSHES, PULLS = frozenset({"push_horizontal", "push_vertical"}), frozenset({"pull_horizontal", "pull_vertical"})
# The patterns of which every session of an emphasis should hold a compound.
SKELETON = {
    "full": (LEGS[0] | LEGS[1], PUSHES, PULLS),
    "upper": (PUSHES, PULLS),
    "lower": LEGS,
    "push": (frozenset({"push_horizontal"}), frozenset({"push_vertical"})),
    "pull": (frozenset({"pull_horizontal"}), frozenset({"pull_vertical"})),
    "legs": LEGS,
}
SPLITS = {
    4: ("upper", "lower", "upper", "lower"),
    5: ("upper", "lower", "push", "pull", "legs"),
    6: ("push", "pull", "legs", "push", "pull", "legs"),
}
CLOSE = ("upper", "lower", "full")  # three dates of which two follow each other
NEAR = 2  # days
STRENGTH_CAP = {"beginner": 4, "intermediate": 5, "advanced": 6}
TRAINING_CAP = {"beginner": 5, "intermediate": 6, "advanced": 6}
# Strength days out of 1-6 training days when cardio wants days of its own.
SHARED = {
    "lose_weight": (1, 2, 3, 3, 3, 4),
    "general_health": (1, 2, 3, 3, 3, 4),
    "improve_endurance": (1, 2, 2, 2, 3, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The dates of a block that train strength, each with its emphasis, and those of cardio alone."""

    strength: tuple[dt.date, ...]
    focus: tuple[str, ...]
    cardio: tuple[dt.date, ...]


def schedules(
    trainee: Trainee,
    block: Sequence[dt.date],
    *,
    frozen: Collection[dt.date],
    training: Collection[dt.date],
    lifting: Collection[dt.date],
    picked: Collection[dt.date],
    cardio: bool,
) -> tuple[Schedule, ...]:
    """Return the ways to spread a block's days, the best first.

    `frozen` dates are taken, `training` ones must train and `lifting` ones must train strength, whatever the
    availability; two or more `picked` ones stand for all the available ones; `cardio` allows days without strength.
    """
    days, level = rules.limits(trainee).days, rules.level_of(trainee)
    open_days = [date for date in block if date not in frozen]
    must = [date for date in open_days if date in training]
    free = [date for date in open_days if WEEKDAYS[date.weekday()] in days and date not in must]
    taken = sum(date in frozen and WEEKDAYS[date.weekday()] in days for date in block)
    dates = _spread(must, free, max(0, TRAINING_CAP[level] - taken))
    heavy = [date for date in dates if date in lifting]
    most = max(len(heavy), min(len(dates), STRENGTH_CAP[level]))
    first = min(SHARED[trainee.goal][len(dates) - 1], most) if cardio and dates and trainee.goal in SHARED else most
    return tuple(
        _schedule(dates, heavy, max(count, len(heavy)), cardio=cardio) for count in range(first, most + 1) if dates
    )


def _schedule(dates: Sequence[dt.date], heavy: Sequence[dt.date], count: int, *, cardio: bool) -> Schedule:
    """Split the training dates between strength, spread widely, and cardio."""
    strength = _spread(heavy, [date for date in dates if date not in heavy], count)
    rest = tuple(date for date in dates if date not in strength) if cardio else ()
    return Schedule(strength=tuple(strength), focus=_focus(strength), cardio=rest)


def _spread(must: Sequence[dt.date], free: Sequence[dt.date], count: int) -> list[dt.date]:
    """Choose dates, those that must be among them, that lie most evenly over a week that repeats."""
    more = max(0, min(count - len(must), len(free)))
    return min((sorted([*must, *some]) for some in combinations(free, more)), key=_unevenness)


def _unevenness(dates: Sequence[dt.date]) -> int:
    """Sum the squared gaps in days, round the week."""
    gaps = [(after - before).days for before, after in zip(dates, dates[1:], strict=False)]
    return sum(gap * gap for gap in [*gaps, 7 - sum(gaps)])


def _focus(dates: Sequence[dt.date]) -> tuple[str, ...]:
    """Return each date's emphasis: the whole body up to three days apart, then halves and thirds."""
    close = any((after - before).days < NEAR for before, after in zip(dates, dates[1:], strict=False))
    if close and len(dates) == len(CLOSE):
        return CLOSE
    return SPLITS.get(len(dates), ("full",) * len(dates))
