"""Storing workout plans, changing them by hand, and recording what was done.

Invariant: no day is stored that the judge finds a hard fault in, whoever made it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from config import cache, errors, journal
from config.models import Origin, PlanRejected, PlanSource, store_versions
from users import events
from users.models import User
from workouts import catalogue as exercises
from workouts import planner, progression, selectors
from workouts.models import PerformedSet, WorkoutPlan, WorkoutPlanVersion


class NoExercise(errors.NotFound):
    code = "no_exercise"
    detail = "There is no such exercise on this day."


class Conflict(errors.AppError):
    status = 409
    code = "conflict"


def save_days(
    *,
    user_id: int,
    week: planner.Week,
    trainee: planner.Trainee,
    catalogue: planner.Catalogue,
    origin: Origin,
    extra: Mapping[str, Any],
    expected_version: int | None = None,
    beside: Sequence[planner.Session] = (),
) -> list[dt.date]:
    """Store each session as the newest version of its date; `extra` joins the certificate. Return the dates.

    `beside` are other stored days of the same week, which its certificate speaks of as well.

    :raises PlanRejected: when a session is not safe.
    :raises errors.PreconditionFailed: when a single day is no longer at the expected version.
    """
    around = selectors.around(user_id, [session.date for session in week.sessions])
    hard = [fault for fault in planner.faults(week.sessions, trainee, catalogue, around=around) if fault.hard]
    if hard:
        raise PlanRejected("; ".join(f"{fault.code}: {fault.detail}" for fault in hard))
    verdicts = _verdicts(week, trainee, catalogue, around=around, beside=beside)
    days = {
        session.date: {
            "title": session.title,
            "rest_day": session.rest_day,
            "exercises": planner.exercise_json(session, catalogue),
            "estimated_minutes": planner.estimated_minutes(session),
            "certificate": {**verdicts[session.date], **extra},
            **asdict(origin),
        }
        for session in week.sessions
    }
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
        if expected_version is not None:
            _require_version(user_id, week.sessions[0].date, expected_version)
        store_versions(WorkoutPlan, WorkoutPlanVersion, user_id, days)
        cache.forget(user_id)
    return list(days)


def _verdicts(
    week: planner.Week,
    trainee: planner.Trainee,
    catalogue: planner.Catalogue,
    *,
    around: Sequence[planner.Session],
    beside: Sequence[planner.Session],
) -> dict[dt.date, dict[str, Any]]:
    """Return each date's certificate: that of the seven days that it belongs to."""
    found: dict[dt.date, dict[str, Any]] = {}
    for block, person in planner.blocks([*week.sessions, *beside], trainee, catalogue):
        verdict = planner.certificate(
            block, person, catalogue, rung=week.rung, relaxations=week.relaxations, around=around
        )
        found |= {session.date: verdict for session in block}
    return found


def swap_exercise(
    *,
    user: User,
    if_match: str | None = None,
    date: dt.date,
    exercise_id: str,
    reason: str | None,
    to: str | None,
    seed: int,
) -> None:
    """Put another exercise for the same muscles in the place of one, with the same sets.

    :raises selectors.NoPlan: or NoExercise, when there is nothing to swap.
    :raises Conflict: when nothing else fits.
    """

    def swapped(session: planner.Session, trainee: planner.Trainee, known: planner.Catalogue) -> planner.Session:
        near = selectors.around(user.pk, [date], days=selectors.WEEK_AROUND)
        return planner.swap(session, exercise_id, trainee, known, seed=seed, reason=reason, to=to, around=near)

    _change(user, date, exercise_id, swapped, source=PlanSource.USER, if_match=if_match)


def lock_exercise(*, user: User, if_match: str | None = None, date: dt.date, exercise_id: str, locked: bool) -> None:
    """Lock or unlock an exercise: a locked one survives every regeneration.

    :raises selectors.NoPlan: or NoExercise, when there is nothing to lock.
    """

    def marked(session: planner.Session, trainee: planner.Trainee, known: planner.Catalogue) -> planner.Session:
        items = [replace(item, locked=locked) if item.exercise_slug == exercise_id else item for item in session.items]
        return replace(session, items=tuple(items))

    _change(user, date, exercise_id, marked, source=None, if_match=if_match)


@transaction.atomic
def record_sets(*, user: User, sets: Sequence[Mapping[str, Any]], today: dt.date) -> dict[str, float]:
    """Store performed sets, all or none; return the new e1RM (kg) of their exercises, where one can be estimated.

    :raises errors.Invalid: for an exercise that is not in the catalogue.
    """
    known = exercises.current().exercises
    for number, performed in enumerate(sets):
        if performed["exercise_id"] not in known:
            raise errors.Invalid.field(f"/sets/{number}/exercise_id", "unknown_exercise", "is not in the catalogue")
    PerformedSet.objects.bulk_create([PerformedSet(user=user, **performed) for performed in sets])
    events.record(user.pk, events.SetsLogged(dates=sorted({one["date"].isoformat() for one in sets})))
    cache.forget(user.pk)
    history = selectors.history(user.pk, today)
    named = {performed["exercise_id"] for performed in sets}
    lifts = sorted(slug for slug in named if known[slug].mode == "reps")
    found = {slug: progression.best_e1rm(history.get(slug, []), on=today) for slug in lifts}
    return {slug: round(value, 1) for slug, value in found.items() if value is not None}


Change = Callable[[planner.Session, planner.Trainee, planner.Catalogue], planner.Session]


def _change(
    user: User, date: dt.date, exercise_id: str, change: Change, *, source: str | None, if_match: str | None = None
) -> None:
    """Read a session, change it outside any transaction, and store it if nobody else did in the meantime."""
    row = WorkoutPlan.objects.filter(user=user, date=date).first()
    if row is None:
        raise selectors.NoPlan
    if if_match and cache.is_stale(if_match, selectors.reading(row)):
        raise errors.PreconditionFailed
    session = selectors.session_from(row)
    if all(item.exercise_slug != exercise_id for item in session.items):
        raise NoExercise
    trainee, known = _as_planned(selectors.trainee(user, {}, on=date), row), exercises.current()
    try:
        changed = change(session, trainee, known)
    except planner.Conflict as conflict:
        raise Conflict(str(conflict), conflict=list(conflict.reasons), relax=list(conflict.relax)) from None
    beside = selectors.week_of(row)
    week = _reassessed(changed, beside, row, trainee, known)
    origin = Origin(
        source=source or row.source, fallback_reason=row.fallback_reason, model=row.model, job_id=row.job_id
    )
    with transaction.atomic():
        save_days(
            user_id=user.pk,
            week=week,
            trainee=trainee,
            catalogue=known,
            origin=origin,
            extra={"notices": row.certificate.get("notices", [])},
            expected_version=row.version,
            beside=beside,
        )
        events.record(user.pk, events.PlanUpdated(kind="workout", dates=[date.isoformat()]))
        edit = {"plan": "workout", "date": date.isoformat(), "before": _noted(session), "after": _noted(changed)}
        journal.note(user.pk, edit)


def _noted(session: planner.Session) -> list[dict[str, Any]]:
    return [{"exercise": item.exercise_slug, "locked": item.locked} for item in session.items]


def _as_planned(trainee: planner.Trainee, row: WorkoutPlan) -> planner.Trainee:
    """Return the trainee with what the plan spared beside what the profile says: the request or its notes named it."""
    injuries, conditions = (row.certificate.get(name, {}).get("declared", []) for name in ("injuries", "conditions"))
    return replace(trainee, injuries=trainee.injuries.union(injuries), conditions=trainee.conditions.union(conditions))


def _reassessed(
    changed: planner.Session,
    beside: Sequence[planner.Session],
    row: WorkoutPlan,
    trainee: planner.Trainee,
    known: planner.Catalogue,
) -> planner.Week:
    """Return the changed session as a week: a whole week is assessed again, part of one keeps what was said of it."""
    rung, relaxations = row.certificate["rung"], tuple(row.certificate["relaxations"])
    if len(beside) == selectors.WEEK_AROUND:
        block = sorted([changed, *beside], key=lambda session: session.date)
        rung, relaxations = planner.assess(block, trainee, known, planner.eligible(trainee, known))
    return planner.Week(sessions=(changed,), rung=rung, relaxations=relaxations, seed=0)


def _require_version(user_id: int, date: dt.date, version: int) -> None:
    if not WorkoutPlan.objects.filter(user_id=user_id, date=date, version=version).exists():
        raise errors.PreconditionFailed
