"""Changing sessions by hand, and what performed sets do to the next plan."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Api
from users.models import User
from workouts import catalogue, planner
from workouts.models import PerformedSet

DATE = "2026-03-02"
PLAN = f"/api/v1/workout-plan?date={DATE}"
WEEK = {"kind": "workout", "start_date": DATE, "days": 7}


@pytest.fixture
def plan(as_owner: Api, run_jobs: Callable[[], int]) -> dict[str, Any]:
    return generate(as_owner, run_jobs)


def generate(api: Api, run_jobs: Callable[[], int], **fields: Any) -> dict[str, Any]:
    api.post("/api/v1/generate-plan", {**WEEK, **fields})
    run_jobs()
    answer: dict[str, Any] = api.get(PLAN).json()
    return answer


def a_lift(plan: dict[str, Any]) -> dict[str, Any]:
    """Return an exercise of the session that trains a muscle with repetitions."""
    return next(one for one in plan["exercises"] if one["reps"] and one["rir"] is not None)


def ids(plan: dict[str, Any]) -> list[str]:
    return [one["exercise_id"] for one in plan["exercises"]]


def test_a_swapped_exercise_takes_the_same_place_and_sets(as_owner: Api, plan: dict[str, Any]) -> None:
    old = a_lift(plan)

    answer = as_owner.post(
        "/api/v1/workout-plan/swap", {"date": DATE, "exercise_id": old["exercise_id"], "reason": "dislike"}
    )

    after = answer.json()
    new = after["exercises"][ids(plan).index(old["exercise_id"])]
    assert answer.status_code == 200
    assert new["exercise_id"] != old["exercise_id"]
    assert (new["sets"], new["order"]) == (old["sets"], old["order"])
    assert set(new["muscles"]) & set(old["muscles"])
    assert [one for one in after["exercises"] if one != new] == [one for one in plan["exercises"] if one != old]
    assert after["certificate"]["passed"] is True


def test_a_locked_exercise_survives_regeneration(
    as_owner: Api, plan: dict[str, Any], run_jobs: Callable[[], int]
) -> None:
    kept = a_lift(plan)["exercise_id"]
    as_owner.post("/api/v1/workout-plan/lock", {"date": DATE, "exercise_id": kept})

    again = generate(as_owner, run_jobs)

    assert kept in ids(again)
    assert next(one for one in again["exercises"] if one["exercise_id"] == kept)["locked"] is True


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"date": "2026-04-01", "exercise_id": "goblet_squat"}, 404, "no_plan"),
        ({"date": DATE, "exercise_id": "no_such_exercise"}, 404, "no_exercise"),
        ({"date": DATE, "exercise_id": ""}, 422, "validation_failed"),
        ({"date": DATE, "exercise_id": "goblet_squat", "reason": "boredom"}, 422, "validation_failed"),
    ],
)
def test_a_swap_of_what_is_not_there_is_refused(
    as_owner: Api, plan: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    answer = as_owner.post("/api/v1/workout-plan/swap", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_stranger_cannot_change_the_owners_sessions(as_stranger: Api, plan: dict[str, Any]) -> None:
    body = {"date": DATE, "exercise_id": a_lift(plan)["exercise_id"]}

    assert as_stranger.post("/api/v1/workout-plan/swap", body).status_code == 404
    assert as_stranger.post("/api/v1/workout-plan/lock", body).status_code == 404


def test_performed_sets_give_an_estimate_of_strength(as_owner: Api) -> None:
    sets = [{"date": "2026-11-01", "exercise_id": "goblet_squat", "reps": 5, "load": 30.0, "rir": 2}]

    answer = as_owner.post("/api/v1/progress/sets", {"sets": sets})

    assert answer.status_code == 201
    assert answer.json()["stored"] == 1


def test_one_unknown_exercise_stores_nothing(as_owner: Api, owner: User) -> None:
    good = {"date": DATE, "exercise_id": "goblet_squat", "reps": 5}

    answer = as_owner.post("/api/v1/progress/sets", {"sets": [good, {**good, "exercise_id": "made_up"}]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/sets/1/exercise_id"
    assert not PerformedSet.objects.filter(user=owner).exists()


def test_logged_strength_puts_loads_on_the_next_plan(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    known = as_owner.get("/api/v1/exercises?equipment=dumbbell&limit=100").json()["items"]
    lifts = [one["exercise_id"] for one in known if one["equipment"] == ["dumbbell"]]
    sets = [{"date": "2026-02-23", "exercise_id": lift, "reps": 8, "load": 20.0, "rir": 2} for lift in lifts]
    as_owner.post("/api/v1/progress/sets", {"sets": sets})

    again = generate(as_owner, run_jobs)

    loads = {
        one["exercise_id"]: one["load"] for one in again["exercises"] if one["exercise_id"] in lifts and one["reps"]
    }
    assert loads
    assert all(load["kind"] == "kg" and load["value"] > 0 for load in loads.values())


def test_swaps_keep_the_whole_week_in_its_bands_and_the_certificate_speaks_of_the_week(
    as_owner: Api, plan: dict[str, Any]
) -> None:
    url = "/api/v1/workout-plans?from=2026-03-02&to=2026-03-08"
    sessions = [one for one in as_owner.get(url).json()["items"] if one["exercises"]]

    for session in sessions:
        for one in (one for one in session["exercises"] if one["rir"] is not None):
            as_owner.post("/api/v1/workout-plan/swap", {"date": session["date"], "exercise_id": one["exercise_id"]})
            last = as_owner.get(f"/api/v1/workout-plan?date={session['date']}").json()["certificate"]

    week = as_owner.get(url).json()["items"]
    volume = _volume(week)
    assert [one["exercises"] for one in week if one["exercises"]] != [one["exercises"] for one in sessions]
    assert {muscle: figure["sets"] for muscle, figure in last["volume"].items()} == volume
    assert all(volume[muscle] <= figure["band"][1] for muscle, figure in last["volume"].items())
    assert last["dates"] == ["2026-03-02", "2026-03-08"]


def _volume(week: list[dict[str, Any]]) -> dict[str, float]:
    known = catalogue.current().exercises
    total = dict.fromkeys(planner.MUSCLES, 0.0)
    for one in (one for session in week for one in session["exercises"] if one["rir"] is not None):
        for share, muscles in ((1.0, known[one["exercise_id"]].primary), (0.5, known[one["exercise_id"]].secondary)):
            for muscle in muscles:
                total[muscle] += share * one["sets"]
    return total


def test_an_injury_that_only_the_notes_named_is_spared_by_a_swap_too(
    as_owner: Api, run_jobs: Callable[[], int]
) -> None:
    plan = generate(as_owner, run_jobs, notes="My knee hurts.")
    old = a_lift(plan)

    after = as_owner.post(
        "/api/v1/workout-plan/swap", {"date": DATE, "exercise_id": old["exercise_id"], "reason": "pain"}
    ).json()

    known = catalogue.current().exercises
    assert after["certificate"]["injuries"]["declared"] == ["knee"]
    assert after["certificate"]["notices"] == plan["certificate"]["notices"]
    assert all("knee" not in known[slug].contraindications for slug in ids(after))
