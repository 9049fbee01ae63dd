"""Meal plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import BaseModel

Slot = Literal["breakfast", "lunch", "dinner", "snack"]
Source = Literal["ai", "ai_repaired", "planner", "user"]
FallbackReason = Literal["timeout", "unavailable", "invalid", "budget", "no_consent"]


class Nutrition(BaseModel):
    """kcal; sodium in mg; all else in g. null: a figure is not known for every ingredient."""

    kcal: float
    protein: float
    carbs: float
    fat: float
    fibre: float | None
    sugar: float | None = None
    sat_fat: float | None = None
    sodium: float | None = None


class Ingredient(BaseModel):
    food_id: str
    name: str
    grams: float


class Meal(BaseModel):
    slot: Slot
    recipe_id: str
    title: str
    servings: float
    locked: bool
    ingredients: list[Ingredient]
    steps: list[str]
    prep_minutes: int
    allergens: list[str]
    nutrition: Nutrition


class MealPlan(Schema):
    """One day's meals; `certificate` is what was checked and how it came out, recomputed from the catalogue."""

    id: int
    date: dt.date
    breakfast: str
    lunch: str
    dinner: str
    snacks: str
    meals: list[Meal]
    totals: Nutrition
    targets: dict[str, Any]
    certificate: dict[str, Any]
    source: Source
    fallback_reason: FallbackReason | None
    model: str | None
    job_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class MealPlans(Schema):
    """A range of days, oldest first; days without a plan are left out."""

    items: list[MealPlan]
    next_cursor: str | None = None
