"""A profile that grows: from three needed fields to targets, to a change that the next plan follows."""

from collections.abc import Callable

from tests import factories
from tests.conftest import Api

PROFILE, TARGETS = "/api/v1/profile", "/api/v1/profile/targets"
DAY = "2026-03-02"


def register(**fields: object) -> Api:
    person = Api()
    needed = {name: factories.REGISTRATION[name] for name in ("email", "password", "name")}
    tokens = person.post("/api/v1/register", {**needed, **fields}).json()
    person.headers["Authorization"] = f"Bearer {tokens['access']}"
    return person


def test_a_person_completes_their_profile_step_by_step_until_targets_and_a_plan_are_possible(db: None) -> None:
    person = register()

    early = person.post("/api/v1/generate-plan", {"start_date": DAY, "days": 1})
    person.patch(PROFILE, {"age": 34, "height": 168})
    still = person.get(TARGETS)
    person.patch(PROFILE, {"weight": 71.5})
    ready = person.get(TARGETS)
    asked = person.post("/api/v1/generate-plan", {"start_date": DAY, "days": 1})

    assert [early.status_code, still.status_code] == [422, 422]
    assert [entry["pointer"] for entry in still.json()["errors"]] == ["/weight"]
    assert ready.json()["kcal"] >= 1200
    assert asked.status_code == 202


def test_a_changed_goal_changes_the_targets_and_the_next_plan_follows(
    as_owner: Api, run_jobs: Callable[[], int]
) -> None:
    plans = []
    for goal in ("gain_muscle", "lose_weight"):
        as_owner.patch(PROFILE, {"fitness_goal": goal})
        as_owner.post("/api/v1/generate-plan", {"kind": "meal", "start_date": DAY, "days": 1})
        run_jobs()
        plans.append(as_owner.get(f"/api/v1/meal-plan?date={DAY}").json())

    assert [plan["version"] for plan in plans] == [1, 2]
    assert plans[0]["targets"]["kcal"] > plans[1]["targets"]["kcal"]
    assert plans[1]["targets"]["kcal"] == as_owner.get(TARGETS).json()["kcal"]


def test_an_allergy_that_is_found_out_later_is_in_no_later_plan(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    as_owner.post("/api/v1/generate-plan", {"kind": "meal", "start_date": DAY, "days": 1})
    run_jobs()
    before = {
        allergen
        for meal in as_owner.get(f"/api/v1/meal-plan?date={DAY}").json()["meals"]
        for allergen in meal["allergens"]
    }
    found_out = sorted(before)[0]

    as_owner.patch(PROFILE, {"allergies": [found_out]})
    as_owner.post("/api/v1/generate-plan", {"kind": "meal", "start_date": DAY, "days": 1})
    run_jobs()

    plan = as_owner.get(f"/api/v1/meal-plan?date={DAY}").json()
    assert plan["version"] == 2
    assert not any(found_out in meal["allergens"] for meal in plan["meals"])
    assert found_out in plan["certificate"]["allergens"]["excluded"]
    assert plan["certificate"]["allergens"]["found"] == []


def test_two_devices_edit_at_once_and_the_slower_one_is_told_to_read_again(as_owner: Api, owner: object) -> None:
    phone = as_owner.get(PROFILE)
    desk = as_owner.get(PROFILE)

    first = as_owner.patch(PROFILE, {"weight": 70.8}, If_Match=phone["ETag"])
    second = as_owner.patch(PROFILE, {"weight": 90}, If_Match=desk["ETag"])
    again = as_owner.patch(PROFILE, {"age": 35}, If_Match=as_owner.get(PROFILE)["ETag"])

    assert [first.status_code, second.status_code, again.status_code] == [200, 412, 200]
    assert (again.json()["weight"], again.json()["age"]) == (70.8, 35)
