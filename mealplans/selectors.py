"""What is read of meals: plans through the cache, and what the planner has to know of a person.

Invariant: nothing here writes; an answer that is kept has passed its schema.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from config import cache, errors
from mealplans import planner, schemas
from mealplans.models import MealPlan
from users import selectors as people
from users import targets, vocabulary
from users.models import User

RECENT_DAYS = 14


class NoPlan(errors.NotFound):
    code = "no_plan"
    detail = "There is no plan for this date yet. POST /generate-plan makes one."


def meal_plan(user: User, date: dt.date) -> cache.Answer:
    """Return the day's plan.

    :raises NoPlan: when there is none.
    """

    def load() -> bytes:
        if (row := MealPlan.objects.filter(user=user, date=date).first()) is None:
            raise NoPlan
        return shown(row).model_dump_json().encode()

    return cache.read_through(user.pk, f"meal:{date}", load)


def meal_plans(user: User, first: dt.date, last: dt.date) -> cache.Answer:
    """Return the plans of a range of dates, both ends included."""

    def load() -> bytes:
        rows = MealPlan.objects.filter(user=user, date__range=(first, last)).order_by("date")
        return schemas.MealPlans(items=[shown(row) for row in rows]).model_dump_json().encode()

    return cache.read_through(user.pk, f"meals:{first}:{last}", load)


def meal_plan_or_none(user: User, date: dt.date) -> dict[str, Any] | None:
    row = MealPlan.objects.filter(user=user, date=date).first()
    return shown(row).model_dump(mode="json") if row else None


def shown(row: MealPlan) -> schemas.MealPlan:
    fields = {name: getattr(row, name) for name in schemas.MealPlan.model_fields}
    return schemas.MealPlan.model_validate({**fields, "job_id": str(row.job_id) if row.job_id else None})


def eater(user: User, overrides: Mapping[str, Any]) -> planner.Eater:
    """Return whom to cook for.

    :raises people.ProfileIncomplete: when the targets cannot be known yet.
    """
    preferences = overrides.get("dietary_preferences", user.dietary_preferences)
    return planner.Eater(
        targets=targets.targets(people.person(user, overrides)),
        diets=frozenset(preferences) & set(vocabulary.DIETS),
        allergens=people.excluded_allergens(user, overrides),
        disliked=frozenset(user.disliked_foods),
        meals_per_day=user.meals_per_day,
        max_prep_minutes=user.max_prep_minutes or None,
        budget=user.budget,
        leftovers=user.leftovers,
        conditions=frozenset(user.conditions),
    )


def locked(user_id: int, dates: Sequence[dt.date]) -> dict[dt.date, list[planner.Dish]]:
    """Return the dishes that must stay, by date."""
    rows = MealPlan.objects.filter(user_id=user_id, date__in=dates).values_list("date", "meals")
    found = {date: [dish for dish in map(dish_from, meals) if dish.locked] for date, meals in rows}
    return {date: dishes for date, dishes in found.items() if dishes}


def recent(user_id: int, dates: Sequence[dt.date]) -> dict[dt.date, list[str]]:
    """Return what was served in the two weeks before and the two after, by date: next week should taste different."""
    around = dt.timedelta(days=RECENT_DAYS)
    rows = MealPlan.objects.filter(user_id=user_id, date__range=(min(dates) - around, max(dates) + around)).exclude(
        date__in=dates
    )
    return {date: [meal["recipe_id"] for meal in meals] for date, meals in rows.values_list("date", "meals")}


def dish_from(stored: Mapping[str, Any]) -> planner.Dish:
    return planner.Dish(stored["slot"], stored["recipe_id"], stored["servings"], stored["locked"])
