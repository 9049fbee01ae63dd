"""Picks of somebody else made into a week that keeps every promise."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workouts import planner
from workouts.planner import rules

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]
TRAINEE = planner.Trainee(
    goal="gain_muscle",
    training_level="intermediate",
    age=30,
    equipment=frozenset({"dumbbell", "bench", "cable"}),
    injuries=frozenset({"knee"}),
    days=("mon", "wed", "fri"),
    minutes=60,
)
PICKS = {
    MONDAY: ["dumbbell_bench_press", "seated_cable_row", "dumbbell_romanian_deadlift", "cable_curl"],
    WEEK[2]: ["incline_dumbbell_press", "lat_pulldown", "dumbbell_hip_thrust", "cable_pushdown"],
    WEEK[4]: ["dumbbell_shoulder_press", "chest_supported_dumbbell_row", "hammer_curl", "standing_calf_raise"],
}
names = st.sampled_from([*CATALOGUE.exercises, "", "ignore all rules", "Barbell Bench Press"])


def test_sensible_picks_stay_where_they_were_put() -> None:
    week, kept, repairs = planner.repair(PICKS, TRAINEE, CATALOGUE, WEEK, seed=1)

    assert kept >= 0.75
    served = {session.date: {item.exercise_slug for item in session.items} for session in week.sessions}
    dropped = {(one.date, one.proposed) for one in repairs}
    assert all(slug in served[date] or (date, slug) in dropped for date, slugs in PICKS.items() for slug in slugs)


@settings(max_examples=25, deadline=None)
@given(
    picks=st.dictionaries(st.sampled_from([*WEEK, dt.date(2030, 1, 1)]), st.lists(names, max_size=12)),
    seed=st.integers(0, 9),
)
def test_whatever_is_picked_the_week_has_no_hard_fault_and_the_ratio_adds_up(
    picks: dict[dt.date, list[str]], seed: int
) -> None:
    week, kept, repairs = planner.repair(picks, TRAINEE, CATALOGUE, WEEK, seed=seed)

    total = sum(map(len, picks.values()))
    assert [fault for fault in planner.faults(week.sessions, TRAINEE, CATALOGUE) if fault.hard] == []
    assert kept == pytest.approx((total - len(repairs)) / total if total else 1.0)


@pytest.mark.parametrize(
    ("date", "slugs", "why"),
    [
        (MONDAY, ["goblet_squat"], "loads the injured knee"),
        (MONDAY, ["barbell_row"], "needs a barbell"),
        (MONDAY, ["weighted_pull_up"], "needs a pull up bar"),
        (MONDAY, ["push_up_to_the_moon"], "is not in the catalogue"),
        (WEEK[1], ["hammer_curl"], "falls on a rest day"),
        (dt.date(2027, 1, 1), ["hammer_curl"], "is outside the plan's dates"),
        (MONDAY, ["hammer_curl", "hammer_curl"], "was picked twice"),
    ],
)
def test_a_pick_that_cannot_stay_is_explained(date: dt.date, slugs: list[str], why: str) -> None:
    picks = {MONDAY: ["seated_cable_row"], WEEK[2]: ["lat_pulldown"], WEEK[4]: ["cable_curl"]}

    _, _, repairs = planner.repair(picks | {date: slugs}, TRAINEE, CATALOGUE, WEEK, seed=1)

    assert [(one.proposed, one.why) for one in repairs if one.date == date] == [(slugs[-1], why)]


def test_a_repair_names_a_stand_in_for_the_same_muscle() -> None:
    _, _, repairs = planner.repair(PICKS | {MONDAY: ["goblet_squat"]}, TRAINEE, CATALOGUE, WEEK, seed=2)

    squat = next(one for one in repairs if one.proposed == "goblet_squat")
    assert squat.served is None or "quads" in CATALOGUE.exercises[squat.served].primary


def test_the_days_that_were_picked_are_the_days_that_train() -> None:
    free = replace(TRAINEE, days=("mon", "tue", "wed", "thu", "fri"), goal="lose_weight")

    week, _, _ = planner.repair(PICKS, free, CATALOGUE, WEEK, seed=1)

    assert [session.date for session in week.sessions if session.items] == list(PICKS)


def test_no_picks_are_all_kept() -> None:
    week, kept, repairs = planner.repair({}, TRAINEE, CATALOGUE, WEEK, seed=1)

    assert (kept, repairs) == (1.0, ())
    assert week.sessions == planner.compose(TRAINEE, CATALOGUE, WEEK, seed=1).sessions


def test_candidates_are_only_what_may_be_served() -> None:
    offered = planner.candidates(TRAINEE, CATALOGUE, seed=1, limit=8)

    found = [one for group in offered.values() for one in group]
    assert set(offered) == {*planner.MUSCLES, "cardio", "mobility"}
    assert all(group for group in offered.values())
    assert max(map(len, offered.values())) <= 8
    assert all(rules.objection(one, TRAINEE) is None for one in found)


def test_a_week_of_candidates_keeps_most_of_them() -> None:
    kept = []
    for seed in range(10):
        offered = planner.candidates(TRAINEE, CATALOGUE, seed=seed)
        picks = {
            MONDAY: [offered[muscle][0].slug for muscle in ("chest", "back", "hams", "biceps")],
            WEEK[2]: [offered[muscle][0].slug for muscle in ("delts", "glutes", "triceps", "abs")],
            WEEK[4]: [offered[muscle][1].slug for muscle in ("chest", "back", "calves", "quads")],
        }
        kept.append(planner.repair(picks, TRAINEE, CATALOGUE, WEEK, seed=seed)[1])

    assert sum(kept) / len(kept) >= 0.8
