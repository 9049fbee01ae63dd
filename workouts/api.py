"""Workout plans over HTTP: parse, one call, status.

Invariant: a plan is only ever looked up for the person behind the token.
"""

import secrets
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from config import cache
from config.schemas import Date, From, To, date_range
from users import selectors as people
from users.auth import Request, bearer
from users.schemas import Equipment
from workouts import schemas, selectors, services
from workouts.planner import MUSCLES

router = Router(auth=bearer)

Words = Annotated[str, Query(max_length=60, description="words of the name")]
Cursor = Annotated[str, Query(max_length=80, description="`next_cursor` of the page before")]
Muscle = Literal[MUSCLES]  # type: ignore[valid-type]  # the ten, listed once


@router.get("/workout-plan", response=schemas.WorkoutPlan, summary="One day's session", operation_id="getWorkoutPlan")
def workout_plan(request: Request, date: Date | None = None) -> HttpResponse:
    """Today's session in the person's time zone unless a date is given; 404 `no_plan` when none was planned."""
    day, until = people.asked_day(request.auth, date, timezone.now())
    return cache.respond(request, selectors.workout_plan(request.auth, day, until=until))


@router.get(
    "/workout-plans",
    response=schemas.WorkoutPlans,
    summary="The sessions of a range",
    operation_id="listWorkoutPlans",
)
def workout_plans(request: Request, from_: From, to: To) -> HttpResponse:
    """At most 62 days; dates without a plan are left out."""
    return cache.respond(request, selectors.workout_plans(request.auth, *date_range(from_, to)))


@router.post(
    "/workout-plan/swap",
    response={200: schemas.WorkoutPlan, 409: None, 412: None},
    summary="Another exercise in the place of one",
    operation_id="swapExercise",
)
def swap_exercise(request: Request, body: schemas.SwapExercise) -> HttpResponse:
    """Same muscles, same place, same sets; 409 `conflict` when nothing else fits."""
    services.swap_exercise(
        user=request.auth, if_match=request.headers.get("If-Match"), seed=secrets.randbits(53), **body.model_dump()
    )
    return cache.respond(request, selectors.workout_plan(request.auth, body.date))


@router.post(
    "/workout-plan/lock",
    response={200: schemas.WorkoutPlan, 409: None, 412: None},
    summary="Lock or unlock an exercise",
    operation_id="lockExercise",
)
def lock_exercise(request: Request, body: schemas.LockExercise) -> HttpResponse:
    """A locked exercise survives every regeneration of its day."""
    services.lock_exercise(user=request.auth, if_match=request.headers.get("If-Match"), **body.model_dump())
    return cache.respond(request, selectors.workout_plan(request.auth, body.date))


@router.post(
    "/progress/sets",
    response={201: schemas.Recorded},
    summary="Record performed sets",
    operation_id="recordSets",
    tags=["Progress"],
)
def record_sets(request: Request, body: schemas.PerformedSets) -> Status[dict[str, object]]:
    """All or none are stored; the next plan progresses from them."""
    sets = [one.model_dump() for one in body.sets]
    today = people.today(request.auth, timezone.now())
    return Status(201, {"stored": len(sets), "e1rm": services.record_sets(user=request.auth, sets=sets, today=today)})


@router.get("/exercises", response=schemas.Exercises, summary="The exercises", operation_id="listExercises")
def exercises(  # noqa: PLR0913, PLR0917 - a search has as many sides
    request: Request,
    q: Words = "",
    muscle: Muscle | None = None,
    equipment: Annotated[list[Equipment], Query(description="what there is; may be repeated")] = [],  # noqa: B006 - pydantic copies it
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> schemas.Exercises:
    """With `equipment`, only those that need nothing else."""
    return selectors.exercises(words=q, muscle=muscle, equipment=equipment, cursor=cursor, limit=limit)
