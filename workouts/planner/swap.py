"""One exercise for another: same muscles, same place, same sets, everything else untouched.

Invariant: the new session has no hard fault that the old one had not.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workouts.planner import judge, minutes, pool, prescription, rules
from workouts.planner.values import Catalogue, Conflict, Exercise, Fault, Item, Session, Trainee

SAME_PATTERN, SAME_SECONDARY, EASIER = 6.0, 2.0, 8.0


def swap(
    session: Session,
    exercise_slug: str,
    trainee: Trainee,
    catalogue: Catalogue,
    *,
    seed: int,
    reason: str | None = None,
    to: str | None = None,
    around: Sequence[Session] = (),
) -> Session:
    """Return the session with one exercise replaced; `reason` is equipment, pain or dislike, `to` names a wish.

    `around` are the other sessions of the week, so that its limits hold too.

    :raises Conflict: when the exercise is not in the session, or nothing fits in its place.
    """
    old = next((item for item in session.items if item.exercise_slug == exercise_slug), None)
    if old is None:
        raise Conflict([f"{exercise_slug} is not in this session."], ["Choose an exercise of the session."])
    before = _hard(session, trainee, catalogue, around)
    for exercise in _choices(session, old, trainee, catalogue, seed=seed, reason=reason, to=to):
        item = _in_place_of(old, exercise, session, trainee)
        swapped = replace(session, items=tuple(item if one is old else one for one in session.items))
        if _hard(swapped, trainee, catalogue, around) <= before:
            return swapped
    name = catalogue.exercises[exercise_slug].name.lower() if exercise_slug in catalogue.exercises else exercise_slug
    raise Conflict([f"Nothing else fits in the place of {name}."], ["Drop it, or allow more equipment or minutes."])


def _choices(
    session: Session,
    old: Item,
    trainee: Trainee,
    catalogue: Catalogue,
    *,
    seed: int,
    reason: str | None,
    to: str | None,
) -> list[Exercise]:
    """Return what may take the place, the best first.

    :raises Conflict: when the exercise wished for is unknown or forbidden.
    """
    if to is not None:
        return [_wish(to, trainee, catalogue)]
    rng = random.Random(f"{seed}:{session.date.isoformat()}:{old.exercise_slug}")
    was = catalogue.exercises[old.exercise_slug]
    present = {item.exercise_slug for item in session.items}
    found = [
        one for one in pool.eligible(trainee, catalogue) if one.slug not in present and _fits(one, was, old, reason)
    ]
    scored = [(_closeness(one, was, trainee, reason) + rng.random(), one) for one in found]
    return [one for _, one in sorted(scored, key=lambda pair: -pair[0])]


def _wish(slug: str, trainee: Trainee, catalogue: Catalogue) -> Exercise:
    """Return the exercise wished for, if it may be served."""
    wish = catalogue.exercises.get(slug)
    why = rules.objection(wish, trainee) if wish else "is not in the catalogue"
    if wish is None or why:
        raise Conflict([f"{wish.name if wish else slug} {why}."], ["Choose another exercise."])
    return wish


def _fits(one: Exercise, was: Exercise, old: Item, reason: str | None) -> bool:
    """Tell whether an exercise does the old one's work, and avoids what was complained of."""
    if reason == "equipment" and one.equipment & was.equipment:
        return False
    if reason == "pain" and one.contraindications & was.contraindications and one.slug != was.regression:
        return False
    if old.role in ("warm_up", "cardio", "cool_down"):
        return one.pattern == was.pattern and one.mode == was.mode
    is_balance = rules.has_word(one.slug, rules.BALANCE)
    if old.role == "balance":
        return is_balance
    return not is_balance and bool(rules.weights(one)) and set(one.primary) == set(was.primary)


def _closeness(one: Exercise, was: Exercise, trainee: Trainee, reason: str | None) -> float:
    """Return how closely an exercise does the same work."""
    total = pool.liking(one, trainee) + SAME_PATTERN * (one.pattern == was.pattern)
    total += SAME_SECONDARY * (
        len(set(one.secondary) & set(was.secondary)) - len(set(one.secondary) - set(was.secondary))
    )
    return total + EASIER * (reason == "pain" and one.slug == was.regression)


def _in_place_of(old: Item, exercise: Exercise, session: Session, trainee: Trainee) -> Item:
    """Prescribe the new exercise in the old one's place, with its sets and rest."""
    if old.role in ("warm_up", "cardio", "cool_down", "balance"):
        return replace(old, exercise_slug=exercise.slug, per_side=exercise.unilateral, locked=False)
    limits, ramps = rules.limits(trainee), len(old.warmup)
    item = prescription.prescribe(exercise, trainee, limits, sets=old.sets, rest="tight", on=session.date, ramps=ramps)
    role = item.role if item.role == old.role else old.role
    item = replace(item, order=old.order, role=role, superset=old.superset)
    longer = replace(item, rest_s=old.rest_s if old.superset else max(item.rest_s, old.rest_s))
    return longer if old.superset or minutes.item_seconds(longer) <= minutes.item_seconds(old) else item


def _hard(session: Session, trainee: Trainee, catalogue: Catalogue, around: Sequence[Session]) -> set[tuple[str, str]]:
    """Return the hard faults of a session among the others."""
    sessions = sorted([session, *around], key=lambda one: one.date)
    return {(fault.code, fault.detail.split(" ")[-1]) for fault in _faults(sessions, trainee, catalogue)}


def _faults(sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Yield the hard faults of sessions."""
    yield from (fault for fault in judge.faults(sessions, trainee, catalogue) if fault.hard)
