"""Storing meal plans: every version is kept, nothing unsafe gets in, and nobody else's plan moves."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from config.models import Origin, PlanRejected
from mealplans import catalogue, planner, selectors, services
from mealplans.models import MealPlan, MealPlanVersion
from tests.factories import MONDAY
from tests.mealplans.conftest import Cook, Serve
from users.models import User

TUESDAY = MONDAY + dt.timedelta(days=1)


def save(user: User, week: planner.Week, **changes: Any) -> list[dt.date]:
    values: dict[str, Any] = {
        "eater": selectors.eater(user, {}),
        "catalogue": catalogue.current(),
        "origin": Origin(source="planner"),
        "extra": {},
        **changes,
    }
    return services.save_days(user_id=user.pk, week=week, **values)


def test_each_day_of_a_week_becomes_a_plan(owner: User, cook: Cook) -> None:
    week = cook(owner, [MONDAY, TUESDAY])

    dates = save(owner, week)

    assert dates == [MONDAY, TUESDAY]
    stored = dict(MealPlan.objects.filter(user=owner).values_list("date", "meals"))
    assert {date: [meal["recipe_id"] for meal in meals] for date, meals in stored.items()} == {
        day.date: [dish.recipe_slug for dish in day.dishes] for day in week.days
    }


def test_planning_a_day_again_makes_a_new_version_and_keeps_the_old_one(owner: User, serve: Serve) -> None:
    serve(owner, MONDAY, TUESDAY, seed=1)
    first = MealPlan.objects.values().get(date=MONDAY)

    serve(owner, MONDAY, seed=2)

    plan = MealPlan.objects.get(date=MONDAY)
    history = list(MealPlanVersion.objects.filter(user=owner, date=MONDAY).order_by("version"))
    assert (plan.pk, plan.version, plan.created_at) == (first["id"], 2, first["created_at"])
    assert [row.version for row in history] == [1, 2]
    assert [row.meals for row in history] == [first["meals"], plan.meals]
    assert MealPlan.objects.get(date=TUESDAY).version == 1


def test_where_a_plan_came_from_is_kept(owner: User, cook: Cook) -> None:
    job = uuid.uuid4()

    save(
        owner,
        cook(owner, [MONDAY]),
        origin=Origin(source="ai_repaired", fallback_reason=None, model="tiny", job_id=job),
        extra={"kept_ratio": 0.75},
    )

    for row in (MealPlan.objects.get(), MealPlanVersion.objects.get()):
        assert (row.source, row.model, row.job_id, row.certificate["kept_ratio"]) == ("ai_repaired", "tiny", job, 0.75)


def test_a_day_that_holds_an_allergen_is_rejected_whoever_made_it(owner: User, cook: Cook) -> None:
    week = cook(owner, [MONDAY, TUESDAY])
    plans = planner.meal_json(week.days[1], catalogue.current())
    allergen = next(allergen for meal in plans for allergen in meal["allergens"])
    allergic = replace(selectors.eater(owner, {}), allergens=frozenset({allergen}))

    with pytest.raises(PlanRejected, match=allergen):
        save(owner, week, eater=allergic)

    assert not MealPlan.objects.exists()
    assert not MealPlanVersion.objects.exists()


def test_a_day_without_its_dinner_is_rejected(owner: User, cook: Cook) -> None:
    week = cook(owner, [MONDAY])
    (day,) = week.days
    hungry = replace(week, days=(replace(day, dishes=tuple(dish for dish in day.dishes if dish.slot != "dinner")),))

    with pytest.raises(PlanRejected):
        save(owner, hungry)

    assert not MealPlan.objects.exists()


def test_the_plan_of_somebody_else_does_not_move(owner: User, stranger: User, serve: Serve) -> None:
    serve(stranger, MONDAY, seed=1)
    before = MealPlan.objects.values().get(user=stranger)

    serve(owner, MONDAY, seed=2)

    assert MealPlan.objects.values().get(user=stranger) == before


def test_a_dish_that_is_stored_is_read_back_as_the_planner_wrote_it(owner: User, serve: Serve) -> None:
    week = serve(owner, MONDAY)

    stored = MealPlan.objects.get().meals

    assert tuple(selectors.dish_from(meal) for meal in stored) == week.days[0].dishes


def test_only_locked_dishes_are_handed_to_the_planner_as_such(owner: User, serve: Serve) -> None:
    serve(owner, MONDAY, TUESDAY)
    plan = MealPlan.objects.get(date=MONDAY)
    plan.meals[1]["locked"] = True
    plan.save()

    found = selectors.locked(owner.pk, [MONDAY, TUESDAY])

    assert found == {MONDAY: [selectors.dish_from(plan.meals[1])]}


def test_what_was_served_around_the_dates_is_known_and_what_they_hold_themselves_is_not(
    owner: User, stranger: User, serve: Serve
) -> None:
    serve(owner, MONDAY - dt.timedelta(days=1), MONDAY)
    serve(owner, MONDAY - dt.timedelta(days=15))
    serve(stranger, TUESDAY)

    found = selectors.recent(owner.pk, [MONDAY])

    sunday = MealPlan.objects.get(user=owner, date=MONDAY - dt.timedelta(days=1))
    assert found == {sunday.date: [meal["recipe_id"] for meal in sunday.meals]}


def test_an_override_can_only_add_to_what_a_person_must_not_eat(owner: User) -> None:
    owner.allergies, owner.dietary_preferences = ["nuts"], ["vegan", "lactose_free"]

    eater = selectors.eater(owner, {"allergies": ["soy"], "dietary_preferences": ["keto", "no_fish"]})

    assert eater.allergens == {"nuts", "soy", "milk", "fish"}


def test_the_eater_is_the_person_of_the_profile(owner: User) -> None:
    owner.meals_per_day, owner.budget, owner.leftovers = 6, 1, True
    owner.max_prep_minutes, owner.disliked_foods, owner.conditions = {"mon": 15}, ["okra"], ["diabetes"]

    eater = selectors.eater(owner, {})

    assert (eater.meals_per_day, eater.budget, eater.leftovers) == (6, 1, True)
    assert eater.max_prep_minutes == {"mon": 15}
    assert (eater.disliked, eater.conditions) == (frozenset({"okra"}), frozenset({"diabetes"}))
