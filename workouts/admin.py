"""The exercise catalogue, workout plans and performed sets for staff.

Invariant: an exercise is retired, not deleted, so that old plans stay readable. A plan changes only as its owner could
change it: by a swap that the planner makes and the judge passes.
"""

import secrets
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from config import errors
from config.admin import CataloguePage
from users.audit import HealthPage, PlanPage
from workouts import services
from workouts.models import Exercise, PerformedSet, WorkoutPlan, WorkoutPlanVersion

REASONS = ("equipment", "pain", "dislike")


@admin.register(Exercise)
class ExercisePage(CataloguePage):
    list_display = ("slug", "name", "pattern", "primary", "equipment", "level", "retired")
    list_filter = ("retired", "pattern", "level")
    search_fields = ("slug", "name")


class SwapExercise(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Another exercise for the same muscles in the place of one."""

    exercise = forms.ChoiceField(label="Take out")
    reason = forms.ChoiceField(choices=[("", "—"), *((each, each) for each in REASONS)], required=False)
    to = forms.ModelChoiceField(
        Exercise.objects.filter(retired=False).order_by("name"),
        required=False,
        label="Put in",
        empty_label="whatever fits best",
    )

    class Meta:
        model = WorkoutPlan
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = [(item["exercise_id"], item["name"]) for item in self.instance.exercises]
        self.fields["exercise"].choices = [("", "—"), *items]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Swap: whether that can be done only the planner knows."""
        cleaned: dict[str, Any] = self.cleaned_data
        if "exercise" not in cleaned:
            return cleaned
        to, plan = cleaned.get("to"), self.instance
        try:
            services.swap_exercise(
                user=plan.user,
                date=plan.date,
                exercise_id=cleaned["exercise"],
                reason=cleaned.get("reason") or None,
                to=to.pk if to else None,
                seed=secrets.randbits(53),
            )
        except errors.AppError as refusal:
            raise ValidationError(str(refusal)) from None
        return cleaned


@admin.register(WorkoutPlan)
class WorkoutPlanPage(PlanPage):
    form, change_title, change_fields = SwapExercise, "Another exercise", ("exercise", "reason", "to")
    list_display = ("user", "date", "rest_day", "version", "source", "updated_at")
    list_filter = ("source", "rest_day")


@admin.register(WorkoutPlanVersion)
class WorkoutPlanVersionPage(HealthPage):
    list_display = ("user", "date", "rest_day", "version", "source", "updated_at")
    list_select_related = ("user",)
    list_filter = ("source", "rest_day")
    search_fields = ("user__email",)
    date_hierarchy = "date"


@admin.register(PerformedSet)
class PerformedSetPage(HealthPage):
    list_display = ("user", "date", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    date_hierarchy = "date"
