"""Meal plans as clients read them.

Invariant: the one definition of the answer's shape; what is stored as finished bytes has passed it.
"""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from config.schemas import Bool, Date, In, Int, Text, example
from mealplans import examples
from mealplans.certificate_schemas import MealCertificate

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


class MealTargets(BaseModel):
    """A day's targets as the plan was made for them; kcal, g, and mg of sodium."""

    kcal: int
    protein: int
    carbs: int
    fat: int
    fibre: int
    sodium: int
    sat_fat: int


class MealPlan(BaseModel):
    """One day's meals."""

    model_config = example(**examples.PLAN)

    id: int
    date: dt.date
    breakfast: str
    lunch: str
    dinner: str
    snacks: str
    meals: list[Meal]
    totals: Nutrition
    targets: MealTargets
    certificate: MealCertificate
    source: Source
    fallback_reason: FallbackReason | None
    model: str | None
    job_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class MealPlans(Schema):
    """A range of days, oldest first; days without a plan are left out."""

    model_config = example(items=[examples.PLAN], next_cursor=None)

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

    model_config = example(**examples.FOOD)

    food_id: str
    name: str
    fdc_id: int | None
    category: str
    aisle: str
    per_100g: Nutrition
    allergens: list[str]
    diets: list[str]


class Foods(Schema):
    model_config = example(items=[examples.FOOD], next_cursor="apple")

    items: list[Food]
    next_cursor: str | None


class Recipe(Schema):
    """A recipe; ingredients and nutrition are those of one serving."""

    model_config = example(**examples.RECIPE)

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
    model_config = example(items=[examples.RECIPE], next_cursor="porridge_with_pear")

    items: list[Recipe]
    next_cursor: str | None
