"""What is read of workouts: plans through the cache, and what the planner has to know of a person.

Invariant: nothing here writes; an answer that is kept has passed its schema.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from config import cache, errors
from config.postgres.prepared import Prepared
from users import selectors as people
from users.models import User
from workouts import catalogue, planner, progression, schemas
from workouts.models import Exercise, PerformedSet, WorkoutPlan

RECOVERY_DAYS, WEEK_AROUND = 2, 6
WEEK = dt.timedelta(days=7)
HISTORY_WEEKS = 12
SHOWN_FIELDS = ("name", "pattern", "primary", "secondary", "equipment", "level", "contraindications", "cues")


class NoPlan(errors.NotFound):
    code = "no_plan"
    detail = "There is no plan for this date yet. POST /generate-plan makes one."


_DAY = Prepared(
    lambda user_id, date: WorkoutPlan.objects.filter(user_id=user_id, date=date), user_id=-1, date=dt.date.min
)


def workout_plan(user: User, date: dt.date, *, until: int = 0) -> cache.Answer:
    """Return the day's session; with `until` it is kept as the answer to a request without a date.

    :raises NoPlan: when there is none.
    """

    def load() -> bytes:
        if (row := _DAY.first(user_id=user.pk, date=date)) is None:
            raise NoPlan
        return _body(row)

    return cache.read_through(user.pk, f"workout:{'' if until else date}", load, until=until)


def workout_plans(user: User, first: dt.date, last: dt.date) -> cache.Answer:
    """Return the sessions of a range of dates, both ends included."""

    def load() -> bytes:
        rows = WorkoutPlan.objects.filter(user=user, date__range=(first, last)).order_by("date")
        return schemas.WorkoutPlans(items=[shown(row) for row in rows]).model_dump_json().encode()

    return cache.read_through(user.pk, f"workouts:{first}:{last}", load)


def workout_plan_or_none(user: User, date: dt.date) -> dict[str, Any] | None:
    row = _DAY.first(user_id=user.pk, date=date)
    return shown(row).model_dump(mode="json") if row else None


def reading(row: WorkoutPlan) -> cache.Answer:
    """Return a plan as `GET` answers it; not from the cache."""
    return cache.Answer.of(_body(row))


def _body(row: WorkoutPlan) -> bytes:
    return shown(row).model_dump_json().encode()


def shown(row: WorkoutPlan) -> schemas.WorkoutPlan:
    fields = {name: getattr(row, name) for name in schemas.WorkoutPlan.model_fields}
    return schemas.WorkoutPlan.model_validate({**fields, "job_id": str(row.job_id) if row.job_id else None})


def trainee(user: User, overrides: Mapping[str, Any], *, on: dt.date) -> planner.Trainee:
    """Return whom to train from a date on, with what their logged sets say of them; light weeks say nothing of loads.

    :raises people.ProfileIncomplete: when age, height or weight is not known yet.
    """
    person = people.person(user, overrides)
    availability = overrides.get("availability") or user.availability or {}
    logged, known = history(user.pk, on), catalogue.current()
    lifts = {slug for slug, one in known.exercises.items() if one.mode == "reps"}
    strengths = {slug: progression.best_e1rm(sets, on=on) for slug, sets in logged.items() if slug in lifts}
    rows = WorkoutPlan.objects.filter(user=user, date__range=(on - HISTORY_WEEKS * WEEK, on - dt.timedelta(days=1)))
    light = {date for date, is_light in rows.values_list("date", "certificate__light_week") if is_light}
    trained = {one.date for sets in logged.values() for one in sets}
    plans = [session_from(row) for row in rows.filter(date__in=trained)]
    earnest = {slug: [one for one in sets if one.date not in light] for slug, sets in logged.items()}
    earnest = {slug: sets for slug, sets in earnest.items() if sets}
    return planner.Trainee(
        goal=person.fitness_goal,
        training_level=user.training_level,
        age=person.age,
        sex=person.sex,
        weight=person.weight,
        activity_level=user.activity_level,
        equipment=frozenset(overrides.get("equipment", user.equipment)),
        injuries=frozenset(user.injuries),
        conditions=frozenset(user.conditions),
        days=tuple(availability.get("days", ())),
        minutes=availability.get("minutes_per_session"),
        e1rm={slug: value for slug, value in strengths.items() if value is not None},
        history=earnest,
        variants=planner.variants(earnest, known, on=on),
        last_week=planner.trained_week(logged, plans, known, on=on, light=light),
        deload=_is_light(user.training_level, trained, earnest, light, on=on),
    )


def _is_light(
    level: str,
    trained: Collection[dt.date],
    logged: Mapping[str, Sequence[progression.LoggedSet]],
    light: Collection[dt.date],
    *,
    on: dt.date,
) -> bool:
    """Tell whether the week from a date is a light one: begun less than seven days ago, or due."""
    begun = planner.light_start(light)
    if begun and on - begun < WEEK:
        return True
    return progression.deload_reason(sorted(trained), logged, level=level, on=on, last_deload=begun) is not None


def history(user_id: int, on: dt.date) -> dict[str, list[progression.LoggedSet]]:
    """Return the performed sets of the last 12 weeks up to a date, by exercise, oldest first."""
    rows = PerformedSet.objects.filter(
        user_id=user_id, date__range=(on - dt.timedelta(weeks=HISTORY_WEEKS), on)
    ).order_by("date", "id")
    found: dict[str, list[progression.LoggedSet]] = {}
    for row in rows:
        one = progression.LoggedSet(date=row.date, reps=row.reps, load=row.load, rir=row.rir, pain=row.pain)
        found.setdefault(row.exercise_id, []).append(one)
    return found


def exercises(
    *, words: str, muscle: str | None, equipment: Sequence[str], cursor: str, limit: int
) -> schemas.Exercises:
    """Return a page of the exercises that can be planned, by slug; `equipment` is what there is."""
    rows = Exercise.objects.filter(retired=False, name__icontains=words, slug__gt=cursor)
    if muscle:
        rows = rows.filter(primary__contains=[muscle])
    if equipment:
        rows = rows.filter(equipment__contained_by=list(equipment))
    page = list(rows.order_by("slug")[: limit + 1])
    items = [
        schemas.CatalogueExercise.model_validate(
            {"exercise_id": row.slug, **{name: getattr(row, name) for name in SHOWN_FIELDS}}
        )
        for row in page[:limit]
    ]
    return schemas.Exercises(items=items, next_cursor=items[-1].exercise_id if len(page) > limit else None)


def locked(user_id: int, dates: Sequence[dt.date]) -> dict[dt.date, tuple[planner.Item, ...]]:
    """Return the exercises that must stay, by date."""
    rows = WorkoutPlan.objects.filter(user_id=user_id, date__in=dates)
    found = {row.date: tuple(item for item in session_from(row).items if item.locked) for row in rows}
    return {date: items for date, items in found.items() if items}


def around(user_id: int, dates: Sequence[dt.date], *, days: int = RECOVERY_DAYS) -> list[planner.Session]:
    """Return the sessions just before and after the dates: muscles need two days between hard sessions."""
    near = dt.timedelta(days=days)
    rows = WorkoutPlan.objects.filter(user_id=user_id, date__range=(min(dates) - near, max(dates) + near))
    return [session_from(row) for row in rows.exclude(date__in=dates).order_by("date")]


def week_of(row: WorkoutPlan) -> list[planner.Session]:
    """Return the other stored sessions of the seven days that a plan was certified with."""
    first, last = (dt.date.fromisoformat(date) for date in row.certificate.get("dates", [row.date.isoformat()] * 2))
    rows = WorkoutPlan.objects.filter(user_id=row.user_id, date__range=(first, last)).exclude(pk=row.pk)
    return [session_from(other) for other in rows.order_by("date")]


def session_from(row: WorkoutPlan) -> planner.Session:
    return planner.Session(
        date=row.date, title=row.title, rest_day=row.rest_day, items=planner.items_from(row.exercises)
    )
