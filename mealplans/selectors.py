"""What is read of meals: plans through the cache, and what the planner has to know of a person.

Invariant: nothing here writes; an answer that is kept has passed its schema.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from config import cache, errors
from config.postgres.prepared import Prepared
from mealplans import catalogue, planner, schemas, shopping
from mealplans.models import Food, MealPlan, MealPlanVersion
from users import selectors as people
from users import targets, vocabulary
from users.models import User

RECENT_DAYS = 14
FOOD_FIELDS = ("name", "fdc_id", "category", "aisle", "per_100g", "allergens", "diets")


class NoPlan(errors.NotFound):
    code = "no_plan"
    detail = "There is no plan for this date yet. POST /generate-plan makes one."


_DAY = Prepared(lambda user_id, date: MealPlan.objects.filter(user_id=user_id, date=date), user_id=-1, date=dt.date.min)


def meal_plan(user: User, date: dt.date, *, until: int = 0) -> cache.Answer:
    """Return the day's plan; with `until` it is kept as the answer to a request without a date.

    :raises NoPlan: when there is none.
    """

    def load() -> bytes:
        if (row := _DAY.first(user_id=user.pk, date=date)) is None:
            raise NoPlan
        return _body(row)

    return cache.read_through(user.pk, f"meal:{'' if until else date}", load, until=until)


def meal_plans(user: User, first: dt.date, last: dt.date) -> cache.Answer:
    """Return the plans of a range of dates, both ends included."""

    def load() -> bytes:
        rows = MealPlan.objects.filter(user=user, date__range=(first, last)).order_by("date")
        return schemas.MealPlans(items=[shown(row) for row in rows]).model_dump_json().encode()

    return cache.read_through(user.pk, f"meals:{first}:{last}", load)


def meal_plan_or_none(user: User, date: dt.date) -> dict[str, Any] | None:
    row = _DAY.first(user_id=user.pk, date=date)
    return shown(row).model_dump(mode="json") if row else None


def reading(row: MealPlan) -> cache.Answer:
    """Return a plan as `GET` answers it; not from the cache."""
    return cache.Answer.of(_body(row))


def _body(row: MealPlan) -> bytes:
    return shown(row).model_dump_json().encode()


def shown(row: MealPlan) -> schemas.MealPlan:
    fields = {name: getattr(row, name) for name in schemas.MealPlan.model_fields}
    return schemas.MealPlan.model_validate({**fields, "job_id": str(row.job_id) if row.job_id else None})


def eater(user: User, overrides: Mapping[str, Any]) -> planner.Eater:
    """Return whom to cook for.

    :raises people.ProfileIncomplete: when the targets cannot be known yet.
    """
    preferences = overrides.get("dietary_preferences", user.dietary_preferences)
    person = people.person(user, overrides)
    return planner.Eater(
        targets=targets.targets(person),
        diets=frozenset(preferences) & set(vocabulary.DIETS),
        allergens=people.excluded_allergens(user, overrides),
        disliked=frozenset(user.disliked_foods),
        meals_per_day=user.meals_per_day,
        max_prep_minutes=user.max_prep_minutes or None,
        budget=user.budget,
        leftovers=user.leftovers,
        conditions=person.conditions,
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


def day_from(row: MealPlan) -> planner.Day:
    return planner.Day(row.date, tuple(dish_from(meal) for meal in row.meals))


def versions(user: User, date: dt.date, *, before: int | None, limit: int) -> schemas.Versions:
    """Return a page of a day's versions that were served, newest first, from the one below `before` on."""
    rows = MealPlanVersion.objects.filter(user=user, date=date).order_by("-version")
    page = list((rows if before is None else rows.filter(version__lt=before))[: limit + 1])
    items = [
        schemas.Version.model_validate(
            {
                "version": row.version,
                "source": row.source,
                "titles": [meal["title"] for meal in row.meals],
                "created_at": row.created_at,
            }
        )
        for row in page[:limit]
    ]
    return schemas.Versions(items=items, next_cursor=str(items[-1].version) if len(page) > limit else None)


def shopping_list(user: User, first: dt.date, last: dt.date) -> cache.Answer:
    """Return what to buy for the plans of a range of dates."""

    def load() -> bytes:
        rows = MealPlan.objects.filter(user=user, date__range=(first, last)).order_by("date")
        aisles = shopping.shopping_list([day_from(row) for row in rows], catalogue.current())
        return schemas.ShoppingList.model_validate({"aisles": aisles}).model_dump_json().encode()

    return cache.read_through(user.pk, f"shopping:{first}:{last}", load)


def foods(*, words: str, cursor: str, limit: int) -> schemas.Foods:
    """Return a page of the foods that are planned with, by slug."""
    rows = Food.objects.filter(retired=False, name__icontains=words, slug__gt=cursor)
    page = list(rows.order_by("slug")[: limit + 1])
    items = [
        schemas.Food.model_validate({"food_id": row.slug, **{name: getattr(row, name) for name in FOOD_FIELDS}})
        for row in page[:limit]
    ]
    return schemas.Foods(items=items, next_cursor=items[-1].food_id if len(page) > limit else None)


def recipes(  # noqa: PLR0913 - a search has as many sides
    *, words: str, slot: str | None, diets: Sequence[str], without: Sequence[str], cursor: str, limit: int
) -> schemas.Recipes:
    """Return a page of recipes by slug: with the words in their title, for a slot, of diets, free of allergens."""
    known = catalogue.current()
    traits = planner.traits(known)
    found = [
        recipe
        for slug, recipe in sorted(known.recipes.items())
        if slug > cursor and recipe.slots and words.casefold() in recipe.title.casefold()
        if slot is None or slot in recipe.slots
        if set(diets) <= traits[slug].diets and traits[slug].allergens.isdisjoint(without)
    ]
    items = [recipe_out(recipe, known) for recipe in found[:limit]]
    return schemas.Recipes(items=items, next_cursor=items[-1].recipe_id if len(found) > limit else None)


def recipe_out(recipe: planner.Recipe, known: planner.Catalogue) -> schemas.Recipe:
    shown = planner.meal_json(planner.Day(dt.date.min, (planner.Dish(recipe.slots[0], recipe.slug, 1.0),)), known)[0]
    return schemas.Recipe.model_validate(
        {
            **shown,
            "slots": recipe.slots,
            "cuisine": recipe.cuisine,
            "diets": sorted(planner.traits(known)[recipe.slug].diets),
        }
    )
