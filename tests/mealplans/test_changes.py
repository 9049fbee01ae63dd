"""Changing meals by hand: swaps, locks, versions, and what to buy."""

from collections.abc import Callable
from typing import Any

import pytest

from mealplans.models import MealPlan
from tests.conftest import Api
from users import events
from users.models import User

DATE = "2026-03-02"
PLAN = f"/api/v1/meal-plan?date={DATE}"
UNSAFE_IN_PREGNANCY = "seared_tuna_nicoise_with_avocado"


@pytest.fixture
def plan(as_owner: Api, run_jobs: Callable[[], int]) -> dict[str, Any]:
    return generate(as_owner, run_jobs)


def generate(api: Api, run_jobs: Callable[[], int], **fields: Any) -> dict[str, Any]:
    api.post("/api/v1/generate-plan", {"kind": "meal", "start_date": DATE, "days": 1, **fields})
    run_jobs()
    answer: dict[str, Any] = api.get(PLAN).json()
    return answer


def dish(plan: dict[str, Any], slot: str) -> dict[str, Any]:
    return next(meal for meal in plan["meals"] if meal["slot"] == slot)


def others(plan: dict[str, Any], slot: str) -> list[dict[str, Any]]:
    return [meal for meal in plan["meals"] if meal["slot"] != slot]


def test_a_swapped_dish_is_another_and_the_rest_stays_as_it_was(as_owner: Api, plan: dict[str, Any]) -> None:
    answer = as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"})

    after = answer.json()
    assert answer.status_code == 200
    assert dish(after, "lunch")["recipe_id"] != dish(plan, "lunch")["recipe_id"]
    assert others(after, "lunch") == others(plan, "lunch")
    assert after["dinner"] == plan["dinner"]
    assert after["certificate"]["passed"] is True
    assert (after["source"], after["version"]) == ("user", 2)


def test_a_swap_keeps_the_day_on_target(as_owner: Api, plan: dict[str, Any]) -> None:
    after = as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "dinner"}).json()

    assert abs(after["totals"]["kcal"] / after["targets"]["kcal"] - 1) <= 0.03


def test_a_swap_tells_the_devices(as_owner: Api, owner: User, plan: dict[str, Any]) -> None:
    as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"})

    assert events.after(owner.pk, 0)[-1]["data"] == {"kind": "meal", "dates": [DATE]}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"date": "2026-04-01", "slot": "lunch"}, 404, "no_plan"),
        ({"date": DATE, "slot": "snack", "item": 2}, 404, "no_dish"),
        ({"date": DATE, "slot": "supper"}, 422, "validation_failed"),
        ({"date": DATE, "slot": "lunch", "recipe_id": "no_such_dish"}, 409, "conflict"),
    ],
)
def test_a_swap_of_what_is_not_there_is_refused(
    as_owner: Api, plan: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    answer = as_owner.post("/api/v1/meal-plan/swap", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert as_owner.get(PLAN).json() == plan


def test_a_stale_swap_is_refused(as_owner: Api, plan: dict[str, Any]) -> None:
    read = as_owner.get(PLAN)["ETag"]
    as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"})

    answer = as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"}, If_Match=read)

    assert answer.status_code == 412


def test_a_locked_dish_survives_regeneration(as_owner: Api, plan: dict[str, Any], run_jobs: Callable[[], int]) -> None:
    as_owner.post("/api/v1/meal-plan/lock", {"date": DATE, "slot": "dinner"})

    again = generate(as_owner, run_jobs)

    kept = {**dish(plan, "dinner"), "locked": True}
    assert dish(again, "dinner") == kept
    assert again["version"] == 3


def test_a_locked_dish_is_not_swapped_until_it_is_unlocked(as_owner: Api, plan: dict[str, Any]) -> None:
    place = {"date": DATE, "slot": "dinner"}
    as_owner.post("/api/v1/meal-plan/lock", place)
    assert as_owner.post("/api/v1/meal-plan/swap", place).status_code == 409

    as_owner.post("/api/v1/meal-plan/lock", {**place, "locked": False})

    assert as_owner.post("/api/v1/meal-plan/swap", place).status_code == 200


def test_an_earlier_version_comes_back(as_owner: Api, plan: dict[str, Any]) -> None:
    as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"})
    listed = as_owner.get(f"/api/v1/meal-plans/versions?date={DATE}").json()["items"]
    assert [version["version"] for version in listed] == [2, 1]

    restored = as_owner.post("/api/v1/meal-plans/versions/restore", {"date": DATE, "version": 1}).json()

    assert restored["meals"] == plan["meals"]
    assert restored["version"] == 3


def test_versions_come_in_pages(as_owner: Api, plan: dict[str, Any]) -> None:
    as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"})

    first = as_owner.get(f"/api/v1/meal-plans/versions?date={DATE}&limit=1").json()
    second = as_owner.get(f"/api/v1/meal-plans/versions?date={DATE}&limit=1&cursor={first['next_cursor']}").json()

    assert [version["version"] for version in first["items"] + second["items"]] == [2, 1]
    assert (first["next_cursor"], second["next_cursor"]) == ("2", None)


@pytest.mark.parametrize("cursor", ["0", "-1", "two", str(2**31)])
def test_a_page_of_versions_begins_at_a_version(as_owner: Api, cursor: str) -> None:
    answer = as_owner.get(f"/api/v1/meal-plans/versions?date={DATE}&cursor={cursor}")

    assert answer.status_code == 422


def test_a_version_that_never_was_is_a_404(as_owner: Api, plan: dict[str, Any]) -> None:
    answer = as_owner.post("/api/v1/meal-plans/versions/restore", {"date": DATE, "version": 9})

    assert (answer.status_code, answer.json()["code"]) == (404, "no_version")


def test_a_version_that_is_no_longer_safe_is_not_restored(as_owner: Api, plan: dict[str, Any], owner: User) -> None:
    allergens = sorted({allergen for meal in plan["meals"] for allergen in meal["allergens"]})
    assert allergens, "this day has nothing to be allergic to: choose another seed"
    as_owner.patch("/api/v1/profile", {"allergies": allergens[:1]})

    answer = as_owner.post("/api/v1/meal-plans/versions/restore", {"date": DATE, "version": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_safe")
    assert MealPlan.objects.get(user=owner).version == 1


def test_the_shopping_list_adds_up_to_the_plans(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    generate(as_owner, run_jobs, days=3)
    plans = as_owner.get("/api/v1/meal-plans?from=2026-03-02&to=2026-03-04").json()["items"]

    aisles = as_owner.get("/api/v1/shopping-list?from=2026-03-02&to=2026-03-04").json()["aisles"]

    needed: dict[str, float] = {}
    for meal in (meal for plan in plans for meal in plan["meals"]):
        for part in meal["ingredients"]:
            needed[part["food_id"]] = needed.get(part["food_id"], 0) + part["grams"]
    needed.pop("water", None)
    bought = {item["food_id"]: item["grams"] for aisle in aisles for item in aisle["items"]}
    assert bought == pytest.approx(needed)


def test_a_stranger_cannot_change_the_owners_meals(as_stranger: Api, plan: dict[str, Any], as_owner: Api) -> None:
    for path, body in (
        ("meal-plan/swap", {"date": DATE, "slot": "lunch"}),
        ("meal-plan/lock", {"date": DATE, "slot": "lunch"}),
        ("meal-plans/versions/restore", {"date": DATE, "version": 1}),
    ):
        assert as_stranger.post(f"/api/v1/{path}", body).status_code == 404

    assert as_owner.get(PLAN).json() == plan


def test_recipes_are_found_by_slot_diet_and_allergen(as_owner: Api) -> None:
    answer = as_owner.get("/api/v1/recipes?slot=dinner&diet=vegan&without=soy&without=gluten&limit=5").json()

    assert len(answer["items"]) == 5
    for recipe in answer["items"]:
        assert "dinner" in recipe["slots"]
        assert "vegan" in recipe["diets"]
        assert {"soy", "gluten", "milk", "eggs"}.isdisjoint(recipe["allergens"])


def test_a_condition_named_in_the_notes_counts_for_every_swap(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    made = generate(as_owner, run_jobs, notes="I am pregnant")
    place = {"date": DATE, "slot": "lunch"}

    refused = as_owner.post("/api/v1/meal-plan/swap", {**place, "recipe_id": UNSAFE_IN_PREGNANCY})
    freely = as_owner.post("/api/v1/meal-plan/swap", place).json()

    assert made["certificate"]["conditions"] == {"kept": ["pregnant"], "found": []}
    assert refused.status_code == 409
    assert "is unsafe" in refused.json()["detail"]
    assert freely["certificate"]["conditions"]["kept"] == ["pregnant"]
    assert freely["targets"] == made["targets"]


def test_no_text_counts_what_somebody_with_an_eating_disorder_eats(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    as_owner.patch("/api/v1/profile", {"conditions": ["eating_disorder"]})

    made = generate(as_owner, run_jobs)

    assert made["breakfast"]
    assert not any(
        "kcal" in made[meal] or "serving" in made[meal] for meal in ("breakfast", "lunch", "dinner", "snacks")
    )


@pytest.mark.parametrize("path", ["recipes", "foods", "exercises"])
def test_the_catalogue_comes_in_pages_each_entry_once(as_owner: Api, path: str) -> None:
    key = {"recipes": "recipe_id", "foods": "food_id", "exercises": "exercise_id"}[path]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = as_owner.get(f"/api/v1/{path}?limit=100&cursor={cursor}").json()
        seen += [item[key] for item in page["items"]]
        cursor = page["next_cursor"]

    assert len(seen) == len(set(seen)) > 180
    assert seen == sorted(seen)


def test_foods_are_found_by_their_name(as_owner: Api) -> None:
    items = as_owner.get("/api/v1/foods?q=lentil").json()["items"]

    assert items
    assert all("lentil" in item["name"].casefold() for item in items)


@pytest.mark.parametrize(
    "wish",
    [{"allergies": ["milk"]}, {"notes": "I am allergic to milk"}, {"dietary_preferences": ["vegan"]}],
)
def test_what_a_plan_was_made_without_no_swap_brings_back(
    as_owner: Api, run_jobs: Callable[[], int], wish: dict[str, Any]
) -> None:
    generate(as_owner, run_jobs, **wish)
    with_milk = [
        recipe["recipe_id"]
        for recipe in as_owner.get("/api/v1/recipes?slot=lunch&limit=100").json()["items"]
        if "milk" in recipe["allergens"]
    ]

    refused = {
        as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch", "recipe_id": slug}).status_code
        for slug in with_milk[:12]
    }
    freely = as_owner.post("/api/v1/meal-plan/swap", {"date": DATE, "slot": "lunch"}).json()

    assert len(with_milk) > 5
    assert refused == {409}
    assert all("milk" not in meal["allergens"] for meal in freely["meals"])
