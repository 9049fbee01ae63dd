"""Meal plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import BaseModel

from config.schemas import example

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


EXAMPLE: dict[str, Any] = {
    "id": 41,
    "date": "2026-03-02",
    "breakfast": "Porridge with pear (1 serving; 410 kcal, 16 g protein): 50 g Oats, rolled, 200 g Milk, 150 g Pear.",
    "lunch": "…",
    "dinner": "…",
    "snacks": "…",
    "meals": [
        {
            "slot": "breakfast",
            "recipe_id": "porridge_with_pear",
            "title": "Porridge with pear",
            "servings": 1.0,
            "locked": False,
            "ingredients": [{"food_id": "oats_rolled", "name": "Oats, rolled", "grams": 50.0}],
            "steps": ["Simmer the oats in the milk for five minutes.", "Slice the pear over it.", "Serve hot."],
            "prep_minutes": 10,
            "allergens": ["gluten", "milk"],
            "nutrition": {"kcal": 410, "protein": 16, "carbs": 66, "fat": 9, "fibre": 9},
        }
    ],
    "totals": {"kcal": 1826, "protein": 118, "carbs": 232, "fat": 57, "fibre": 67},
    "targets": {"kcal": 1829, "protein": 113, "carbs": 216, "fat": 57, "fibre": 26, "sodium": 2300, "sat_fat": 20},
    "certificate": {
        "kcal": {"target": 1829, "actual": 1826, "delta_pct": -0.2},
        "allergens": {"excluded": ["nuts"], "found": []},
        "passed": True,
    },
    "source": "planner",
    "fallback_reason": None,
    "model": None,
    "job_id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    "version": 1,
    "created_at": "2026-03-01T08:00:03Z",
    "updated_at": "2026-03-01T08:00:03Z",
}


class MealPlan(Schema):
    """One day's meals; `certificate` is what was checked and how it came out, recomputed from the catalogue."""

    model_config = example(**EXAMPLE)

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

    model_config = example(items=[EXAMPLE], next_cursor=None)

    items: list[MealPlan]
    next_cursor: str | None = None
