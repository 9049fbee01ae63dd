"""Meal plans over HTTP: parse, one call, status.

Invariant: a plan is only ever looked up for the person behind the token.
"""

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from config import cache
from config.schemas import Date, From, To, date_range
from mealplans import schemas, selectors
from users import selectors as people
from users.auth import Request, bearer

router = Router(auth=bearer)


@router.get("/meal-plan", response=schemas.MealPlan, summary="One day's meals", operation_id="getMealPlan")
def meal_plan(request: Request, date: Date | None = None) -> HttpResponse:
    """Today's meals in the person's time zone unless a date is given; 404 `no_plan` when none were planned."""
    day = date or people.today(request.auth, timezone.now())
    return cache.respond(request, selectors.meal_plan(request.auth, day))


@router.get("/meal-plans", response=schemas.MealPlans, summary="The meals of a range", operation_id="listMealPlans")
def meal_plans(request: Request, from_: From, to: To) -> HttpResponse:
    """At most 62 days; dates without a plan are left out."""
    return cache.respond(request, selectors.meal_plans(request.auth, *date_range(from_, to)))
