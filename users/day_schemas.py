"""What a day asks of a person: the targets with the way to each figure, and all that a day's first screen shows.

Invariant: every figure of the targets is named here, so that nothing is shown that nobody explained.
"""

import datetime as dt
from typing import Annotated, Any

from ninja import Schema
from pydantic import BaseModel, Field

from config.schemas import example
from users import examples
from users.schemas import ActivityLevel, Condition, FitnessGoal, Sex, TrainingLevel

ELSEWHERE = "x-schema"  # named by another app, put in by config.openapi


class TargetInputs(BaseModel):
    """Every value that entered the figures: of the profile, and those that follow from it."""

    age: int
    sex: Sex
    height: float
    weight: float
    fitness_goal: FitnessGoal
    activity_level: ActivityLevel
    conditions: list[Condition]
    diets: list[str]
    body_fat: float | None
    goal_rate: float | None
    training_level: TrainingLevel
    sex_constant: float
    sex_constant_note: str | None
    pal: Annotated[float, Field(description="physical activity level: expenditure over resting rate")]
    reference_weight: Annotated[float, Field(description="kg that protein is counted for")]
    carbohydrate: Annotated[str | None, Field(description="the diet that limits carbohydrate")]
    floor_kcal: int
    change_percent_per_week: Annotated[float, Field(description="% of body weight, as planned")]


class TargetFloor(BaseModel):
    """The safety floor that energy was raised to, and why there is one."""

    kcal: int
    reason: str


class TargetStep(BaseModel):
    """How a figure was reached, and who says so."""

    figure: str
    value: float
    unit: str
    how: str
    source: str


class Targets(Schema):
    """A day's needs and how each figure was reached; kcal, g, and mg of sodium."""

    model_config = example(**examples.TARGETS)

    kcal: int
    protein: int
    carbs: int
    fat: int
    fibre: int
    sodium: int
    sat_fat: int
    bmi: float
    rmr: int
    tdee: int
    formula: str
    inputs: TargetInputs
    floor: TargetFloor | None
    notices: list[str]
    explanation: list[TargetStep]


def _part(schema: str) -> Any:
    return Field(json_schema_extra={ELSEWHERE: schema})


class Today(Schema):
    """Everything that a day's first screen shows."""

    model_config = example(
        date="2026-03-02", targets=examples.TARGETS, meal_plan=None, workout_plan=None, progress=None
    )

    date: dt.date
    targets: Targets | None
    meal_plan: Annotated[dict[str, Any] | None, _part("MealPlan")]
    workout_plan: Annotated[dict[str, Any] | None, _part("WorkoutPlan")]
    progress: Annotated[dict[str, Any] | None, _part("ProgressLog")]
