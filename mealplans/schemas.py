"""Meal plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from config.schemas import Bool, Date, In, Int, Text, example

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
    amount: str


class Meal(BaseModel):
    slot: Slot
    recipe_id: str
    title: str
    servings: float
    locked: bool
    ingredients: list[Ingredient]
    steps: list[str]
    prep_minutes: int
    cook_minutes: int
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
            "ingredients": [{"food_id": "oats_rolled", "name": "Oats, rolled", "grams": 50.0, "amount": "50 g"}],
            "steps": ["Simmer the oats in the milk for five minutes.", "Slice the pear over it.", "Serve hot."],
            "prep_minutes": 10,
            "cook_minutes": 0,
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


MAX_SNACKS = 3
Slug = Annotated[Text, Field(min_length=1, max_length=80)]


class Place(In):
    """One dish of a day; `item` counts from 0 where a slot has several."""

    date: Date
    slot: Slot
    item: Annotated[Int, Field(ge=0, lt=MAX_SNACKS)] | None = None


class SwapDish(Place):
    """Which dish goes; without `recipe_id` the planner chooses what comes."""

    model_config = example(date="2026-03-02", slot="lunch")

    recipe_id: Slug | None = None


class LockDish(Place):
    """A locked dish survives every regeneration."""

    model_config = example(date="2026-03-02", slot="dinner", locked=True)

    locked: Bool = True


class Restore(In):
    model_config = example(date="2026-03-02", version=1)

    date: Date
    version: Annotated[Int, Field(ge=1, lt=2**31)]


class Version(Schema):
    """One version of a day's plan that was served, and in short what it held."""

    model_config = example(
        version=1, source="planner", titles=["Porridge with pear"], created_at="2026-03-01T08:00:03Z"
    )

    version: int
    source: Source
    titles: list[str]
    created_at: dt.datetime


class Versions(Schema):
    model_config = example(
        items=[{"version": 1, "source": "planner", "titles": [], "created_at": "2026-03-01T08:00:03Z"}],
        next_cursor=None,
    )

    items: list[Version]
    next_cursor: str | None = None


class ShoppingItem(BaseModel):
    food_id: str
    name: str
    grams: float
    amount: str
    perishable: bool


class Aisle(BaseModel):
    aisle: str
    items: list[ShoppingItem]


class ShoppingList(Schema):
    """Grams of each food by aisle; the totals equal the plans' ingredients exactly."""

    model_config = example(
        aisles=[
            {
                "aisle": "produce",
                "items": [{"food_id": "pear", "name": "Pear", "grams": 450.0, "amount": "3 pears", "perishable": True}],
            }
        ]
    )

    aisles: list[Aisle]


class Food(Schema):
    """A food of the catalogue; figures per 100 g, null where unknown."""

    model_config = example(
        food_id="apple",
        name="Apple",
        fdc_id=171688,
        category="fruit",
        aisle="produce",
        per_100g={"kcal": 52.0, "protein": 0.26, "carbs": 13.81, "fat": 0.17, "fibre": 2.4},
        allergens=[],
        diets=["vegan"],
    )

    food_id: str
    name: str
    fdc_id: int | None
    category: str
    aisle: str
    per_100g: Nutrition
    allergens: list[str]
    diets: list[str]


class Foods(Schema):
    model_config = example(items=[], next_cursor="apple")

    items: list[Food]
    next_cursor: str | None


class Recipe(Schema):
    """A recipe; ingredients and nutrition are those of one serving."""

    model_config = example(
        recipe_id="porridge_with_pear",
        title="Porridge with pear",
        slots=["breakfast"],
        cuisine="british",
        ingredients=[{"food_id": "oats_rolled", "name": "Oats, rolled", "grams": 50.0, "amount": "50 g"}],
        steps=["Simmer the oats in the milk for five minutes."],
        prep_minutes=10,
        cook_minutes=5,
        allergens=["gluten", "milk"],
        diets=["vegetarian"],
        nutrition={"kcal": 410, "protein": 16, "carbs": 66, "fat": 9, "fibre": 9},
    )

    recipe_id: str
    title: str
    slots: list[Slot]
    cuisine: str
    ingredients: list[Ingredient]
    steps: list[str]
    prep_minutes: int
    cook_minutes: int
    allergens: list[str]
    diets: list[str]
    nutrition: Nutrition


class Recipes(Schema):
    model_config = example(items=[], next_cursor="porridge_with_pear")

    items: list[Recipe]
    next_cursor: str | None
