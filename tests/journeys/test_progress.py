"""Logging a few weeks: what is logged is read, corrected, summed up, told to other devices, and nobody else's."""

import datetime as dt
from collections.abc import Callable

from tests.conftest import Api

PROGRESS = "/api/v1/progress"


def test_a_week_is_logged_corrected_and_read_back(as_owner: Api) -> None:
    for day in range(1, 8):
        as_owner.post(PROGRESS, {"date": f"2026-03-0{day}", "weight": 72 - day / 10, "workouts_completed": day % 2})
    as_owner.post(PROGRESS, {"date": "2026-03-03", "weight": 71.9, "calories_consumed": 1900})
    as_owner.delete(f"{PROGRESS}/2026-03-05")

    items = as_owner.get(f"{PROGRESS}?from=2026-03-01&to=2026-03-07").json()["items"]

    assert [item["date"][-1] for item in items] == ["1", "2", "3", "4", "6", "7"]
    assert (items[2]["weight"], items[2]["calories_consumed"], items[2]["workouts_completed"]) == (71.9, 1900, 1)


def test_every_device_hears_of_each_log_in_order(as_owner: Api, as_stranger: Api) -> None:
    as_owner.post(PROGRESS, {"date": "2026-03-01"})
    seen = as_owner.get("/api/v1/events").json()["seq"]

    as_owner.post(PROGRESS, {"date": "2026-03-02"})
    as_owner.delete(f"{PROGRESS}/2026-03-01")

    heard = as_owner.get(f"/api/v1/events?after={seen}").json()["items"]
    assert [(event["type"], event["data"]["date"]) for event in heard] == [
        ("progress.logged", "2026-03-02"),
        ("progress.deleted", "2026-03-01"),
    ]
    assert as_stranger.get("/api/v1/events").json()["items"] == []


def test_four_weeks_of_logs_turn_learning_into_tracking(as_owner: Api) -> None:
    today = dt.date.fromisoformat(as_owner.get("/api/v1/today").json()["date"])

    def log(days_ago: int) -> None:
        date = (today - dt.timedelta(days=days_ago)).isoformat()
        as_owner.post(
            PROGRESS, {"date": date, "weight": 72 + days_ago / 20, "calories_consumed": 2000, "complete": True}
        )

    for days_ago in range(27, 20, -1):
        log(days_ago)
    early = as_owner.get(f"{PROGRESS}/summary").json()
    for days_ago in range(20, -1, -1):
        log(days_ago)
    later = as_owner.get(f"{PROGRESS}/summary").json()

    assert (early["state"], later["state"]) == ("learning", "tracking")
    assert (later["days_logged"], later["streak"]) == (28, 28)
    assert later["weekly_rate"] < 0
    assert later["tdee"] > 2000  # who loses weight on 2,000 kcal burns more


def test_a_day_shows_its_plan_and_its_log_in_one_call(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    as_owner.post("/api/v1/generate-plan", {"start_date": "2026-03-02", "days": 1})
    run_jobs()

    as_owner.post(PROGRESS, {"date": "2026-03-02", "calories_consumed": 1950, "workouts_completed": 1})

    day = as_owner.get("/api/v1/today?date=2026-03-02").json()
    assert day["progress"]["calories_consumed"] == 1950
    assert (day["meal_plan"]["date"], day["workout_plan"]["date"]) == ("2026-03-02", "2026-03-02")
    assert day["targets"]["kcal"] == day["meal_plan"]["targets"]["kcal"]
