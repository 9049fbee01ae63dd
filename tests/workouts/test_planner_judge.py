"""The judge: a good week passes, and every way to break one is found."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workouts import planner
from workouts.planner import inspection, ladder

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
GYM = frozenset({"dumbbell", "barbell", "machine", "cable", "bench", "cardio_machine"})
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]
TRAINEE = planner.Trainee(
    goal="gain_muscle",
    training_level="intermediate",
    age=30,
    equipment=GYM,
    injuries=frozenset({"neck"}),
    days=("mon", "tue", "thu", "fri"),
    minutes=60,
    e1rm={"leg_press": 200.0},
    disliked=frozenset({"leg_extension"}),
)
GOOD = planner.compose(TRAINEE, CATALOGUE, WEEK, seed=1).sessions

Items = tuple[planner.Item, ...]


def codes(sessions: list[planner.Session], trainee: planner.Trainee = TRAINEE) -> set[str]:
    return {fault.code for fault in planner.faults(sessions, trainee, CATALOGUE) if fault.hard}


def changed(change: Callable[[Items], Items], day: int = 0) -> list[planner.Session]:
    return [replace(one, items=change(one.items)) if at == day else one for at, one in enumerate(GOOD)]


def lift(items: Items) -> int:
    return next(at for at, item in enumerate(items) if item.role == "compound")


def with_lift(**fields: object) -> Callable[[Items], Items]:
    def change(items: Items) -> Items:
        at = lift(items)
        return (*items[:at], replace(items[at], **fields), *items[at + 1 :])  # type: ignore[arg-type]

    return change


def test_a_composed_week_has_no_fault_at_all() -> None:
    assert planner.faults(GOOD, TRAINEE, CATALOGUE) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (with_lift(exercise_slug="no_such_thing"), "unknown_exercise"),
        (with_lift(exercise_slug="dumbbell_shrug"), "injury"),
        (with_lift(exercise_slug="kettlebell_row"), "equipment"),
        (with_lift(exercise_slug="pendlay_row"), "level"),
        (with_lift(exercise_slug="leg_extension", reps=12), "disliked"),
        (with_lift(sets=9), "prescription"),
        (with_lift(reps=40), "prescription"),
        (with_lift(reps=None), "prescription"),
        (with_lift(rir=0), "prescription"),
        (with_lift(rest_s=30), "prescription"),
        (with_lift(load_kind="heavy"), "prescription"),
        (with_lift(load_kind="kg", load_value=None), "prescription"),
        (with_lift(load_kind="kg", load_value=61.3), "prescription"),
        (with_lift(exercise_slug="leg_press", reps=10, load_kind="kg", load_value=195.0), "prescription"),
        (with_lift(rest_s=290, sets=6), "minutes"),
        (lambda items: (*items, replace(items[lift(items)], order=len(items) + 1)), "repeated"),
        (lambda items: items[::-1], "order"),
        (lambda items: tuple(replace(item, order=1) for item in items), "order"),
        (lambda items: tuple(replace(item, superset="A") for item in items), "superset"),
        (lambda items: tuple(replace(item, sets=6) if item.rir is not None else item for item in items), "volume"),
    ],
)
def test_a_broken_session_is_found(change: Callable[[Items], Items], code: str) -> None:
    assert code in codes(changed(change))


def test_more_than_nine_exercises_are_found() -> None:
    spare = [slug for slug, one in CATALOGUE.exercises.items() if one.pattern == "isolation" and not one.equipment]

    def crowd(items: Items) -> Items:
        more = [replace(items[-2], exercise_slug=slug, sets=1) for slug in spare[:9]]
        return (*items[:-1], *more, items[-1])

    assert "size" in codes(changed(crowd))


def test_eleven_sets_of_a_muscle_in_a_session_are_found() -> None:
    def pile(items: Items) -> Items:
        chosen = [slug for slug, one in CATALOGUE.exercises.items() if one.primary == ("chest",)][:2]
        at = lift(items)
        return tuple(
            replace(items[at], exercise_slug=slug, sets=6, order=order + 1) for order, slug in enumerate(chosen)
        )

    assert "session_volume" in codes(changed(pile))


def test_two_hard_days_running_for_a_muscle_are_found() -> None:
    monday = GOOD[0]
    tuesday = replace(GOOD[1], items=tuple(replace(item, sets=4) for item in monday.items))
    sessions = [replace(monday, items=tuesday.items), tuesday, *GOOD[2:]]

    assert "recovery" in codes(sessions)


def test_recovery_looks_at_the_sessions_around() -> None:
    before = replace(
        GOOD[0], date=MONDAY - dt.timedelta(days=1), items=tuple(replace(i, sets=4) for i in GOOD[0].items)
    )
    first = replace(GOOD[0], items=before.items)

    found = planner.faults([first], TRAINEE, CATALOGUE, around=[before])

    assert "recovery" in {fault.code for fault in found}


def test_training_on_a_day_that_is_not_available_is_found_unless_it_is_locked() -> None:
    moved = [replace(GOOD[0], date=WEEK[2])]
    kept = [replace(moved[0], items=tuple(replace(item, locked=True) for item in moved[0].items))]

    assert "unavailable" in codes(moved)
    assert "unavailable" not in codes(kept)


def test_a_rest_day_with_exercises_is_found() -> None:
    assert "rest_day" in codes([replace(GOOD[0], rest_day=True), *GOOD[1:]])


def test_the_same_date_twice_is_found() -> None:
    assert "dates" in codes([GOOD[0], GOOD[0]])


def test_a_week_without_a_rest_day_is_found() -> None:
    everyday = replace(TRAINEE, days=planner.WEEKDAYS)
    light = tuple(item for item in GOOD[0].items if item.role == "warm_up")

    sessions = [replace(GOOD[0], date=date, items=light) for date in WEEK]

    assert "no_rest" in codes(sessions, everyday)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"conditions": frozenset({"pregnant"})}, "dumbbell_bench_press"),
        ({"conditions": frozenset({"pregnant"})}, "lying_leg_curl"),
        ({"conditions": frozenset({"hypertension"})}, "pike_push_up"),
        ({"age": 70}, "jump_squat"),
    ],
)
def test_what_a_condition_or_age_forbids_is_found(changes: dict[str, object], slug: str) -> None:
    trainee = replace(TRAINEE, **changes)  # type: ignore[arg-type]

    assert "condition" in codes(changed(with_lift(exercise_slug=slug)), trainee)


def test_a_missing_muscle_is_a_soft_fault_that_needs_naming() -> None:
    sessions = changed(lambda items: items[:1])

    found = planner.faults(sessions, TRAINEE, CATALOGUE)

    assert {fault.code for fault in found} >= {"volume", "frequency"}
    assert not any(fault.hard for fault in found)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 200),
    level=st.sampled_from(["beginner", "intermediate", "advanced"]),
    minutes=st.integers(30, 90),
)
def test_judge_and_planner_reckon_alike_by_different_ways(seed: int, level: str, minutes: int) -> None:
    trainee = replace(TRAINEE, training_level=level, minutes=minutes)

    week = planner.compose(trainee, CATALOGUE, WEEK, seed=seed)

    for session in week.sessions:
        assert inspection.sets_of(session, CATALOGUE) == ladder.session_volume(session, CATALOGUE)
        assert -1 < inspection.minutes_of(session) - planner.estimated_minutes(session) <= 0


def test_the_certificate_passes_a_good_week_and_shows_its_figures() -> None:
    shown = planner.certificate(GOOD, TRAINEE, CATALOGUE, rung="full", relaxations=())

    assert shown["passed"] is True
    assert shown["faults"] == []
    assert shown["injuries"] == {"declared": ["neck"], "found": []}
    assert set(shown["volume"]) == set(planner.MUSCLES)
    assert all(low <= one["sets"] <= high for one in shown["volume"].values() for low, high in [one["band"]])
    assert max(shown["minutes"]["by_date"].values()) <= shown["minutes"]["limit"] == 60
    assert json.loads(json.dumps(shown)) == shown


def test_the_certificate_fails_with_the_fault_in_its_place() -> None:
    shown = planner.certificate(
        changed(with_lift(exercise_slug="dumbbell_shrug")), TRAINEE, CATALOGUE, rung="full", relaxations=()
    )

    assert shown["passed"] is False
    assert shown["injuries"]["found"] == ["dumbbell_shrug loads the injured neck"]
