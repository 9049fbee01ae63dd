"""How long a session takes: sets, sides, rests, ramp sets and the walk to the next exercise.

Invariant: the estimate depends on the items alone, so a stored plan and a fresh one agree.
"""

import math

from workouts.planner.values import Item, Session

SECONDS_PER_REP = 3  # one second up, two down
RAMP_REST = 45
CHANGEOVER = 60  # put away, set up, breathe


def estimated_minutes(session: Session) -> int:
    """Return the whole minutes a session takes, rounded up; 0 for a rest day."""
    return math.ceil(sum(item_seconds(item) for item in session.items) / 60)


def item_seconds(item: Item) -> int:
    """Return the seconds of one item, with its ramp sets and the change to the next exercise."""
    return item.sets * set_seconds(item) - item.rest_s + ramp_seconds(item) + CHANGEOVER


def set_seconds(item: Item) -> int:
    """Return the seconds of one more working set with its rest."""
    work = item.duration_s if item.duration_s is not None else (item.reps or 0) * SECONDS_PER_REP
    return work * (2 if item.per_side else 1) + item.rest_s


def ramp_seconds(item: Item) -> int:
    """Return the seconds of the warm-up sets."""
    sides = 2 if item.per_side else 1
    return sum(ramp.reps * SECONDS_PER_REP * sides + RAMP_REST for ramp in item.warmup)
