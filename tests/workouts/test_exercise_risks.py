"""Risks that no entry of the exercise data may leave undeclared."""

import json
import re
from pathlib import Path

ROWS = json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]


def test_fast_lifts_with_a_barbell_stay_at_six_repetitions_and_below() -> None:
    fast = [
        row for row in ROWS if re.search(r"clean|snatch|jerk|push_press", row["slug"]) and "barbell" in row["equipment"]
    ]

    assert len(fast) >= 3
    assert [row["slug"] for row in fast if row["rep_range"][1] > 6 or row["level"] != "advanced"] == []


def test_a_sore_back_neither_bends_under_load_nor_twists_nor_hinges_heavily() -> None:
    risky = re.compile(
        r"crunch|sit_up|russian|v_up|good_morning|deadlift|rollout|windmill|bent_over|pendlay|barbell_row|t_bar|swing"
        r"|woodchop|torso_rotation|side_bend|back_squat|front_squat|zercher"
    )
    bending = [row for row in ROWS if risky.search(row["slug"]) and row["pattern"] not in ("cardio", "mobility")]

    assert len(bending) >= 25
    assert [row["slug"] for row in bending if "lower_back" not in row["contraindications"]] == []
