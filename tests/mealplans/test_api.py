"""Reading meal plans: the right plan for the right person and date, and never an old one."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from mealplans import services
from mealplans.models import MealPlan
from tests.conftest import Api
from tests.factories import MONDAY
from tests.mealplans.conftest import Serve
from users.models import User

TUESDAY, SUNDAY = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=6)
CONTRACT_FIELDS = {
    "id",
    "date",
    "breakfast",
    "lunch",
    "dinner",
    "snacks",
    "meals",
    "totals",
    "targets",
    "certificate",
    "source",
    "fallback_reason",
    "model",
    "job_id",
    "version",
    "created_at",
    "updated_at",
}
MEAL_FIELDS = {
    "slot",
    "recipe_id",
    "title",
    "servings",
    "locked",
    "ingredients",
    "steps",
    "prep_minutes",
    "allergens",
    "nutrition",
}


def plan_of(api: Api, date: dt.date) -> Any:
    return api.get(f"/api/v1/meal-plan?date={date}").json()


def test_a_day_without_a_plan_is_a_404_that_says_how_to_get_one(as_owner: Api) -> None:
    answer = as_owner.get(f"/api/v1/meal-plan?date={MONDAY}")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_plan")
    assert "generate-plan" in answer.json()["detail"]


def test_a_plan_has_every_field_of_the_contract(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY)

    plan = plan_of(as_owner, MONDAY)

    assert set(plan) >= CONTRACT_FIELDS
    assert all(set(meal) >= MEAL_FIELDS for meal in plan["meals"])
    assert all(set(part) >= {"food_id", "name", "grams"} for meal in plan["meals"] for part in meal["ingredients"])
    assert {"kcal", "protein", "carbs", "fat", "fibre"} <= set(plan["meals"][0]["nutrition"])
    assert (plan["date"], plan["source"], plan["version"], plan["fallback_reason"]) == (
        "2026-03-02",
        "planner",
        1,
        None,
    )


def test_the_four_texts_tell_of_the_same_dishes_as_the_data(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY)

    plan = plan_of(as_owner, MONDAY)

    for meal in plan["meals"]:
        assert meal["title"] in plan["snacks" if meal["slot"] == "snack" else meal["slot"]]


def test_the_meals_add_up_to_the_totals_and_the_totals_meet_the_targets(
    as_owner: Api, owner: User, serve: Serve
) -> None:
    serve(owner, MONDAY)

    plan = plan_of(as_owner, MONDAY)

    kcal = sum(meal["nutrition"]["kcal"] for meal in plan["meals"])
    assert kcal == pytest.approx(plan["totals"]["kcal"], abs=1)
    assert kcal == pytest.approx(plan["targets"]["kcal"], rel=0.03)
    assert plan["certificate"]["passed"] is True


def test_an_allergic_vegan_is_served_neither_the_allergen_nor_an_animal(
    as_owner: Api, owner: User, serve: Serve
) -> None:
    as_owner.patch("/api/v1/profile", {"dietary_preferences": "vegan, nut-free", "allergies": ["soy"]})
    owner.refresh_from_db()
    serve(owner, MONDAY, TUESDAY)

    found = {
        allergen
        for date in (MONDAY, TUESDAY)
        for meal in plan_of(as_owner, date)["meals"]
        for allergen in meal["allergens"]
    }

    assert found & {"soy", "nuts", "milk", "eggs", "fish", "crustaceans", "molluscs"} == set()


def test_each_person_reads_their_own_plan_of_a_date(
    as_owner: Api, as_stranger: Api, owner: User, stranger: User, serve: Serve
) -> None:
    serve(owner, MONDAY, seed=1)
    serve(stranger, MONDAY, seed=2)

    ids = [plan_of(api, MONDAY)["id"] for api in (as_owner, as_stranger)]

    assert ids == [MealPlan.objects.get(user=user).pk for user in (owner, stranger)]


def test_the_plan_of_somebody_else_is_not_there(as_stranger: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY)

    assert as_stranger.get(f"/api/v1/meal-plan?date={MONDAY}").status_code == 404
    assert as_stranger.get(f"/api/v1/meal-plans?from={MONDAY}&to={SUNDAY}").json()["items"] == []
    assert as_stranger.get(f"/api/v1/today?date={MONDAY}").json()["meal_plan"] is None


def test_each_date_has_its_own_plan(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY, TUESDAY)

    monday, tuesday = plan_of(as_owner, MONDAY), plan_of(as_owner, TUESDAY)

    assert (monday["date"], tuesday["date"]) == ("2026-03-02", "2026-03-03")
    assert monday["id"] != tuesday["id"]
    assert as_owner.get(f"/api/v1/meal-plan?date={SUNDAY}").status_code == 404


def test_without_a_date_it_is_today_where_the_person_is(as_owner: Api, owner: User, serve: Serve) -> None:
    today = dt.date.fromisoformat(as_owner.get("/api/v1/today").json()["date"])
    serve(owner, today)

    assert as_owner.get("/api/v1/meal-plan").json()["date"] == today.isoformat()


def test_a_range_leaves_out_the_days_without_a_plan_and_is_in_order(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, SUNDAY, MONDAY)
    serve(owner, MONDAY - dt.timedelta(days=1))

    answer = as_owner.get(f"/api/v1/meal-plans?from={MONDAY}&to={SUNDAY}")

    assert [item["date"] for item in answer.json()["items"]] == [MONDAY.isoformat(), SUNDAY.isoformat()]
    assert answer.json()["items"][0] == plan_of(as_owner, MONDAY)


@pytest.mark.parametrize(
    "query", ["from=2026-03-02&to=2026-03-01", "from=2026-01-01&to=2026-03-04", "from=2026-03-02", "from=x&to=y", ""]
)
def test_a_range_that_cannot_be_is_refused(as_owner: Api, query: str) -> None:
    assert as_owner.get(f"/api/v1/meal-plans?{query}").status_code == 422


def test_a_new_version_is_read_at_once_everywhere(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY, seed=1)
    paths = [
        f"/api/v1/meal-plan?date={MONDAY}",
        f"/api/v1/meal-plans?from={MONDAY}&to={MONDAY}",
        f"/api/v1/today?date={MONDAY}",
    ]
    before = [as_owner.get(path) for path in paths]

    serve(owner, MONDAY, seed=2)

    for path, old in zip(paths, before, strict=True):
        answer = as_owner.get(path, If_None_Match=old["ETag"])
        assert answer.status_code == 200
        assert b'"version":2' in answer.content


def test_an_unchanged_plan_is_not_sent_twice(as_owner: Api, owner: User, serve: Serve) -> None:
    serve(owner, MONDAY)
    first = as_owner.get(f"/api/v1/meal-plan?date={MONDAY}")

    again = as_owner.get(f"/api/v1/meal-plan?date={MONDAY}", If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def test_a_plan_that_was_read_is_read_again_without_the_database(
    as_owner: Api, owner: User, serve: Serve, django_assert_num_queries: Any, steady_cache: Callable[[], None]
) -> None:
    serve(owner, MONDAY)
    steady_cache()
    first = plan_of(as_owner, MONDAY)

    with django_assert_num_queries(1):  # who is asking
        assert plan_of(as_owner, MONDAY) == first


def test_a_plan_that_was_not_there_is_seen_as_soon_as_it_is(as_owner: Api, owner: User, serve: Serve) -> None:
    as_owner.get(f"/api/v1/meal-plan?date={MONDAY}")

    serve(owner, MONDAY)

    assert as_owner.get(f"/api/v1/meal-plan?date={MONDAY}").status_code == 200


def test_a_change_that_another_overtook_after_it_was_checked_is_refused(
    as_owner: Api, owner: User, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(owner, MONDAY, seed=1)
    etag = as_owner.get(f"/api/v1/meal-plan?date={MONDAY}")["ETag"]
    lock = services.lock_dish

    def overtaken(**named: Any) -> None:
        serve(owner, MONDAY, seed=2)
        lock(**named)

    monkeypatch.setattr(services, "lock_dish", overtaken)

    answer = as_owner.post("/api/v1/meal-plan/lock", {"date": str(MONDAY), "slot": "dinner"}, If_Match=etag)

    assert answer.status_code == 412
    assert not any(meal["locked"] for meal in plan_of(as_owner, MONDAY)["meals"])
