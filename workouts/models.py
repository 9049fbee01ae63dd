"""The exercise catalogue and people's workout plans.

Invariant: one plan a person and date, rest days included; every version that was ever served is kept, and none is
changed.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from config import history
from config.models import DayPlan, Shipped


def _words() -> Any:
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)


class Exercise(Shipped):
    """One movement: what it trains, what it needs, and whom it would hurt."""

    name = models.CharField(max_length=120)
    pattern = models.CharField(max_length=20)
    primary = _words()
    secondary = _words()
    equipment = _words()
    level = models.CharField(max_length=12)
    contraindications = _words()
    unilateral = models.BooleanField(default=False)
    compound = models.BooleanField(default=False)
    mode = models.CharField(max_length=4, help_text="reps or time")
    rep_range = models.JSONField(help_text="[low, high] in repetitions, or in seconds when the mode is time")
    load_kind = models.CharField(max_length=10)
    met = models.FloatField(help_text="metabolic equivalents")
    met_source = models.CharField(max_length=200, blank=True)
    cues = models.JSONField(default=list)
    progression = models.CharField(max_length=80, blank=True, null=True)  # noqa: DJ001 - null: there is none
    regression = models.CharField(max_length=80, blank=True, null=True)  # noqa: DJ001
    changes = history.Changes("exercise_changes", excluded_fields=["shipped_hash", "updated_at"])

    class Meta:
        db_table = "exercises"
        ordering = ("slug",)

    def clean(self) -> None:
        """Refuse a range that the planner could not prescribe from."""
        match self.rep_range:
            case [int(low), int(high)] if 0 < low <= high:
                return
        raise ValidationError({"rep_range": "must be [low, high], both whole numbers above 0"})


class WorkoutDay(DayPlan):
    """One date's session. `exercises` is what clients read, and what the planner reads back."""

    title = models.CharField(max_length=120)
    rest_day = models.BooleanField(default=False)
    exercises = models.JSONField(default=list)
    estimated_minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class WorkoutPlan(WorkoutDay):
    class Meta:
        db_table = "workout_plans"
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="workout_plans_user_date")]


class WorkoutPlanVersion(WorkoutDay):
    class Meta:
        db_table = "workout_plan_versions"
        constraints = [
            models.UniqueConstraint(fields=["user", "date", "version"], name="workout_plan_versions_user_date_version")
        ]


class PerformedSet(models.Model):
    """One working set as it was done: what progression is made from."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="performed_sets")
    date = models.DateField()
    exercise_id = models.CharField(max_length=80)
    reps = models.PositiveSmallIntegerField(help_text="repetitions, or seconds for a timed exercise")
    load = models.FloatField(default=0, help_text="kg; 0 for body weight")
    rir = models.FloatField(null=True, blank=True)
    pain = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "performed_sets"
        indexes = [models.Index(fields=["user", "date"], name="performed_sets_user_date")]

    def __str__(self) -> str:
        return f"set of user {self.user_id} on {self.date}"
