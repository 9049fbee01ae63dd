"""What a guideline asks a prescription to say: all ten categories, in every plan, in words that fit its numbers."""

import datetime as dt
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workouts.people import CATALOGUE, MONDAY, WEEK, people
from workouts import planner

TEN = {
    "frequency",
    "intensity",
    "time",
    "type",
    "volume",
    "progression",
    "warm_up_and_cool_down",
    "special_considerations",
    "clearance",
    "contraindications",
}


def certified(trainee: planner.Trainee, dates: list[dt.date], seed: int = 1) -> tuple[planner.Week, dict[str, Any]]:
    week = planner.compose(trainee, CATALOGUE, dates, seed=seed)
    return week, planner.certificate(week.sessions, trainee, CATALOGUE, rung=week.rung, relaxations=week.relaxations)


def somebody(**changes: Any) -> planner.Trainee:
    return planner.Trainee(**{"goal": "general_health", "training_level": "intermediate", "age": 30, **changes})


@settings(max_examples=40, deadline=None)
@given(trainee=people, length=st.integers(1, 7), seed=st.integers(0, 99))
def test_every_plan_says_all_ten(trainee: planner.Trainee, length: int, seed: int) -> None:
    _, verdict = certified(trainee, WEEK[:length], seed)

    assert set(verdict["guideline"]) == TEN
    assert all(re.fullmatch(r"[A-Z0-9].*[.)]", text, re.DOTALL) for text in verdict["guideline"].values())


@settings(max_examples=25, deadline=None)
@given(trainee=people, seed=st.integers(0, 99))
def test_the_words_agree_with_the_numbers(trainee: planner.Trainee, seed: int) -> None:
    week, verdict = certified(trainee, WEEK, seed)
    said = verdict["guideline"]
    trained = [session for session in week.sessions if session.items]

    lengths = sorted(planner.estimated_minutes(session) for session in trained)
    assert f"Sessions: {len(trained)} (" in said["frequency"]
    assert all(f"{session.date:%A}" in said["frequency"] for session in trained)
    assert {str(lengths[0]), str(lengths[-1])} <= set(re.findall(r"\d+", said["time"]))
    assert f"{verdict['effort']['rir'][0]}-{verdict['effort']['rir'][1]} repetitions" in said["intensity"]
    pulses = {f"{item.load_value:g}" for one in trained for item in one.items if item.load_kind == "heart_rate"}
    assert bool(pulses) == ("beats a minute" in said["intensity"])
    assert not pulses or {min(pulses, key=float), max(pulses, key=float)} <= set(re.findall(r"\d+", said["intensity"]))
    sets = {figure["sets"] for figure in verdict["volume"].values()}
    assert f"{min(sets):g}" in said["volume"]
    assert f"{max(sets):g}" in said["volume"]


def test_a_rest_day_alone_says_all_ten_as_well() -> None:
    _, verdict = certified(somebody(days=("mon",)), [MONDAY + dt.timedelta(days=1)])

    assert set(verdict["guideline"]) == TEN
    assert verdict["guideline"]["frequency"] == "Rest on these dates."


def test_clearance_follows_disease_inactivity_and_hard_effort() -> None:
    _, ill = certified(somebody(conditions=frozenset({"heart_disease"})), WEEK)
    _, idle = certified(somebody(age=60, activity_level="sedentary"), WEEK)
    _, hard = certified(somebody(age=50, goal="improve_endurance", activity_level="active"), WEEK)
    _, easy = certified(somebody(age=30), WEEK)

    assert "doctor's clearance" in ill["guideline"]["clearance"]
    assert "doctor's check" in idle["guideline"]["clearance"]
    assert "vigorous" in hard["guideline"]["clearance"]
    assert [one["clearance"] for one in (ill, idle, hard, easy)] == [True, True, False, False]


def test_what_is_left_out_is_counted() -> None:
    _, verdict = certified(somebody(injuries=frozenset({"knee"}), age=80), WEEK)

    sore = sum("knee" in one.contraindications for one in CATALOGUE.exercises.values())
    assert f"{sore} exercises that load an injury" in verdict["guideline"]["contraindications"]
    assert "age or condition" in verdict["guideline"]["contraindications"]
