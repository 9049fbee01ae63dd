"""Workout plans over HTTP: parse, one call, status.

Invariant: a plan is only ever looked up for the person behind the token.
"""

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from config import cache
from config.schemas import Date, From, To, date_range
from users import selectors as people
from users.auth import Request, bearer
from workouts import schemas, selectors

router = Router(auth=bearer)


@router.get("/workout-plan", response=schemas.WorkoutPlan, summary="One day's session", operation_id="getWorkoutPlan")
def workout_plan(request: Request, date: Date | None = None) -> HttpResponse:
    """Today's session in the person's time zone unless a date is given; 404 `no_plan` when none was planned."""
    day = date or people.today(request.auth, timezone.now())
    return cache.respond(request, selectors.workout_plan(request.auth, day))


@router.get(
    "/workout-plans",
    response=schemas.WorkoutPlans,
    summary="The sessions of a range",
    operation_id="listWorkoutPlans",
)
def workout_plans(request: Request, from_: From, to: To) -> HttpResponse:
    """At most 62 days; dates without a plan are left out."""
    return cache.respond(request, selectors.workout_plans(request.auth, *date_range(from_, to)))
