"""What must stay: locked exercises and whole days, and the conflicts when they cannot."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from workouts import planner
from workouts.planner import framing, pool, rules, schedule, writing

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
GYM = frozenset({"dumbbell", "barbell", "machine", "cable", "bench", "cardio_machine"})
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]


def somebody(**changes: object) -> planner.Trainee:
    given = {"goal": "gain_muscle", "training_level": "intermediate", "age": 30, "equipment": GYM, "minutes": 60}
    return planner.Trainee(**{"days": ("mon", "tue", "thu", "fri")} | given | changes)  # type: ignore[arg-type]


def compose(trainee: planner.Trainee, seed: int = 1) -> planner.Week:
    return planner.compose(trainee, CATALOGUE, WEEK, seed=seed)


def test_a_locked_exercise_survives_every_regeneration() -> None:
    trainee = somebody()
    session = compose(trainee).sessions[0]
    kept = replace(next(item for item in session.items if item.role == "compound"), locked=True)

    for seed in range(4):
        week = planner.compose(trainee, CATALOGUE, WEEK, seed=seed, locked={session.date: [kept]})

        again = next(item for item in week.sessions[0].items if item.exercise_slug == kept.exercise_slug)
        assert replace(again, order=kept.order) == kept
        assert not [fault for fault in planner.faults(week.sessions, trainee, CATALOGUE) if fault.hard]


@pytest.mark.parametrize("role", ["warm_up", "cardio", "cool_down"])
def test_what_surrounds_the_lifts_can_be_locked_too(role: str) -> None:
    trainee = somebody(goal="general_health", days=("mon", "wed", "fri"))
    session = next(one for one in compose(trainee).sessions if any(item.role == role for item in one.items))
    kept = replace(next(item for item in session.items if item.role == role), locked=True)

    week = planner.compose(trainee, CATALOGUE, WEEK, seed=9, locked={session.date: [kept]})

    served = next(one for one in week.sessions if one.date == session.date)
    assert [replace(item, order=kept.order) for item in served.items if item.role == role] == [kept]


def test_regenerating_one_day_leaves_the_rest_identical_and_the_week_whole() -> None:
    trainee = somebody()
    week = compose(trainee)
    others = {session.date: session for session in week.sessions[1:]}

    again = planner.compose(trainee, CATALOGUE, WEEK, seed=77, locked=others)

    assert again.sessions[1:] == week.sessions[1:]
    assert again.sessions[0] != week.sessions[0]
    assert again.sessions[0].title == week.sessions[0].title
    assert not [fault for fault in planner.faults(again.sessions, trainee, CATALOGUE) if fault.hard]


def test_a_locked_exercise_that_now_hurts_is_a_conflict_that_names_it() -> None:
    squat = next(
        item
        for item in (
            item for session in compose(somebody(e1rm={"barbell_back_squat": 100.0})).sessions for item in session.items
        )
        if item.exercise_slug == "barbell_back_squat"
    )

    with pytest.raises(planner.Conflict) as conflict:
        planner.compose(
            somebody(injuries=frozenset({"knee"})),
            CATALOGUE,
            WEEK,
            seed=1,
            locked={MONDAY: [replace(squat, locked=True)]},
        )

    assert "injured knee" in conflict.value.reasons[0]
    assert "Unlock" in conflict.value.relax[0]


def test_ten_minutes_are_a_conflict() -> None:
    with pytest.raises(planner.Conflict, match="10 minutes"):
        compose(somebody(minutes=10))


def test_disliking_everything_is_a_conflict_with_advice() -> None:
    with pytest.raises(planner.Conflict) as conflict:
        compose(somebody(disliked=frozenset(CATALOGUE.exercises)))

    assert conflict.value.relax == ("Dislike fewer exercises, or add equipment.",)


def test_locked_exercises_that_no_longer_fit_the_time_are_a_conflict() -> None:
    session = compose(somebody()).sessions[0]
    kept = [replace(item, locked=True) for item in session.items]

    with pytest.raises(planner.Conflict, match="longer than 20 minutes"):
        planner.compose(somebody(minutes=20), CATALOGUE, WEEK, seed=1, locked={MONDAY: kept})


def test_a_locked_exercise_of_a_pair_keeps_its_dose_and_gets_its_whole_rest() -> None:
    short = somebody(days=("mon", "thu"), minutes=60)
    old = next(item for session in compose(short).sessions for item in session.items if item.superset)
    date = next(session.date for session in compose(short).sessions if old in session.items)

    week = planner.compose(somebody(), CATALOGUE, WEEK, seed=2, locked={date: [replace(old, locked=True)]})

    session = next(one for one in week.sessions if one.date == date)
    new = next(item for item in session.items if item.exercise_slug == old.exercise_slug)
    assert (new.sets, new.reps, new.duration_s, new.load_value) == (old.sets, old.reps, old.duration_s, old.load_value)
    assert not [fault for fault in planner.faults(week.sessions, somebody(), CATALOGUE) if fault.hard]


def test_a_rest_day_that_is_kept_stays_a_rest_day() -> None:
    rest = planner.Session(date=MONDAY, title="Rest day", rest_day=True)

    week = planner.compose(somebody(), CATALOGUE, WEEK, seed=1, locked={MONDAY: rest})

    assert week.sessions[0] is rest
    assert sum(not session.rest_day for session in week.sessions) == 3


def test_a_locked_day_outside_the_availability_is_kept_and_trained() -> None:
    moved = replace(compose(somebody()).sessions[0].items[1], locked=True)

    week = planner.compose(somebody(), CATALOGUE, WEEK, seed=1, locked={WEEK[2]: [moved]})

    assert moved.exercise_slug in {item.exercise_slug for item in week.sessions[2].items}


def test_what_does_not_fit_after_all_loses_sets_and_not_the_limit() -> None:
    trainee = somebody(minutes=30)
    brief = framing.Brief(
        trainee=trainee,
        catalogue=CATALOGUE,
        limits=rules.limits(trainee),
        start=MONDAY,
        allowed=pool.eligible(trainee, CATALOGUE),
        seed=1,
    )
    plan = schedule.Schedule(strength=(MONDAY,), focus=("full",), letters=("",), cardio=())
    attempt = framing.Attempt(plan=plan, share=0.0, rest="tight")
    lifts = [("leg_press", 4), ("machine_row", 4), ("machine_chest_press", 4)]

    (session,) = writing.sessions(brief, attempt, [framing.frame(brief, attempt, 0)], [lifts])

    sets = [item.sets for item in session.items if item.rir is not None]
    assert planner.estimated_minutes(session) <= 30
    assert len(sets) == 3
    assert sum(sets) < 12
