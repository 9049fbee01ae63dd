"""Somebody else's picks made into a week that holds: what may stay stays, the rest is replaced and explained.

Invariant: whatever was picked, the week comes out of the same search and the same rules as one composed here.
"""

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from workouts.planner import ladder, minutes, pool, rules
from workouts.planner.compose import Locked, plan
from workouts.planner.values import MUSCLES, Catalogue, Exercise, Repair, Session, Trainee, Week

Picks = Mapping[dt.date, Sequence[str]]
LEAST_MINUTES = 4  # that two sets of anything take


def repair(
    picks: Picks,
    trainee: Trainee,
    catalogue: Catalogue,
    dates: Sequence[dt.date],
    *,
    seed: int,
    locked: Locked | None = None,
    around: Sequence[Session] = (),
) -> tuple[Week, float, tuple[Repair, ...]]:
    """Return the week, the share (0-1) of picked exercises it kept on their dates, and a repair for each of the others.

    :raises Conflict: as `compose` does.
    """
    wanted = {date: _sound(picks.get(date, ()), trainee, catalogue) for date in dates}
    wanted = {date: slugs for date, slugs in wanted.items() if slugs}
    week = plan(trainee, catalogue, dates, seed=seed, locked=locked or {}, around=around, wanted=wanted)
    served = {session.date: session for session in week.sessions}
    repairs = [
        one
        for date, slugs in sorted(picks.items())
        for one in _repairs(date, slugs, served.get(date), trainee, catalogue)
    ]
    total = sum(len(slugs) for slugs in picks.values())
    return week, (total - len(repairs)) / total if total else 1.0, tuple(repairs)


def candidates(
    trainee: Trainee, catalogue: Catalogue, *, seed: int, limit: int = 12
) -> dict[str, tuple[Exercise, ...]]:
    """Return what may be picked for this trainee: by muscle, and under cardio and mobility, the best suited first."""
    rng = random.Random(seed)
    allowed = [
        (pool.liking(found, trainee) + pool.JITTER * rng.random(), found) for found in pool.eligible(trainee, catalogue)
    ]
    ranked = [found for _, found in sorted(allowed, key=lambda pair: -pair[0])]
    groups = {muscle: [one for one in ranked if muscle in one.primary and rules.weights(one)] for muscle in MUSCLES}
    groups |= {pattern: [one for one in ranked if one.pattern == pattern] for pattern in ("cardio", "mobility")}
    return {name: tuple(found[:limit]) for name, found in groups.items()}


def _sound(slugs: Sequence[str], trainee: Trainee, catalogue: Catalogue) -> tuple[str, ...]:
    """Keep the picks that exist and that nothing forbids, once each."""
    known = (slug for slug in dict.fromkeys(slugs) if slug in catalogue.exercises)
    return tuple(slug for slug in known if rules.objection(catalogue.exercises[slug], trainee) is None)


def _repairs(
    date: dt.date, slugs: Sequence[str], session: Session | None, trainee: Trainee, catalogue: Catalogue
) -> list[Repair]:
    """Return a repair for every pick of a date that is not served."""
    present = [item.exercise_slug for item in session.items] if session else []
    stand_ins = [slug for slug in present if slug not in slugs]
    found: list[Repair] = []
    seen: set[str] = set()
    for slug in slugs:
        if slug in present and slug not in seen:
            seen.add(slug)
            continue
        why = "was picked twice" if slug in seen else _why(slug, session, trainee, catalogue)
        stand_in = next((other for other in stand_ins if _alike(slug, other, catalogue)), None)
        if stand_in:
            stand_ins.remove(stand_in)
        found.append(Repair(date=date, proposed=slug, served=stand_in, why=why))
    return found


def _alike(slug: str, other: str, catalogue: Catalogue) -> bool:
    """Tell whether one exercise stands in for another: the same primary muscle."""
    known = catalogue.exercises.get(slug)
    return known is not None and bool(set(known.primary) & set(catalogue.exercises[other].primary))


def _why(slug: str, session: Session | None, trainee: Trainee, catalogue: Catalogue) -> str:
    """Say why a pick is not there."""
    exercise = catalogue.exercises.get(slug)
    if exercise is None:
        return "is not in the catalogue"
    if session is None:
        return "is outside the plan's dates"
    if session.rest_day:
        return rules.objection(exercise, trainee) or "falls on a rest day"
    return rules.objection(exercise, trainee) or _crowded(exercise, session, trainee, catalogue)


def _crowded(exercise: Exercise, session: Session, trainee: Trainee, catalogue: Catalogue) -> str:
    """Say what in the session left no place for an exercise."""
    volume = ladder.session_volume(session, catalogue)
    if any(volume[muscle] + 2 * weight > rules.SESSION_SETS for muscle, weight in rules.weights(exercise).items()):
        return "would train a muscle with more than ten sets in the session"
    if minutes.estimated_minutes(session) + LEAST_MINUTES > rules.limits(trainee).minutes:
        return "leaves too little time for what the week still needs"
    if sum(item.role not in ("warm_up", "cool_down") for item in session.items) >= rules.MAX_EXERCISES:
        return f"would make more than {rules.MAX_EXERCISES} exercises"
    return "would take the week's sets out of balance"
