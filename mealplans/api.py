"""Meal plans and the food catalogue over HTTP: parse, one call, status.

Invariant: a plan is only ever looked up for the person behind the token.
"""

import secrets
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from config import cache
from config.schemas import Date, From, To, date_range
from mealplans import schemas, selectors, services
from users import selectors as people
from users.auth import Request, bearer
from users.vocabulary import ALLERGENS

router = Router(auth=bearer)

Words = Annotated[str, Query(max_length=60, description="words of the name")]
Cursor = Annotated[str, Query(max_length=80, description="`next_cursor` of the page before")]
VersionCursor = Annotated[int | None, Query(ge=1, lt=2**31, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]
FoodDiet = Literal["vegan", "vegetarian", "pescatarian", "halal", "kosher"]
Allergen = Literal[ALLERGENS]  # type: ignore[valid-type]  # the fourteen, listed once


@router.get("/meal-plan", response=schemas.MealPlan, summary="One day's meals", operation_id="getMealPlan")
def meal_plan(request: Request, date: Date | None = None) -> HttpResponse:
    """Today's meals in the person's time zone unless a date is given; 404 `no_plan` when none were planned."""
    day, until = people.asked_day(request.auth, date, timezone.now())
    return cache.respond(request, selectors.meal_plan(request.auth, day, until=until))


@router.get("/meal-plans", response=schemas.MealPlans, summary="The meals of a range", operation_id="listMealPlans")
def meal_plans(request: Request, from_: From, to: To) -> HttpResponse:
    """At most 62 days; dates without a plan are left out."""
    return cache.respond(request, selectors.meal_plans(request.auth, *date_range(from_, to)))


@router.post(
    "/meal-plan/swap",
    response={200: schemas.MealPlan, 409: None, 412: None},
    summary="Another dish in the place of one",
    operation_id="swapDish",
)
def swap_dish(request: Request, body: schemas.SwapDish) -> HttpResponse:
    """The day stays on target and the other dishes stay as they are; 409 `conflict` when nothing else fits."""
    services.swap_dish(
        user=request.auth, if_match=request.headers.get("If-Match"), seed=secrets.randbits(53), **body.model_dump()
    )
    return cache.respond(request, selectors.meal_plan(request.auth, body.date))


@router.post(
    "/meal-plan/lock",
    response={200: schemas.MealPlan, 409: None, 412: None},
    summary="Lock or unlock a dish",
    operation_id="lockDish",
)
def lock_dish(request: Request, body: schemas.LockDish) -> HttpResponse:
    """A locked dish survives every regeneration of its day."""
    services.lock_dish(user=request.auth, if_match=request.headers.get("If-Match"), **body.model_dump())
    return cache.respond(request, selectors.meal_plan(request.auth, body.date))


@router.get(
    "/meal-plans/versions",
    response=schemas.Versions,
    summary="Earlier versions of a day",
    operation_id="listMealPlanVersions",
)
def meal_plan_versions(
    request: Request, date: Date, cursor: VersionCursor = None, limit: Limit = 50
) -> schemas.Versions:
    """Every version that was served, newest first."""
    return selectors.versions(request.auth, date, before=cursor, limit=limit)


@router.post(
    "/meal-plans/versions/restore",
    response={200: schemas.MealPlan, 409: None, 412: None},
    summary="Bring an earlier version back",
    operation_id="restoreMealPlan",
)
def restore_meal_plan(request: Request, body: schemas.Restore) -> HttpResponse:
    """It becomes the newest version; 409 `not_safe` when the person must not eat it any more."""
    services.restore_version(user=request.auth, **body.model_dump())
    return cache.respond(request, selectors.meal_plan(request.auth, body.date))


@router.get(
    "/shopping-list",
    response=schemas.ShoppingList,
    summary="What to buy for a range",
    operation_id="getShoppingList",
)
def shopping_list(request: Request, from_: From, to: To) -> HttpResponse:
    """Grams of each food by aisle; the totals equal the plans' ingredients exactly."""
    return cache.respond(request, selectors.shopping_list(request.auth, *date_range(from_, to)))


@router.get("/foods", response=schemas.Foods, summary="The foods that are planned with", operation_id="listFoods")
def foods(request: Request, q: Words = "", cursor: Cursor = "", limit: Limit = 50) -> schemas.Foods:
    """Figures per 100 g with their source id (USDA FoodData Central)."""
    return selectors.foods(words=q, cursor=cursor, limit=limit)


@router.get("/recipes", response=schemas.Recipes, summary="The recipes", operation_id="listRecipes")
def recipes(  # noqa: PLR0913, PLR0917 - a search has as many sides
    request: Request,
    q: Words = "",
    slot: schemas.Slot | None = None,
    diet: Annotated[list[FoodDiet], Query(description="may be repeated")] = [],  # noqa: B006 - pydantic copies it
    without: Annotated[list[Allergen], Query(description="allergens; may be repeated")] = [],  # noqa: B006
    cursor: Cursor = "",
    limit: Limit = 20,
) -> schemas.Recipes:
    """Ingredients, steps and nutrition of one serving; allergens and diets derived from the ingredients."""
    return selectors.recipes(words=q, slot=slot, diets=diet, without=without, cursor=cursor, limit=limit)
