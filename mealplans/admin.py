"""The food catalogue and meal plans for staff.

Invariant: a recipe is retired, not deleted, so that old plans stay readable.
"""

from django.contrib import admin

from config.admin import CataloguePage, ReadOnlyPage
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe


@admin.register(Food)
class FoodPage(CataloguePage):
    list_display = ("slug", "name", "category", "aisle", "allergens", "retired")
    list_filter = ("retired", "category", "aisle")
    search_fields = ("slug", "name")


@admin.register(Recipe)
class RecipePage(CataloguePage):
    list_display = ("slug", "title", "slots", "cuisine", "prep_minutes", "cook_minutes", "retired")
    list_filter = ("retired", "cuisine")
    search_fields = ("slug", "title")


@admin.register(MealPlan, MealPlanVersion)
class MealPlanPage(ReadOnlyPage):
    list_display = ("user", "date", "version", "source", "fallback_reason", "updated_at")
    list_select_related = ("user",)
    list_filter = ("source", "fallback_reason")
    search_fields = ("user__email",)
    date_hierarchy = "date"
