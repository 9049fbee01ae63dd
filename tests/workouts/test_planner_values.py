"""The exercise catalogue as the planner reads it."""

import json
from pathlib import Path
from typing import Any

import pytest

from workouts import planner

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text()
)["exercises"]


def test_every_shipped_row_becomes_an_exercise_in_the_order_of_the_slugs() -> None:
    catalogue = planner.catalogue_from(ROWS)

    assert list(catalogue.exercises) == sorted(row["slug"] for row in ROWS)


def test_what_a_row_says_is_what_the_exercise_holds() -> None:
    row = next(row for row in ROWS if row["equipment"] and row["secondary"])

    exercise = planner.catalogue_from([row]).exercises[row["slug"]]

    assert exercise.primary == tuple(row["primary"])
    assert exercise.equipment == set(row["equipment"])
    assert exercise.rep_range == tuple(row["rep_range"])
    assert exercise.contraindications == set(row["contraindications"])


def test_the_version_follows_the_content_and_not_the_order() -> None:
    changed = [{**ROWS[0], "met": 9.9}, *ROWS[1:]]

    versions = [planner.catalogue_from(rows).version for rows in (ROWS, ROWS[::-1], changed)]

    assert versions[0] == versions[1] != versions[2]


def test_a_version_that_is_given_is_kept() -> None:
    assert planner.catalogue_from(ROWS, version="7").version == "7"


def test_a_row_without_a_field_is_refused() -> None:
    row = {name: value for name, value in ROWS[0].items() if name != "contraindications"}

    with pytest.raises(KeyError):
        planner.catalogue_from([row])
