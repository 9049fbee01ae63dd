"""What goes in and out of plan generation.

Invariant: overrides hold for one plan alone; an allergy of the profile stays excluded whatever they say.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field

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
    notes: (
        Annotated[
            Text,
            Field(
                max_length=500,
                description="free text; allergies, injuries and refused foods in it are kept out of this plan",
            ),
        ]
        | None
    ) = None

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


EXPLANATION: dict[str, Any] = {
    "brief": {
        "instructions": "You choose dishes and exercises for a coach. …",
        "data": {
            "person": {"goal": "lose_weight", "age": "30-39", "sex": "female"},
            "daily_targets": {"kcal": 1829, "protein_g": 113, "carbs_g": 216, "fat_g": 57},
            "days": [{"date": "2026-03-02", "meals": ["breakfast", "lunch", "dinner"], "training": True}],
            "dishes": {"lunch": ["red_lentil_dal: 480 kcal, 24 g protein, 35 min, indian"]},
            "exercises": ["goblet_squat: squat, quads"],
            "wishes": "quick on Mondays",
        },
        "struck": [],
    },
    "asked": [{"provider": "openai_compatible", "model": "llama3.2", "outcome": "ok", "sent": True}],
    "source": "ai_repaired",
    "fallback_reason": None,
    "kept_ratio": 0.857,
    "days": [
        {
            "date": "2026-03-02",
            "reason": "Quick, light and full of vegetables.",
            "dishes": [
                {"slot": "lunch", "id": "red_lentil_dal", "title": "Red lentil dal", "chosen_by": "model"},
                {"slot": "dinner", "id": "barley_risotto", "title": "Barley risotto", "chosen_by": "planner"},
            ],
            "exercises": [{"slot": None, "id": "goblet_squat", "title": "Goblet squat", "chosen_by": "model"}],
            "figures": [{"figure": "kcal", "unit": "kcal", "target": 1829, "actual": 1826.2, "delta_pct": -0.2}],
        }
    ],
    "repairs": [
        {
            "date": "2026-03-02",
            "slot": "dinner",
            "proposed": {"id": "mac_and_cheese", "title": "Mac and cheese"},
            "served": {"id": "barley_risotto", "title": "Barley risotto"},
            "why": "the day could not meet its energy and nutrient targets with it",
        }
    ],
    "gave_way": [],
    "targets": [
        {
            "figure": "rmr",
            "value": 1434,
            "unit": "kcal",
            "how": "10 x weight + 6.25 x height - 5 x age - 161",
            "source": "Mifflin and St Jeor 1990",
        }
    ],
    "notices": [],
    "made_with": {"seed": 7, "prompt_version": "2", "food_catalogue": "e2c1…", "exercise_catalogue": "77ab…"},
}


class ToldPerson(BaseModel):
    """All that is said of the person: `age` is ten years wide."""

    goal: str
    age: str
    sex: str


class ToldTargets(BaseModel):
    kcal: int | None
    protein_g: int | None
    carbs_g: int | None
    fat_g: int | None


class ToldDay(BaseModel):
    date: dt.date
    meals: list[str]
    training: bool


class ToldData(BaseModel):
    """The one document of data (`ai.prompts.document`): each choice is its id and a line of facts."""

    person: ToldPerson
    daily_targets: ToldTargets
    days: list[ToldDay]
    dishes: dict[str, list[str]]
    exercises: list[str]
    wishes: str


class Told(BaseModel):
    """What a model is told, sent or not: its instructions, the one document of data, what was struck from the notes."""

    instructions: str
    data: ToldData
    struck: list[str]


class Asked(BaseModel):
    """A provider that came into question; `sent` is false where it was passed over."""

    provider: str
    model: str
    outcome: str
    sent: bool


class Pick(BaseModel):
    """A dish or an exercise, and who chose it; `you` by locking it. `slot` is null for an exercise."""

    slot: str | None = None
    id: str
    title: str
    chosen_by: Literal["model", "planner", "you"]


class Figure(BaseModel):
    """A day's sum beside its target; null where a food's figure is not known."""

    figure: str
    unit: str
    target: float
    actual: float | None
    delta_pct: float | None


class ExplainedDay(BaseModel):
    """One date; `reason` is the model's own words, to be shown as plain text, where anything of its choice was kept."""

    date: dt.date
    reason: str | None
    dishes: list[Pick]
    exercises: list[Pick]
    figures: list[Figure]


class Named(BaseModel):
    id: str
    title: str


class Repair(BaseModel):
    """A choice of the model that was not served, what is there instead, and why."""

    date: dt.date
    slot: str
    proposed: Named | None
    served: Named | None
    why: str


class Reached(BaseModel):
    """How a daily target was reached."""

    figure: str
    value: float
    unit: str
    how: str
    source: str


class MadeWith(BaseModel):
    """What it takes to make the same plan again."""

    seed: int
    prompt_version: str
    food_catalogue: str | None
    exercise_catalogue: str | None


class Explanation(Schema):
    """What the coach saw and did."""

    model_config = example(**EXPLANATION)

    brief: Told
    asked: list[Asked]
    source: str
    fallback_reason: str | None
    kept_ratio: float | None
    days: list[ExplainedDay]
    repairs: list[Repair]
    gave_way: list[str]
    targets: list[Reached]
    notices: list[str]
    made_with: MadeWith
