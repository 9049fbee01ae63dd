"""Weeks of logged sets over the API: the next plan carries on with more, with less, or with something else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Api
from tests.factories import MONDAY
from users.models import User
from workouts import catalogue, planner, selectors

WEEK = dt.timedelta(days=7)
Week = dict[dt.date, dict[str, Any]]
Done = Callable[[dict[str, Any]], dict[str, Any]]
Generate = Callable[..., Week]
FRAME = {"warm_up", "balance", "cardio", "cool_down"}


@pytest.fixture
def generate(as_owner: Api, run_jobs: Callable[[], int]) -> Generate:
    """Ask for a plan and return its sessions by date."""

    def ask(start: dt.date, days: int = 7) -> Week:
        body = {"kind": "workout", "start_date": start.isoformat(), "days": days}
        assert as_owner.post("/api/v1/generate-plan", body).status_code == 202
        run_jobs()
        last = start + dt.timedelta(days=days - 1)
        items = as_owner.get(f"/api/v1/workout-plans?from={start}&to={last}").json()["items"]
        return {dt.date.fromisoformat(item["date"]): item for item in items}

    return ask


def lifts(session: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in session["exercises"] if one["role"] not in FRAME]


def doses(week: Week) -> dict[str, dict[str, Any]]:
    """Return every lift of a week by exercise."""
    return {one["exercise_id"]: one for session in week.values() for one in lifts(session)}


def as_prescribed(one: dict[str, Any]) -> dict[str, Any]:
    loads = {"kg": one["load"]["value"], "start_light": 20}
    return {"reps": one["reps"] or one["duration_s"], "load": loads.get(one["load"]["kind"], 0)}


def follow(api: Api, week: Week, done: Done = as_prescribed) -> None:
    """Log every set of a week."""
    for date, session in week.items():
        sets = [
            {"date": date.isoformat(), "exercise_id": one["exercise_id"], **done(one)}
            for one in lifts(session)
            for _ in range(one["sets"])
        ]
        for at in range(0, len(sets), 100):
            assert api.post("/api/v1/progress/sets", {"sets": sets[at : at + 100]}).status_code == 201


def change(owner: User, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(owner, name, value)
    owner.save(update_fields=list(fields))


def log(api: Api, slug: str, *days: tuple[dt.date, dict[str, Any]], sets: int = 2) -> None:
    """Log sets of one exercise."""
    body = [{"date": date.isoformat(), "exercise_id": slug, **done} for date, done in days for _ in range(sets)]
    assert api.post("/api/v1/progress/sets", {"sets": body}).status_code == 201


def volumes(week: Week) -> dict[str, float]:
    known = catalogue.current().exercises
    total = dict.fromkeys(planner.MUSCLES, 0.0)
    for one in (one for session in week.values() for one in lifts(session)):
        exercise = known[one["exercise_id"]]
        for share, muscles in ((1.0, exercise.primary), (0.5, exercise.secondary)):
            for muscle in muscles:
                total[muscle] += share * one["sets"]
    return total


def test_a_followed_week_leads_to_one_repetition_or_five_seconds_more(as_owner: Api, generate: Generate) -> None:
    first = generate(MONDAY)
    follow(as_owner, first)

    second = generate(MONDAY + WEEK)

    again = {slug: (doses(first)[slug], one) for slug, one in doses(second).items() if slug in doses(first)}
    assert len(again) >= 6
    for before, after in again.values():
        if before["reps"]:
            assert after["reps"] - before["reps"] in (0, 1)
        else:
            assert after["duration_s"] - before["duration_s"] in (0, 5)
    assert sum(after["reps"] == before["reps"] + 1 for before, after in again.values() if before["reps"]) >= 4


def test_the_top_of_the_range_twice_adds_a_step_of_the_equipment_and_once_does_not(
    as_owner: Api, owner: User, generate: Generate
) -> None:
    days = [MONDAY - dt.timedelta(days=back) for back in (7, 4)]
    log(as_owner, "goblet_squat", (days[0], {"reps": 12, "load": 24}))
    once = selectors.trainee(owner, {}, on=MONDAY).history["goblet_squat"]
    log(as_owner, "goblet_squat", (days[1], {"reps": 12, "load": 24}))

    plan = generate(MONDAY)

    assert len(once) == 2
    assert doses(plan)["goblet_squat"]["load"]["kind"] == "kg"
    assert doses(plan)["goblet_squat"]["load"]["value"] == 26
    assert doses(plan)["goblet_squat"]["reps"] < 12


def test_three_sessions_without_a_gain_step_back_by_a_tenth(as_owner: Api, generate: Generate) -> None:
    days = [MONDAY - dt.timedelta(days=back) for back in (12, 9, 6, 3)]
    log(as_owner, "goblet_squat", *((day, {"reps": 9, "load": 40}) for day in days))

    plan = generate(MONDAY)

    assert doses(plan)["goblet_squat"]["load"]["value"] == 36


def test_what_hurt_is_not_served_again_while_something_else_will_do(as_owner: Api, generate: Generate) -> None:
    log(as_owner, "goblet_squat", (MONDAY - dt.timedelta(days=3), {"reps": 9, "load": 40, "pain": True}))

    assert "goblet_squat" not in doses(generate(MONDAY))


def test_body_weight_moves_on_to_the_harder_variant_of_the_next_level(
    as_owner: Api, owner: User, generate: Generate
) -> None:
    change(owner, equipment=[])
    days = [MONDAY - dt.timedelta(days=back) for back in (7, 4)]
    log(as_owner, "knee_push_up", *((day, {"reps": 15}) for day in days))

    plan = generate(MONDAY)

    assert owner.training_level == "beginner"
    assert catalogue.current().exercises["push_up"].level == "intermediate"
    assert "push_up" in doses(plan)
    assert "knee_push_up" not in doses(plan)


def test_a_variant_that_proves_too_hard_gives_way_to_the_easier_one(
    as_owner: Api, owner: User, generate: Generate
) -> None:
    change(owner, equipment=[])
    log(as_owner, "knee_push_up", *((MONDAY - dt.timedelta(days=back), {"reps": 15}) for back in (21, 18)))
    log(as_owner, "push_up", *((MONDAY - dt.timedelta(days=back), {"reps": 4}) for back in (7, 4)))

    plan = generate(MONDAY)

    assert "push_up" not in doses(plan)
    assert "knee_push_up" in doses(plan)


def test_a_hold_grows_by_five_seconds_and_then_becomes_the_harder_one(
    as_owner: Api, owner: User, generate: Generate
) -> None:
    change(owner, equipment=[])
    log(as_owner, "knee_plank", *((MONDAY - dt.timedelta(days=back), {"reps": 25}) for back in (7, 4)))
    longer = doses(generate(MONDAY))["knee_plank"]
    log(as_owner, "knee_plank", *((MONDAY + dt.timedelta(days=on), {"reps": 40}) for on in (0, 2)))

    after = doses(generate(MONDAY + WEEK))

    assert longer["duration_s"] == 30
    assert "knee_plank" not in after
    assert "front_plank" in after


def test_a_loaded_carry_grows_longer_and_then_heavier(as_owner: Api, owner: User, generate: Generate) -> None:
    days = [MONDAY - dt.timedelta(days=back) for back in (7, 4)]
    log(as_owner, "dumbbell_goblet_carry", *((day, {"reps": 45, "load": 16}) for day in days))

    carry = doses(generate(MONDAY))["dumbbell_goblet_carry"]

    assert (carry["load"]["kind"], carry["load"]["value"], carry["duration_s"]) == ("kg", 18, 20)


def test_seconds_of_a_carry_are_no_repetitions_of_a_maximum(as_owner: Api) -> None:
    sets = [{"date": str(MONDAY), "exercise_id": "dumbbell_goblet_carry", "reps": 8, "load": 30}]

    answer = as_owner.post("/api/v1/progress/sets", {"sets": sets})

    assert answer.json() == {"stored": 1, "e1rm": {}}


def test_weekly_sets_rise_by_at_most_a_fifth_over_the_last_trained_week(
    as_owner: Api, owner: User, generate: Generate
) -> None:
    follow(as_owner, generate(MONDAY))
    days = ["mon", "tue", "thu", "fri", "sat"]
    change(owner, training_level="advanced", availability={"days": days, "minutes_per_session": 90})

    before, after = volumes(generate(MONDAY)), volumes(generate(MONDAY + WEEK))

    last = selectors.trainee(owner, {}, on=MONDAY + WEEK).last_week
    assert sum(before.values()) > 1.2 * sum(last.values())  # what the plan would hold without a past
    assert all(after[muscle] <= max(6, 1.2 * last[muscle]) + 1e-6 for muscle in planner.MUSCLES)


def test_a_session_of_which_half_was_logged_counts_as_done(as_owner: Api, owner: User, generate: Generate) -> None:
    week = generate(MONDAY)
    session = next(one for one in week.values() if one["exercises"])
    slugs = [one["exercise_id"] for one in lifts(session)]
    few, half = slugs[:1], slugs[: (len(slugs) + 1) // 2]
    date = dt.date.fromisoformat(session["date"])

    for slug in few:
        log(as_owner, slug, (date, {"reps": 10}), sets=1)
    little = selectors.trainee(owner, {}, on=MONDAY + WEEK).last_week
    for slug in half[1:]:
        log(as_owner, slug, (date, {"reps": 10}), sets=1)
    whole = selectors.trainee(owner, {}, on=MONDAY + WEEK).last_week

    assert sum(little.values()) < 4
    assert whole == volumes({date: session})


@pytest.mark.parametrize(("level", "weeks"), [("beginner", 8), ("intermediate", 6), ("advanced", 4)])
def test_a_light_week_comes_after_four_to_eight_weeks_and_the_one_after_is_not_light(
    as_owner: Api, owner: User, generate: Generate, level: str, weeks: int
) -> None:
    change(owner, training_level=level)
    for back in range(weeks, 0, -1):
        for day in (0, 2, 4):
            date = MONDAY - back * WEEK + dt.timedelta(days=day)
            log(as_owner, "goblet_squat", (date, {"reps": 8 + (weeks - back) % 4, "load": 20 + weeks - back}), sets=3)
            log(as_owner, "dumbbell_floor_press", (date, {"reps": 8 + day, "load": 30 + weeks - back}), sets=3)

    light = generate(MONDAY)
    follow(as_owner, light)
    middle = generate(MONDAY + dt.timedelta(days=2), days=3)
    next_week = generate(MONDAY + WEEK)

    assert {session["certificate"]["light_week"] for session in light.values()} == {True}
    assert any("Light week" in notice for notice in light[MONDAY]["certificate"]["notices"])
    assert min(one["rir"] for one in doses(light).values()) >= 3
    assert {session["certificate"]["light_week"] for session in middle.values()} == {True}
    assert {session["certificate"]["light_week"] for session in next_week.values()} == {False}
    assert sum(volumes(light).values()) < 0.8 * sum(volumes(next_week).values())


def test_the_light_week_does_not_lower_the_loads_after_it(as_owner: Api, generate: Generate) -> None:
    for back in range(8, 0, -1):
        for day in (0, 3):
            date = MONDAY - back * WEEK + dt.timedelta(days=day)
            log(as_owner, "goblet_squat", (date, {"reps": 8, "load": 40 - 2 * back}), sets=3)
    light = generate(MONDAY)
    follow(as_owner, light, lambda one: {**as_prescribed(one), "load": 10})

    after = doses(generate(MONDAY + WEEK))["goblet_squat"]

    assert light[MONDAY]["certificate"]["light_week"] is True
    assert after["load"]["value"] == 38
    assert after["reps"] == 9


def test_two_stalled_lifts_bring_the_light_week_early(as_owner: Api, generate: Generate) -> None:
    days = [MONDAY - dt.timedelta(days=back) for back in range(27, 0, -4)]
    for slug in ("goblet_squat", "dumbbell_floor_press"):
        log(as_owner, slug, *((day, {"reps": 9, "load": 40}) for day in days))

    assert generate(MONDAY)[MONDAY]["certificate"]["light_week"] is True


def test_in_a_fortnight_only_the_first_week_is_light(as_owner: Api, generate: Generate) -> None:
    for back in range(8, 0, -1):
        for day in (0, 2, 4):
            date = MONDAY - back * WEEK + dt.timedelta(days=day)
            log(as_owner, "goblet_squat", (date, {"reps": 8, "load": 40 - 2 * back}), sets=3)

    plans = generate(MONDAY, days=14)

    light = [plans[date]["certificate"]["light_week"] for date in sorted(plans)]
    assert light == [True] * 7 + [False] * 7
    assert plans[MONDAY + WEEK]["certificate"]["dates"] == [str(MONDAY + WEEK), str(MONDAY + dt.timedelta(days=13))]
