"""Workout plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import BaseModel, ConfigDict

from config.schemas import example

Source = Literal["ai", "ai_repaired", "planner", "user"]
FallbackReason = Literal["timeout", "unavailable", "invalid", "budget", "no_consent"]


class Load(BaseModel):
    """`kind` says how to read `value`: kg, or null where the person finds the load (`start_light`, `bodyweight` …)."""

    kind: str
    value: float | None


class Exercise(BaseModel):
    """One exercise as prescribed: sets of either `reps` or `duration_s`, with `rest_s` between them."""

    model_config = ConfigDict(extra="allow")

    exercise_id: str
    name: str
    order: int
    sets: int
    reps: int | None
    duration_s: int | None
    rest_s: int
    load: Load
    rir: int | None
    muscles: list[str]
    equipment: list[str]
    locked: bool
    cues: list[str]


EXAMPLE: dict[str, Any] = {
    "id": 17,
    "date": "2026-03-02",
    "title": "Full body",
    "rest_day": False,
    "exercises": [
        {
            "exercise_id": "goblet_squat",
            "name": "Goblet squat",
            "order": 1,
            "sets": 3,
            "reps": 10,
            "duration_s": None,
            "rest_s": 90,
            "load": {"kind": "start_light", "value": None},
            "rir": 3,
            "muscles": ["quads", "glutes"],
            "equipment": ["dumbbell"],
            "locked": False,
            "cues": ["Elbows inside the knees.", "Chest tall."],
        }
    ],
    "estimated_minutes": 44,
    "certificate": {"volume": {}, "injuries": {"declared": [], "found": []}, "passed": True},
    "source": "planner",
    "fallback_reason": None,
    "model": None,
    "job_id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    "version": 1,
    "created_at": "2026-03-01T08:00:03Z",
    "updated_at": "2026-03-01T08:00:03Z",
}


class WorkoutPlan(Schema):
    """One date's session; a rest day has no exercises."""

    model_config = example(**EXAMPLE)

    id: int
    date: dt.date
    title: str
    rest_day: bool
    exercises: list[Exercise]
    estimated_minutes: int
    certificate: dict[str, Any]
    source: Source
    fallback_reason: FallbackReason | None
    model: str | None
    job_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class WorkoutPlans(Schema):
    """A range of days, oldest first; days without a plan are left out."""

    model_config = example(items=[EXAMPLE], next_cursor=None)

    items: list[WorkoutPlan]
    next_cursor: str | None = None
