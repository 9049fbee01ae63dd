"""From chosen items to a session that a person can do: order, ramp sets, numbering, title.

Invariant: assembling adds no exercise and changes no set; what fitted the time before still does.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from workouts.planner import minutes, prescription, rules, words
from workouts.planner.values import Catalogue, Item, Session

ROLES = ("warm_up", "balance", "power", "compound", "isolation", "carry", "core", "cardio", "cool_down")
RAMP_SPARE = 90  # seconds by which the first lift's two ramp sets exceed the one that every lift is timed with
HEAVY_KG = 30  # a working load that deserves two steps up
LEGS_FIRST = 1.0
HEAVY = {"barbell": 1.5, "dumbbell": 0.75, "kettlebell": 0.75, "machine": 0.5}


def session(date: dt.date, title: str, items: Sequence[Item]) -> Session:
    """Return the session of items in their order, numbered from 1; no items make a rest day."""
    if not items:
        return rest(date)
    numbered = tuple(replace(item, order=at) for at, item in enumerate(items, start=1))
    return Session(date=date, title=title, rest_day=False, items=numbered)


def rest(date: dt.date) -> Session:
    """Return a rest day."""
    return Session(date=date, title=words.REST_DAY, rest_day=True)


def in_order(items: Sequence[Item], catalogue: Catalogue) -> list[Item]:
    """Sort items by role, big lifts first, no muscle twice running where that can be helped."""
    left = sorted(items, key=lambda item: (ROLES.index(item.role), -_size(item, catalogue), item.exercise_slug))
    done: list[Item] = []
    while left:
        last = set(catalogue.exercises[done[-1].exercise_slug].primary) if done else set()
        same_role = [item for item in left if item.role == left[0].role]
        fresh = [item for item in same_role if not last & set(catalogue.exercises[item.exercise_slug].primary)]
        chosen = (fresh or same_role)[0]
        left.remove(chosen)
        done.append(chosen)
    return done


def ramped(items: Sequence[Item], catalogue: Catalogue) -> list[Item]:
    """Give the first lift a ramp set, a heavy one two, each later one for fresh muscles one; locked ones keep them."""
    warm: set[str] = set()
    done: list[Item] = []
    for item in items:
        exercise = catalogue.exercises[item.exercise_slug]
        if prescription.wants_ramp(exercise) and item.rir is not None:
            first = 2 if "barbell" in exercise.equipment or (item.load_value or 0) >= HEAVY_KG else 1
            count = first if not warm else 0 if warm & set(exercise.primary) else 1
            warm |= set(exercise.primary) | set(exercise.secondary)
            sets = item.warmup if item.locked else prescription.ramp_sets(exercise, item, count)
            done.append(replace(item, warmup=sets))
        else:
            done.append(item)
    return done


def seconds_of(items: Sequence[Item]) -> int:
    """Return the seconds of items together."""
    return sum(minutes.item_seconds(item) for item in items)


def _size(item: Item, catalogue: Catalogue) -> float:
    """Return how big a lift is: the muscles it works, its sets, more with a heavy tool, and for the legs."""
    exercise = catalogue.exercises[item.exercise_slug]
    tool = max((HEAVY.get(name, 0.0) for name in exercise.equipment), default=0.0)
    tool += LEGS_FIRST * (exercise.pattern in ("squat", "hinge"))
    return sum(rules.weights(exercise).values()) + tool + item.sets / 2
