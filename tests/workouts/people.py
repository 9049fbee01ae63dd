"""Anybody: any goal, level, age, tools, injuries, days and history, for Hypothesis to draw from.

Invariant: nothing here asserts.
"""

import datetime as dt
import json
from pathlib import Path

from hypothesis import strategies as st

from workouts import planner
from workouts.progression import LoggedSet

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
EQUIPMENT = ["dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench", "pull_up_bar", "cardio_machine"]
MONDAY = dt.date(2026, 3, 2)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]

logged = st.builds(
    LoggedSet,
    date=st.dates(MONDAY - dt.timedelta(days=80), MONDAY + dt.timedelta(days=3)),
    reps=st.integers(1, 40),
    load=st.sampled_from([0.0, 12.0, 20.0, 62.5, 140.0]),
    pain=st.booleans(),
)
people = st.builds(
    planner.Trainee,
    goal=st.sampled_from(["lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health"]),
    training_level=st.sampled_from(["beginner", "intermediate", "advanced"]),
    age=st.integers(13, 90),
    equipment=st.frozensets(st.sampled_from(EQUIPMENT)),
    injuries=st.frozensets(st.sampled_from(["knee", "shoulder", "lower_back", "wrist", "ankle", "hip"]), max_size=2),
    conditions=st.frozensets(st.sampled_from(["pregnant", "hypertension", "heart_disease", "diabetes"]), max_size=1),
    days=st.lists(st.sampled_from(planner.WEEKDAYS), unique=True, max_size=7).map(tuple),
    minutes=st.none() | st.integers(20, 100),
    e1rm=st.dictionaries(st.sampled_from(["barbell_back_squat", "leg_press", "dumbbell_curl"]), st.floats(10, 200)),
    deload=st.booleans(),
    last_week=st.dictionaries(st.sampled_from(planner.MUSCLES), st.floats(0, 25)),
    history=st.dictionaries(
        st.sampled_from(["barbell_back_squat", "push_up", "dumbbell_curl", "barbell_deadlift", "front_plank"]),
        st.lists(logged, min_size=1, max_size=6).map(lambda sets: sorted(sets, key=lambda one: one.date)),
    ),
)
