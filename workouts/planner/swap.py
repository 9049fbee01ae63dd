"""One exercise for another: same muscles, same place, same sets, everything else untouched.

Invariant: the new session has no hard fault that the old one had not, and no week around it gets sets beyond its band.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace

from workouts.planner import aerobic, judge, ladder, minutes, pool, prescription, rules
from workouts.planner.values import Catalogue, Conflict, Exercise, Item, Session, Trainee

DAYS, TINY = 7, 1e-6
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

    `around` are the other sessions of the six days before and after: recovery and every week that the date lies in are
    checked again, and what keeps them at their least sets comes first.

    :raises Conflict: when the exercise is not in the session, or nothing fits in its place.
    """
    old = next((item for item in session.items if item.exercise_slug == exercise_slug), None)
    if old is None:
        raise Conflict([f"{exercise_slug} is not in this session."], ["Choose an exercise of the session."])
    before = _hard(session, trainee, catalogue, around)
    spare: Session | None = None
    for exercise in _choices(session, old, trainee, catalogue, seed=seed, reason=reason, to=to):
        item = _in_place_of(old, exercise, session, trainee)
        swapped = replace(session, items=tuple(item if one is old else one for one in session.items))
        over, under = _strays(session, swapped, trainee, catalogue, around)
        if over or not _hard(swapped, trainee, catalogue, around) <= before:
            continue
        if not under:
            return swapped
        spare = spare or swapped
    if spare:
        return spare
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
        paced = old.role != "cardio" or aerobic.is_vigorous(one) == aerobic.is_vigorous(was)  # the pulse stays
        return one.pattern == was.pattern and one.mode == was.mode and paced
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


def _strays(
    was: Session, swapped: Session, trainee: Trainee, catalogue: Catalogue, around: Sequence[Session]
) -> tuple[bool, bool]:
    """Tell whether any week around the date gets more sets of a muscle than its band, or fewer, than it had before."""
    change = _difference(was, swapped, catalogue)
    others = [(one.date, ladder.session_volume(one, catalogue)) for one in around]
    old = ladder.session_volume(was, catalogue)
    over = under = False
    for muscle, more in change.items():
        low, high = rules.band(trainee, muscle)
        for back in range(DAYS):
            first = was.date - dt.timedelta(days=back)
            sets = old[muscle] + sum(count[muscle] for date, count in others if 0 <= (date - first).days < DAYS)
            over |= more > 0 and sets + more > max(high, sets) + TINY
            under |= more < 0 and sets >= low > sets + more + TINY
    return over, under


def _difference(was: Session, swapped: Session, catalogue: Catalogue) -> dict[str, float]:
    """Return by how many sets a swap changes each muscle, where it does."""
    old, new = (ladder.session_volume(one, catalogue) for one in (was, swapped))
    return {muscle: new[muscle] - old[muscle] for muscle in new if new[muscle] != old[muscle]}


def _hard(session: Session, trainee: Trainee, catalogue: Catalogue, around: Sequence[Session]) -> set[tuple[str, str]]:
    """Return the hard faults of a session among the others."""
    found = judge.faults([session], trainee, catalogue, around=around)
    return {(fault.code, fault.detail.split(" ")[-1]) for fault in found if fault.hard}
