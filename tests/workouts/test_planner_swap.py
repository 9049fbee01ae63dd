"""Swapping one exercise: same muscles, same place, same sets, and nothing else moves."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workouts import planner

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]
TRAINEE = planner.Trainee(
    goal="general_health",
    training_level="intermediate",
    age=70,
    equipment=frozenset({"dumbbell", "barbell", "bench", "cable", "machine", "cardio_machine"}),
    days=("mon", "wed", "fri"),
    minutes=75,
)
PLAN = planner.compose(TRAINEE, CATALOGUE, WEEK, seed=1)
SESSION, OTHERS = PLAN.sessions[0], PLAN.sessions[1:]
LIFT = next(item for item in SESSION.items if item.role == "compound")


@settings(max_examples=20, deadline=None)
@given(item=st.sampled_from(SESSION.items), seed=st.integers(0, 50), reason=st.sampled_from([None, "dislike"]))
def test_only_the_one_exercise_changes_and_the_week_stays_sound(
    item: planner.Item, seed: int, reason: str | None
) -> None:
    swapped = planner.swap(SESSION, item.exercise_slug, TRAINEE, CATALOGUE, seed=seed, reason=reason, around=OTHERS)

    changed = [(old, new) for old, new in zip(SESSION.items, swapped.items, strict=True) if old != new]
    assert [old for old, _ in changed] == [item]
    new = changed[0][1]
    assert new.exercise_slug != item.exercise_slug
    assert (new.order, new.role, new.sets, new.superset) == (item.order, item.role, item.sets, item.superset)
    assert not [fault for fault in planner.faults([swapped, *OTHERS], TRAINEE, CATALOGUE) if fault.hard]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 50))
def test_a_lift_is_swapped_for_one_with_the_same_target(seed: int) -> None:
    swapped = planner.swap(SESSION, LIFT.exercise_slug, TRAINEE, CATALOGUE, seed=seed)

    new = swapped.items[LIFT.order - 1]
    primary = [CATALOGUE.exercises[item.exercise_slug].primary for item in (LIFT, new)]
    assert primary[0] == primary[1]


def test_a_wish_is_granted_when_it_is_safe() -> None:
    press = next(
        (session, item)
        for session in PLAN.sessions
        for item in session.items
        if CATALOGUE.exercises[item.exercise_slug].primary == ("chest",) and item.role == "compound"
    )
    session, item = press
    wish = next(
        slug
        for slug in ("machine_chest_press", "dumbbell_bench_press", "smith_machine_bench_press")
        if slug not in {one.exercise_slug for one in session.items}
    )

    swapped = planner.swap(session, item.exercise_slug, TRAINEE, CATALOGUE, seed=1, to=wish)

    assert swapped.items[item.order - 1].exercise_slug == wish


@pytest.mark.parametrize(
    ("wish", "why"), [("kettlebell_row", "needs a kettlebell"), ("moon_walk", "is not in the catalogue")]
)
def test_an_unsafe_or_unknown_wish_is_declined_with_the_reason(wish: str, why: str) -> None:
    with pytest.raises(planner.Conflict, match=why):
        planner.swap(SESSION, LIFT.exercise_slug, TRAINEE, CATALOGUE, seed=1, to=wish)


def test_missing_equipment_leads_to_an_exercise_without_it() -> None:
    lifts = [(session, item) for session in PLAN.sessions for item in session.items if item.rir is not None]
    with_tools = [(session, item) for session, item in lifts if CATALOGUE.exercises[item.exercise_slug].equipment]

    for session, old in with_tools:
        try:
            swapped = planner.swap(session, old.exercise_slug, TRAINEE, CATALOGUE, seed=2, reason="equipment")
        except planner.Conflict:
            continue
        new = swapped.items[old.order - 1].exercise_slug

        assert not CATALOGUE.exercises[new].equipment & CATALOGUE.exercises[old.exercise_slug].equipment


def test_pain_leads_to_an_exercise_that_spares_the_same_joints_or_is_the_easier_one() -> None:
    for item in (item for item in SESSION.items if item.rir is not None):
        was = CATALOGUE.exercises[item.exercise_slug]
        try:
            swapped = planner.swap(SESSION, was.slug, TRAINEE, CATALOGUE, seed=2, reason="pain")
        except planner.Conflict:
            continue
        new = CATALOGUE.exercises[swapped.items[item.order - 1].exercise_slug]

        assert new.slug == was.regression or not new.contraindications & was.contraindications


def test_an_exercise_that_is_not_there_is_a_conflict() -> None:
    with pytest.raises(planner.Conflict, match="not in this session"):
        planner.swap(SESSION, "moon_walk", TRAINEE, CATALOGUE, seed=1)


def test_without_a_substitute_there_is_a_conflict_and_no_bad_session() -> None:
    lonely = replace(
        CATALOGUE, exercises={item.exercise_slug: CATALOGUE.exercises[item.exercise_slug] for item in SESSION.items}
    )

    with pytest.raises(planner.Conflict, match="Nothing else fits"):
        planner.swap(SESSION, LIFT.exercise_slug, TRAINEE, lonely, seed=1)


def test_the_same_seed_swaps_alike() -> None:
    found = {planner.swap(SESSION, LIFT.exercise_slug, TRAINEE, CATALOGUE, seed=5) for _ in range(3)}

    assert len(found) == 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 50), day=st.sampled_from([at for at, one in enumerate(PLAN.sessions) if one.items]))
def test_a_swap_adds_no_sets_beyond_the_band_of_any_seven_days(seed: int, day: int) -> None:
    tight = replace(TRAINEE, last_week=dict.fromkeys(planner.MUSCLES, 5.0))
    week = list(planner.compose(tight, CATALOGUE, WEEK, seed=seed % 5).sessions)

    for item in [item for item in week[day].items if item.rir is not None]:
        others = [one for one in week if one is not week[day]]
        try:
            week[day] = planner.swap(week[day], item.exercise_slug, tight, CATALOGUE, seed=seed, around=others)
        except planner.Conflict:
            continue

    assert [fault for fault in planner.faults(week, tight, CATALOGUE) if fault.hard] == []
