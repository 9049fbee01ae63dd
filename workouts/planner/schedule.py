"""Which dates train, for what, and with which emphasis.

Invariant: only available weekdays and days with locked items train, and a full week keeps a day of rest.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from workouts.planner import rules
from workouts.planner.ladder import STRENGTH_ROLES as LIFTS
from workouts.planner.values import WEEKDAYS, Session, Trainee

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
FOREIGN = {"push": PULLS, "pull": PUSHES}  # the patterns that another day of the split is for
SPLITS = {
    4: ("upper", "lower", "upper", "lower"),
    5: ("upper", "lower", "push", "pull", "legs"),
    6: ("push", "pull", "legs", "push", "pull", "legs"),
}
CLOSE = ("upper", "lower", "full")  # three dates of which two follow each other
NEAR = 2  # days
STRENGTH_CAP = {"beginner": 4, "intermediate": 5, "advanced": 6}
TRAINING_CAP = {"beginner": 5, "intermediate": 6, "advanced": 6}
MOVING_CAP = 6  # days, where some of them are cardio alone
# Strength days out of 1-6 training days when cardio wants days of its own.
SHARED = {
    "lose_weight": (1, 2, 3, 3, 3, 3),
    "general_health": (1, 2, 3, 3, 3, 3),
    "improve_endurance": (1, 2, 2, 2, 2, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The dates of a block that train strength, each with its emphasis, and those of cardio alone."""

    strength: tuple[dt.date, ...]
    focus: tuple[str, ...]
    letters: tuple[str, ...]  # A, B, … where the week has several sessions of one emphasis, else empty
    cardio: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What bears on the choice of dates: sessions that stand, dates of locked items and of picks."""

    cardio: bool  # whether days without strength make sense
    standing: Mapping[dt.date, Session] = field(default_factory=dict)  # whole days that stay as they are
    training: Collection[dt.date] = ()  # must train, whatever the availability
    lifting: Collection[dt.date] = ()  # must train strength
    picked: Collection[dt.date] = ()  # two or more stand for all the available days


def schedules(trainee: Trainee, block: Sequence[dt.date], wishes: Wishes) -> tuple[Schedule, ...]:
    """Return the ways to spread the free days of a block, the best first."""
    days, level = rules.limits(trainee).days, rules.level_of(trainee)
    busy = [date for date in block if date in wishes.standing and wishes.standing[date].items]
    open_days = [date for date in block if date not in wishes.standing]
    must = [date for date in open_days if date in wishes.training]
    free = [date for date in open_days if WEEKDAYS[date.weekday()] in days and date not in must]
    picked = [date for date in free if date in wishes.picked]
    free = picked if len(picked) >= rules.TIMES else free
    cap = MOVING_CAP if wishes.cardio else TRAINING_CAP[level]
    dates = [date for date in _spread([*busy, *must], free, cap) if date not in busy]
    if not dates:
        return ()
    heavy = [date for date in dates if date in wishes.lifting]
    lifted = [date for date in busy if any(item.role in LIFTS for item in wishes.standing[date].items)]
    most = max(len(heavy), min(len(dates), STRENGTH_CAP[level] - len(lifted)))
    first = most
    if wishes.cardio and len(picked) < rules.TIMES:
        wanted = SHARED[trainee.goal][min(len(dates) + len(busy), len(SHARED[trainee.goal])) - 1]
        first = max(len(heavy), min(most, wanted - len(lifted)))
    return tuple(_schedule(dates, heavy, lifted, count, cardio=wishes.cardio) for count in range(first, most + 1))


def _schedule(
    dates: Sequence[dt.date], heavy: Sequence[dt.date], lifted: Sequence[dt.date], count: int, *, cardio: bool
) -> Schedule:
    """Split the training dates between strength, spread widely among the days already `lifted`, and cardio."""
    free = [date for date in dates if date not in heavy]
    every = _spread([*heavy, *lifted], free, count + len(lifted))
    kinds = _focus(every)
    letters = ["ABCDEFG"[kinds[:at].count(kind)] if kinds.count(kind) > 1 else "" for at, kind in enumerate(kinds)]
    fresh = [at for at, date in enumerate(every) if date not in lifted]
    strength = tuple(every[at] for at in fresh)
    return Schedule(
        strength=strength,
        focus=tuple(kinds[at] for at in fresh),
        letters=tuple(letters[at] for at in fresh),
        cardio=tuple(date for date in dates if date not in strength) if cardio else (),
    )


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
