"""How one exercise is prescribed: dose, effort, rest, load, and paired sets."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from workouts import planner, progression
from workouts.planner import aerobic, minutes, pairing, pool, prescription, rules

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
TODAY = dt.date(2026, 3, 30)


def somebody(**changes: object) -> planner.Trainee:
    return planner.Trainee(**{"goal": "gain_muscle", "training_level": "intermediate", "age": 30} | changes)  # type: ignore[arg-type]


def prescribe(slug: str, *, rest: str = "tight", ramps: int = 0, **changes: object) -> planner.Item:
    trainee = somebody(**changes)
    return prescription.prescribe(
        CATALOGUE.exercises[slug], trainee, rules.limits(trainee), sets=3, rest=rest, on=TODAY, ramps=ramps
    )


@pytest.mark.parametrize("goal", ["gain_muscle", "maintain", "lose_weight", "general_health", "improve_endurance"])
def test_repetitions_stay_in_the_range_of_the_exercise(goal: str) -> None:
    for slug, exercise in CATALOGUE.exercises.items():
        if exercise.mode == "reps" and rules.weights(exercise):
            reps = prescribe(slug, goal=goal).reps
            assert reps is not None
            assert exercise.rep_range[0] <= reps <= exercise.rep_range[1]


def test_endurance_takes_more_repetitions_than_muscle() -> None:
    muscle, endurance = (prescribe("leg_press", goal=goal).reps for goal in ("gain_muscle", "improve_endurance"))

    assert muscle is not None
    assert endurance is not None
    assert muscle < endurance


def test_a_hold_is_timed_and_short_for_high_blood_pressure() -> None:
    usual = prescribe("front_plank", training_level="advanced")
    careful = prescribe("front_plank", training_level="advanced", conditions=frozenset({"hypertension"}))

    assert usual.reps is None
    assert usual.duration_s is not None
    assert careful.duration_s is not None
    assert careful.duration_s <= 30 < usual.duration_s


def test_a_big_lift_rests_longer_than_a_small_one() -> None:
    assert prescribe("leg_press").rest_s == 120
    assert prescribe("hammer_curl").rest_s == 60
    assert prescribe("leg_press", rest="generous").rest_s == 150


def test_the_load_follows_repetitions_and_reserve() -> None:
    item = prescribe("barbell_bench_press", e1rm={"barbell_bench_press": 100.0})

    assert (item.reps, item.rir) == (8, 2)
    assert item.load_value == progression.round_load(100 * progression.share_of_e1rm(10), {"barbell"})
    assert item.load_percent == 75


def test_no_load_is_heavier_than_the_lightest_bar_allows() -> None:
    item = prescribe("barbell_bench_press", e1rm={"barbell_bench_press": 21.0})

    assert (item.load_kind, item.load_value) == ("start_light", None)


def test_a_heavy_range_does_not_make_the_young_or_the_ill_lift_heavily() -> None:
    known = {"barbell_deadlift": 100.0}

    loads = [
        prescribe("barbell_deadlift", e1rm=known, **changes).load_value
        for changes in ({}, {"age": 15}, {"conditions": frozenset({"heart_disease"})})
    ]

    assert loads == [82.5, 70.0, 70.0]


def test_logged_sets_decide_the_next_load() -> None:
    sets = [
        progression.LoggedSet(date=TODAY - dt.timedelta(days=days), reps=10, load=60.0)
        for days in (6, 3)
        for _ in range(3)
    ]

    item = prescribe("barbell_bench_press", history={"barbell_bench_press": sets})

    assert (item.load_kind, item.load_value, item.reps) == ("kg", 62.5, 8)


def test_ramp_sets_climb_to_the_working_load() -> None:
    item = prescribe("barbell_bench_press", ramps=2, e1rm={"barbell_bench_press": 100.0})

    assert [(ramp.reps, ramp.percent, ramp.load) for ramp in item.warmup] == [(8, 50, 37.5), (4, 75, 55.0)]


def test_small_lifts_and_body_weight_need_no_ramp() -> None:
    assert prescribe("hammer_curl", ramps=2).warmup == ()
    assert prescribe("push_up", ramps=2).warmup == ()


def test_speed_work_comes_early_in_few_repetitions_but_not_for_the_careful() -> None:
    swing = prescribe("kettlebell_swing")

    assert (swing.role, swing.reps) == ("power", CATALOGUE.exercises["kettlebell_swing"].rep_range[0])
    assert prescribe("kettlebell_swing", conditions=frozenset({"hypertension"})).role == "compound"


def test_the_clock_counts_sides_rests_ramps_and_the_change() -> None:
    item = prescribe("dumbbell_split_squat", ramps=1)

    reps = item.reps or 0
    ramp = 5 * 3 * 2 + 45
    assert minutes.item_seconds(item) == 3 * (2 * 3 * reps) + 2 * item.rest_s + ramp + 60
    session = planner.Session(date=TODAY, title="", rest_day=False, items=(item,))
    assert planner.estimated_minutes(session) == -(-minutes.item_seconds(item) // 60)


def test_cardio_is_never_the_warm_up_again() -> None:
    trainee = somebody(goal="general_health")
    allowed = pool.eligible(trainee, CATALOGUE)
    first = aerobic.cardio(allowed, trainee, 900, turn=0)
    assert first is not None

    other = aerobic.cardio(allowed, trainee, 900, turn=0, avoid=first.exercise_slug)

    assert other is not None
    assert other.exercise_slug != first.exercise_slug


def test_too_short_a_time_holds_no_cardio() -> None:
    trainee = somebody(goal="general_health")

    assert aerobic.cardio(pool.eligible(trainee, CATALOGUE), trainee, 240, turn=0) is None


def lifts(*slugs: str) -> list[planner.Item]:
    return [prescribe(slug, rest="paired") for slug in slugs]


def gaps(items: list[planner.Item]) -> list[int]:
    """Return the seconds between two sets of each item, its partners' sets included."""
    found = []
    for item in items:
        group = [one for one in items if one.superset and one.superset == item.superset] or [item]
        found.append(sum(minutes.set_seconds(one) for one in group) - minutes.set_seconds(item) + item.rest_s)
    return found


def test_paired_sets_join_different_targets_and_keep_everybodys_rest() -> None:
    items = pairing.paired(lifts("leg_press", "machine_row", "hammer_curl", "cable_pushdown"), CATALOGUE)

    assert [item.superset for item in items] == ["A", "A", "B", "B"]
    least = [120 if CATALOGUE.exercises[item.exercise_slug].compound else 60 for item in items]
    assert all(gap >= rest for gap, rest in zip(gaps(items), least, strict=True))


def test_an_odd_one_joins_a_pair_as_a_third() -> None:
    items = pairing.paired(lifts("leg_press", "machine_row", "hammer_curl"), CATALOGUE)

    assert {item.superset for item in items} == {"A"}


def test_two_of_one_target_stay_apart_and_rest_in_full() -> None:
    items = pairing.paired(lifts("hammer_curl", "cable_curl"), CATALOGUE)

    assert [(item.superset, item.rest_s) for item in items] == [(None, 60), (None, 60)]


def test_speed_work_and_balance_are_never_paired() -> None:
    alone = [*lifts("kettlebell_swing"), replace(lifts("hammer_curl")[0], role="balance", rest_s=30)]

    items = pairing.paired([*alone, *lifts("machine_row", "leg_press")], CATALOGUE)

    assert [item.superset for item in items] == [None, None, "A", "A"]
    assert items[1].rest_s == 30
