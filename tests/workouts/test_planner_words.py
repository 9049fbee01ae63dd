"""What the plan says: titles, notices, and the contract's JSON."""

import datetime as dt
import json
from pathlib import Path

import pytest

from workouts import planner

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]
CONTRACT = {
    "exercise_id", "name", "order", "sets", "reps", "duration_s", "rest_s", "load", "rir", "muscles", "equipment",
    "locked", "cues",
}  # fmt: skip


def somebody(**changes: object) -> planner.Trainee:
    given = {"goal": "general_health", "training_level": "intermediate", "age": 30, "minutes": 60}
    return planner.Trainee(**given | changes)  # type: ignore[arg-type]


def compose(trainee: planner.Trainee) -> planner.Week:
    return planner.compose(trainee, CATALOGUE, WEEK, seed=1)


def test_the_json_has_the_contracts_fields_and_reads_back_unchanged() -> None:
    week = compose(somebody(equipment=frozenset({"barbell", "dumbbell"}), e1rm={"barbell_back_squat": 100.0}))

    for session in week.sessions:
        rows = json.loads(json.dumps(planner.exercise_json(session, CATALOGUE)))
        assert all(set(row) >= CONTRACT for row in rows)
        assert all(set(row["load"]) >= {"kind", "value"} for row in rows)
        assert planner.items_from(rows) == session.items


def test_the_json_takes_name_muscles_and_cues_from_the_catalogue() -> None:
    session = next(one for one in compose(somebody()).sessions if one.items)

    row = planner.exercise_json(session, CATALOGUE)[0]

    exercise = CATALOGUE.exercises[row["exercise_id"]]
    assert (row["name"], row["cues"]) == (exercise.name, list(exercise.cues))
    assert row["muscles"] == [*exercise.primary, *exercise.secondary]


def test_sessions_of_one_kind_are_told_apart_by_letters() -> None:
    days = ("mon", "tue", "thu", "fri")

    titles = [one.title for one in compose(somebody(goal="gain_muscle", days=days)).sessions if one.items]

    assert titles == ["Upper body A", "Lower body A", "Upper body B", "Lower body B"]


def test_a_day_of_cardio_is_named_after_it() -> None:
    week = compose(somebody(goal="improve_endurance", days=("mon", "tue", "wed", "thu", "sat")))

    titles = [one.title for one in week.sessions if one.items and all(item.rir is None for item in one.items)]
    assert titles
    assert all(title.startswith("Cardio: ") for title in titles)


@pytest.mark.parametrize(
    ("changes", "words", "clearance"),
    [
        ({"conditions": frozenset({"heart_disease"})}, "doctor's clearance", True),
        ({"conditions": frozenset({"kidney_disease"})}, "doctor's clearance", True),
        ({"conditions": frozenset({"diabetes"})}, "glucose", True),
        ({"conditions": frozenset({"pregnant"})}, "obstetric provider", True),
        ({"conditions": frozenset({"hypertension"})}, "never hold your breath", False),
        ({"conditions": frozenset({"eating_disorder"})}, "care team", True),
        ({"age": 50, "sex": "male", "activity_level": "sedentary"}, "doctor's check", True),
        ({"age": 15}, "qualified adult", False),
        ({"age": 70}, "balance work", False),
        ({"injuries": frozenset({"lower_back"})}, "lower back", False),
        ({"deload": True}, "Light week", False),
        ({}, "see a doctor before you begin", False),
    ],
)
def test_the_notices_say_what_a_guideline_asks_for(changes: dict[str, object], words: str, *, clearance: bool) -> None:
    trainee = somebody(**changes)

    assert words in " ".join(planner.notices(trainee))
    assert planner.needs_clearance(trainee) is clearance


def test_an_active_person_under_the_age_is_not_sent_to_the_doctor() -> None:
    assert "doctor's" not in " ".join(planner.notices(somebody(age=44, activity_level="sedentary")))
    assert "doctor's" not in " ".join(planner.notices(somebody(age=60, activity_level="active")))


def test_the_week_carries_its_notices_and_how_to_progress() -> None:
    week = compose(somebody())

    assert week.notices == planner.notices(somebody())
    assert "add load" in week.notices[-1]
