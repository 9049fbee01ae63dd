"""What the logged weeks say of the next one: which variant of an exercise is due, how much was trained, what was light.

Invariant: only what happened before the date counts, so a plan made again for that date comes out the same.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from workouts import progression
from workouts.planner import rules
from workouts.planner.values import MUSCLES, Catalogue, Item, Session, Trainee
from workouts.progression import LoggedSet

WEEK = dt.timedelta(days=7)
REMEMBERED = dt.timedelta(days=28)  # a body untrained for longer starts again
WINDOWS = 2  # weeks of which the fuller counts: one missed session must not shrink the plan
FOLLOWED = 0.5  # share of a session's lifts that were logged, from which its plan counts as done
UNLOADED = frozenset({"bodyweight", "band"})
History = Mapping[str, Sequence[LoggedSet]]


def variants(history: History, catalogue: Catalogue, *, on: dt.date) -> dict[str, str]:
    """Return by exercise the harder one to do instead, outgrown twice running, or the easier one, failed twice."""
    past = {slug: [one for one in sets if one.date < on] for slug, sets in sorted(history.items())}
    last = {slug: max(one.date for one in sets) for slug, sets in past.items() if sets}
    known = [catalogue.exercises[slug] for slug in last if slug in catalogue.exercises]
    unloaded = [one for one in known if one.load_kind in UNLOADED]
    failed = {one.slug for one in unloaded if progression.too_hard(past[one.slug], bottom=one.rep_range[0], on=on)}
    due: dict[str, str] = {}
    for one in unloaded:
        easier, harder = (catalogue.exercises.get(link or "") for link in (one.regression, one.progression))
        if easier and one.slug in failed and last.get(easier.slug, dt.date.min) <= last[one.slug]:
            due[one.slug] = easier.slug
        elif harder and progression.outgrown(past[one.slug], top=one.rep_range[1], on=on):
            again = harder.slug not in failed or last[harder.slug] < last[one.slug]
            due |= {one.slug: harder.slug} if again else {}
    return due


def going_on(trainee: Trainee, *, on: dt.date) -> frozenset[str]:
    """Return the exercises that the next week should keep, or there is nothing to progress.

    What was trained of late, unless it stalls or hurt, and the variants in the place of what was outgrown or failed.
    """
    past = {slug: [one for one in sets if one.date < on] for slug, sets in trainee.history.items()}
    late = {slug: sets for slug, sets in past.items() if sets and on - max(one.date for one in sets) <= REMEMBERED}
    sound = {slug for slug, sets in late.items() if not sets[-1].pain and not progression.is_stalled(sets, on=on)}
    return frozenset(sound - trainee.variants.keys() | set(trainee.variants.values()))


def trained_week(
    history: History, plans: Sequence[Session], catalogue: Catalogue, *, on: dt.date, light: Collection[dt.date]
) -> dict[str, float]:
    """Return the fractional sets by muscle of the last trained week, the fuller of the last two; empty when unknown.

    A session of `plans` counts as planned when half of its lifts were logged, else as logged; `light` days do not
    count. All zeros when nothing was logged for four weeks.
    """
    logged = {slug: [one for one in sets if one.date < on] for slug, sets in history.items()}
    if not any(logged.values()):
        return {}
    days = sorted({one.date for sets in logged.values() for one in sets if on - one.date <= REMEMBERED} - set(light))
    planned = {one.date: one for one in plans}
    counts = {day: _day(day, logged, planned.get(day), catalogue) for day in days}
    weeks = [
        {date: count for date, count in counts.items() if (days[-1] - date) // WEEK == number}
        for number in range(WINDOWS if days else 0)
    ]
    return {
        muscle: max((sum(count[muscle] for count in week.values()) for week in weeks), default=0.0)
        for muscle in MUSCLES
    }


def light_start(light: Collection[dt.date]) -> dt.date | None:
    """Return the first day of the latest run of light days, or None."""
    start = max(light, default=None)
    while start and start - dt.timedelta(days=1) in light:
        start -= dt.timedelta(days=1)
    return start


def _day(
    day: dt.date, logged: Mapping[str, Sequence[LoggedSet]], plan: Session | None, catalogue: Catalogue
) -> dict[str, float]:
    """Return the fractional sets of a day by muscle."""
    done = {slug: float(sum(one.date == day for one in sets)) for slug, sets in logged.items()}
    done = {slug: sets for slug, sets in done.items() if sets and slug in catalogue.exercises}
    count = _volume(done, catalogue)
    lifts = {item.exercise_slug: float(item.sets) for item in plan.items if _is_lift(item, catalogue)} if plan else {}
    if lifts and len(lifts.keys() & done.keys()) >= FOLLOWED * len(lifts):
        as_planned = _volume(lifts, catalogue)
        return {muscle: max(count[muscle], as_planned[muscle]) for muscle in MUSCLES}
    return count


def _is_lift(item: Item, catalogue: Catalogue) -> bool:
    """Tell whether an item of a stored plan counts as sets."""
    return item.role not in ("warm_up", "balance", "cardio", "cool_down") and item.exercise_slug in catalogue.exercises


def _volume(sets: Mapping[str, float], catalogue: Catalogue) -> dict[str, float]:
    """Return the fractional sets by muscle of sets by exercise."""
    total = dict.fromkeys(MUSCLES, 0.0)
    for slug, number in sets.items():
        for muscle, weight in rules.weights(catalogue.exercises[slug]).items():
            total[muscle] += weight * number
    return total
