"""What goes in and out of plan generation.

Invariant: overrides hold for one plan alone; an allergy of the profile stays excluded whatever they say.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from config.schemas import Date, In, Int, Text, example
from users.schemas import Allergens, Availability, Diets, Equipment, FitnessGoal

Kind = Literal["meal", "workout", "both"]
Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class GeneratePlan(In):
    """What to plan. All fields are optional: the defaults are a week of both from today."""

    kind: Kind = "both"
    start_date: Date | None = None
    days: Annotated[Int, Field(ge=1, le=14)] = 7
    fitness_goal: FitnessGoal | None = None
    dietary_preferences: Diets | None = None
    allergies: Annotated[Allergens | None, Field(description="excluded for this plan, beside those of the profile")] = (
        None
    )
    equipment: list[Equipment] | None = None
    availability: Availability | None = None
    notes: Annotated[Text, Field(max_length=500)] | None = None

    model_config = example(kind="both", start_date="2026-03-02", days=7, notes="quick on Mondays")


EXAMPLE: dict[str, Any] = {
    "id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    "status": "running",
    "stage": "meals",
    "percent": 35,
    "kind": "both",
    "start_date": "2026-03-02",
    "days": 7,
    "source": None,
    "fallback_reason": None,
    "error": None,
    "attempts": 1,
    "created_at": "2026-03-01T08:00:00Z",
    "started_at": "2026-03-01T08:00:00Z",
    "finished_at": None,
    "links": {"self": "/api/v1/jobs/5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10"},
}


class JobError(Schema):
    """Why a job has no plan; `conflict` and `relax` say what cannot hold together and what to give up."""

    code: str
    detail: str
    conflict: list[str] = []
    relax: list[str] = []


class Job(Schema):
    """A request for a plan and how far it is."""

    model_config = example(**EXAMPLE)

    id: str
    status: Status
    stage: str
    percent: int
    kind: Kind
    start_date: dt.date
    days: int
    source: str | None
    fallback_reason: str | None
    error: JobError | None
    attempts: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    links: dict[str, str]


class Jobs(Schema):
    """A page of jobs, newest first; ask again with `cursor` = `next_cursor` until that is null."""

    model_config = example(items=[EXAMPLE], next_cursor=None)

    items: list[Job]
    next_cursor: str | None
