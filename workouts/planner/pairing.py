"""Paired sets: two exercises for different muscles taken in turn, so that one rests while the other works.

Invariant: between two sets of one exercise there is at least the rest it would have alone, and no muscle is the
target of two exercises of a group. (Weakley 2017, Burke 2024: the same gains in about two thirds of the time.)
"""

from collections.abc import Sequence
from dataclasses import replace

from workouts.planner import minutes, prescription
from workouts.planner.values import Catalogue, Item

ALONE = frozenset({"power", "balance"})  # speed and steadiness want a rested trainee
LETTERS = "ABCDEFGHI"
PAIR = 2


def paired(items: Sequence[Item], catalogue: Catalogue) -> list[Item]:
    """Group items given in their order; whoever finds no partner keeps the whole rest and comes in its own place."""
    groups: list[list[Item]] = []
    left = list(items)
    while left:
        leader = left.pop(0)
        partner = None if leader.role in ALONE else _partner(leader, left, catalogue)
        if partner:
            left.remove(partner)
        groups.append([leader, partner] if partner else [leader])
    groups = _joined(groups, catalogue)
    letters = iter(LETTERS)
    return [item for group in groups for item in _labelled(group, next(letters) if len(group) > 1 else None, catalogue)]


def _partner(leader: Item, left: Sequence[Item], catalogue: Catalogue) -> Item | None:
    """Return the item that shares least with the leader, the nearest in order among equals."""
    fitting = [item for item in left if item.role not in ALONE and not _clash(leader, item, catalogue)]
    return min(fitting, key=lambda item: _overlap(leader, item, catalogue), default=None)


def _joined(groups: list[list[Item]], catalogue: Catalogue) -> list[list[Item]]:
    """Let those left over join a pair as a third, the last pair first."""
    done: list[list[Item]] = [list(group) for group in groups if len(group) > 1 or group[0].role in ALONE]
    for (lone,) in (group for group in groups if len(group) == 1 and group[0].role not in ALONE):
        pairs = [group for group in reversed(done) if len(group) == PAIR]
        host = next((group for group in pairs if not any(_clash(lone, item, catalogue) for item in group)), None)
        if host:
            host.append(lone)
        else:
            done.append([lone])
    return done


def _clash(one: Item, other: Item, catalogue: Catalogue) -> bool:
    """Tell whether two exercises have the same target."""
    first, second = catalogue.exercises[one.exercise_slug], catalogue.exercises[other.exercise_slug]
    return bool(set(first.primary) & set(second.primary))


def _overlap(one: Item, other: Item, catalogue: Catalogue) -> int:
    """Count the muscles two exercises share."""
    first, second = catalogue.exercises[one.exercise_slug], catalogue.exercises[other.exercise_slug]
    return len({*first.primary, *first.secondary} & {*second.primary, *second.secondary})


def _labelled(group: Sequence[Item], letter: str | None, catalogue: Catalogue) -> list[Item]:
    """Label a group; whoever would come round too early, or stands alone, rests longer."""
    round_s = sum(minutes.set_seconds(item) for item in group)
    done: list[Item] = []
    for item in group:
        least = prescription.rest_of(catalogue.exercises[item.exercise_slug], "tight")
        between = round_s - minutes.set_seconds(item) + item.rest_s
        lacking = 0 if item.role == "balance" else max(0, least - between)
        done.append(replace(item, superset=letter, rest_s=item.rest_s + -(-lacking // 5) * 5))
    return done
