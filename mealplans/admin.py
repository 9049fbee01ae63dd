"""The food catalogue and meal plans for staff.

Invariant: a recipe is retired, not deleted, so that old plans stay readable. A plan changes only as its owner could
change it: by a swap that the planner makes and the judge passes, or by bringing an earlier version back.
"""

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from config import errors
from config.admin import CataloguePage
from mealplans import services
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe
from users.audit import HealthPage, PlanPage


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


class SwapDish(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Another dish in the place of one."""

    dish = forms.ChoiceField(label="Take out")
    recipe = forms.ModelChoiceField(
        Recipe.objects.filter(retired=False).order_by("title"),
        required=False,
        label="Put in",
        empty_label="whatever keeps the day on target",
    )

    class Meta:
        model = MealPlan
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = _places(self.instance)
        dishes = [(str(at), f"{slot}: {title}") for at, (slot, _, title) in enumerate(self.places)]
        self.fields["dish"].choices = [("", "—"), *dishes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Swap: whether that can be done only the planner knows."""
        cleaned: dict[str, Any] = self.cleaned_data
        if "dish" not in cleaned:
            return cleaned
        slot, item, _ = self.places[int(cleaned["dish"])]
        recipe, plan = cleaned.get("recipe"), self.instance
        try:
            services.swap_dish(
                user=plan.user,
                date=plan.date,
                slot=slot,
                item=item,
                recipe_id=recipe.pk if recipe else None,
                seed=secrets.randbits(53),
            )
        except errors.AppError as refusal:
            raise ValidationError(str(refusal)) from None
        return cleaned


def _places(plan: MealPlan) -> list[tuple[str, int, str]]:
    """Return slot, number within the slot, and title of each dish of the day."""
    slots = [meal["slot"] for meal in plan.meals]
    return [(meal["slot"], slots[:at].count(meal["slot"]), meal["title"]) for at, meal in enumerate(plan.meals)]


@admin.register(MealPlan)
class MealPlanPage(PlanPage):
    form, change_title, change_fields = SwapDish, "Another dish", ("dish", "recipe")
    list_display = ("user", "date", "version", "source", "fallback_reason", "updated_at")
    list_filter = ("source", "fallback_reason")


@admin.register(MealPlanVersion)
class MealPlanVersionPage(HealthPage):
    list_display = ("user", "date", "version", "source", "fallback_reason", "updated_at")
    list_select_related = ("user",)
    list_filter = ("source", "fallback_reason")
    search_fields = ("user__email",)
    date_hierarchy = "date"
    actions = ("bring_back",)

    def has_plan_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mealplans.change_mealplan")

    @admin.action(description="Bring the selected versions back", permissions=["plan"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[MealPlanVersion]) -> None:
        for version in queryset.select_related("user"):
            try:
                services.restore_version(user=version.user, date=version.date, version=version.version)
            except errors.AppError as refusal:
                messages.error(request, f"{version}: {refusal}")
            else:
                self.log_change(request, version, "Brought back.")
