"""The food catalogue and people's meal plans.

Invariant: one plan a person and date; every version that was ever served is kept, and none is changed.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from config import history
from config.models import DayPlan, Shipped
from mealplans.planner import NUTRIENTS, SLOTS

MACROS = ("kcal", "protein", "carbs", "fat")


def _words() -> Any:
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)


class Food(Shipped):
    """What dishes are made of. Figures are per 100 g; null means unknown, never none."""

    name = models.CharField(max_length=120)
    fdc_id = models.PositiveIntegerField(null=True, blank=True, help_text="USDA FoodData Central")
    category = models.CharField(max_length=30)
    aisle = models.CharField(max_length=30)
    per_100g = models.JSONField(help_text="kcal; protein, carbs, fat, fibre, sugar, sat_fat in g; sodium in mg")
    allergens = _words()
    diets = _words()
    kosher_class = models.CharField(max_length=8, blank=True, null=True)  # noqa: DJ001 - null: not kosher
    cost = models.PositiveSmallIntegerField(default=2, help_text="1 is cheap, 3 is dear")
    perishable = models.BooleanField(default=False)
    unit = models.JSONField(null=True, blank=True, help_text='{"name": "egg", "grams": 50, "step": 1}; null: weighed')
    density = models.FloatField(null=True, blank=True, help_text="g per ml")
    changes = history.Changes("food_changes", excluded_fields=["shipped_hash", "updated_at"])

    class Meta:
        db_table = "foods"
        ordering = ("slug",)

    def clean(self) -> None:
        """Refuse figures that the planner could not reckon with."""
        figures = self.per_100g if isinstance(self.per_100g, dict) else {}
        wrong = [name for name in NUTRIENTS if name not in figures or not _is_figure(figures[name], name)]
        if wrong:
            raise ValidationError({"per_100g": f"needs a number (null where unknown) for: {', '.join(wrong)}"})


class Recipe(Shipped):
    """A dish. Its nutrients, allergens and diets are derived from its ingredients, never stored."""

    title = models.CharField(max_length=120)
    slots = _words()
    cuisine = models.CharField(max_length=40)
    servings = models.PositiveSmallIntegerField()
    prep_minutes = models.PositiveSmallIntegerField()
    cook_minutes = models.PositiveSmallIntegerField()
    ingredients = models.JSONField(help_text='[{"food": slug, "grams": for all servings}]')
    steps = models.JSONField()
    tags = _words()
    changes = history.Changes("recipe_changes", excluded_fields=["shipped_hash", "updated_at"])

    class Meta:
        db_table = "recipes"
        ordering = ("slug",)

    def clean(self) -> None:
        """Refuse what the planner could not cook."""
        if not self.servings:
            raise ValidationError({"servings": "must be at least 1"})
        if not set(self.slots) <= set(SLOTS):
            raise ValidationError({"slots": f"are of: {', '.join(SLOTS)}"})
        parts = self.ingredients if isinstance(self.ingredients, list) else []
        if not parts or not all(_is_part(part) for part in parts):
            raise ValidationError({"ingredients": 'must be a list of {"food": slug, "grams": more than 0}'})
        named = {part["food"] for part in parts}
        if unknown := named - set(Food.objects.filter(slug__in=named).values_list("slug", flat=True)):
            raise ValidationError({"ingredients": f"names unknown foods: {', '.join(sorted(unknown))}"})


def _is_figure(value: object, name: str) -> bool:
    if value is None:
        return name not in MACROS
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_part(part: object) -> bool:
    return (
        isinstance(part, dict)
        and isinstance(part.get("food"), str)
        and isinstance(part.get("grams"), int | float)
        and part["grams"] > 0
    )


class MealDay(DayPlan):
    """The owner's four texts, and the same day as data. The texts are made from the data."""

    breakfast = models.TextField(blank=True)
    lunch = models.TextField(blank=True)
    dinner = models.TextField(blank=True)
    snacks = models.TextField(blank=True)
    meals = models.JSONField(default=list, help_text="what clients read, and the planner reads back")
    totals = models.JSONField(default=dict)
    targets = models.JSONField(default=dict)

    class Meta:
        abstract = True


class MealPlan(MealDay):
    class Meta:
        db_table = "meal_plans"
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="meal_plans_user_date")]


class MealPlanVersion(MealDay):
    class Meta:
        db_table = "meal_plan_versions"
        constraints = [
            models.UniqueConstraint(fields=["user", "date", "version"], name="meal_plan_versions_user_date_version")
        ]
