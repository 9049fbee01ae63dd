"""What goes in and out of the progress endpoints.

Invariant: a field that is not sent keeps what was logged before.
"""

import datetime as dt
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from config.schemas import Bool, Date, In, Int, Number, Text, example
from progress.models import CALORIES, WEIGHT_KG, WORKOUTS


class Log(In):
    """One date's log; logging a date again changes the fields that are sent."""

    date: Date
    weight: Annotated[Number, Field(ge=WEIGHT_KG[0], le=WEIGHT_KG[1], description="kg")] | None = None
    calories_consumed: Annotated[Int, Field(ge=CALORIES[0], le=CALORIES[1], description="kcal")] | None = None
    workouts_completed: Annotated[Int, Field(ge=WORKOUTS[0], le=WORKOUTS[1])] = 0
    complete: Annotated[Bool, Field(description="was everything that was eaten logged?")] = False
    note: Annotated[Text, Field(max_length=500)] = ""

    model_config = example(date="2026-03-02", weight=71.2, calories_consumed=1840, workouts_completed=1, complete=True)


EXAMPLE: dict[str, Any] = {
    "date": "2026-03-02",
    "weight": 71.2,
    "calories_consumed": 1840,
    "workouts_completed": 1,
    "complete": True,
    "note": "",
    "created_at": "2026-03-02T19:00:00Z",
    "updated_at": "2026-03-02T19:00:00Z",
}


class ProgressLog(Schema):
    model_config = example(**EXAMPLE)

    date: dt.date
    weight: float | None
    calories_consumed: int | None
    workouts_completed: int
    complete: bool
    note: str
    created_at: dt.datetime
    updated_at: dt.datetime


class ProgressLogs(Schema):
    """A range of logs, oldest first."""

    model_config = example(items=[EXAMPLE], next_cursor=None)

    items: list[ProgressLog]
    next_cursor: str | None = None


class TrendPoint(Schema):
    date: dt.date
    weight: float


class Summary(Schema):
    """Where a person stands. `state` says how much the adaptive expenditure can be trusted yet."""

    model_config = example(
        trend_weight=71.3,
        weekly_rate=-0.34,
        weekly_rate_percent=-0.48,
        state="tracking",
        tdee=2190,
        tdee_low=2040,
        tdee_high=2340,
        intake=1840,
        days_logged=56,
        streak=9,
        trend=[{"date": "2026-03-02", "weight": 71.3}],
    )

    trend_weight: float | None
    weekly_rate: float | None
    weekly_rate_percent: float | None
    state: str
    tdee: int | None
    tdee_low: int | None
    tdee_high: int | None
    intake: int | None
    days_logged: int
    streak: int
    trend: list[TrendPoint]
