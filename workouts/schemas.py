"""Workout plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

from config.schemas import Bool, Date, In, Int, Number, Text, example
from workouts import examples
from workouts.certificate_schemas import WorkoutCertificate

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


class WorkoutPlan(BaseModel):
    """One date's session; a rest day has no exercises."""

    model_config = example(**examples.PLAN)

    id: int
    date: dt.date
    title: str
    rest_day: bool
    exercises: list[Exercise]
    estimated_minutes: int
    certificate: WorkoutCertificate
    source: Source
    fallback_reason: FallbackReason | None
    model: str | None
    job_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class WorkoutPlans(Schema):
    """A range of days, oldest first; days without a plan are left out."""

    model_config = example(items=[examples.PLAN], next_cursor=None)

    items: list[WorkoutPlan]
    next_cursor: str | None = None


Slug = Annotated[Text, Field(min_length=1, max_length=80)]


class SwapExercise(In):
    """Which exercise goes, and why; `to` may name what comes."""

    model_config = example(date="2026-03-02", exercise_id="goblet_squat", reason="pain")

    date: Date
    exercise_id: Slug
    reason: Literal["equipment", "pain", "dislike"] | None = None
    to: Slug | None = None


class LockExercise(In):
    """A locked exercise survives every regeneration."""

    model_config = example(date="2026-03-02", exercise_id="goblet_squat", locked=True)

    date: Date
    exercise_id: Slug
    locked: Bool = True


class PerformedSet(In):
    """One working set as it was done; `load` in kg, 0 for body weight; `rir` as it felt."""

    model_config = example(date="2026-03-02", exercise_id="goblet_squat", reps=10, load=20, rir=2)

    date: Date
    exercise_id: Slug
    reps: Annotated[Int, Field(ge=1, le=7200, description="repetitions, or seconds for a timed exercise")]
    load: Annotated[Number, Field(ge=0, le=1000, description="kg")] = 0.0
    rir: Annotated[Number, Field(ge=0, le=10)] | None = None
    pain: Bool = False


class PerformedSets(In):
    model_config = example(sets=[{"date": "2026-03-02", "exercise_id": "goblet_squat", "reps": 10, "load": 20}])

    sets: Annotated[list[PerformedSet], Field(min_length=1, max_length=100)]


class Recorded(Schema):
    """How many sets were stored, and the new estimate of the one-repetition maximum (kg) where there is one."""

    model_config = example(stored=1, e1rm={"goblet_squat": 26.5})

    stored: int
    e1rm: dict[str, float]


class CatalogueExercise(Schema):
    model_config = example(**examples.EXERCISE)

    exercise_id: str
    name: str
    pattern: str
    primary: list[str]
    secondary: list[str]
    equipment: list[str]
    level: str
    contraindications: list[str]
    cues: list[str]


class Exercises(Schema):
    model_config = example(items=[examples.EXERCISE], next_cursor="goblet_squat")

    items: list[CatalogueExercise]
    next_cursor: str | None
