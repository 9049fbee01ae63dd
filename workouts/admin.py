"""The exercise catalogue and workout plans for staff.

Invariant: an exercise is retired, not deleted, so that old plans stay readable.
"""

from django.contrib import admin

from config.admin import CataloguePage, ReadOnlyPage
from workouts.models import Exercise, WorkoutPlan, WorkoutPlanVersion


@admin.register(Exercise)
class ExercisePage(CataloguePage):
    list_display = ("slug", "name", "pattern", "primary", "equipment", "level", "retired")
    list_filter = ("retired", "pattern", "level")
    search_fields = ("slug", "name")


@admin.register(WorkoutPlan, WorkoutPlanVersion)
class WorkoutPlanPage(ReadOnlyPage):
    list_display = ("user", "date", "title", "rest_day", "version", "source", "updated_at")
    list_select_related = ("user",)
    list_filter = ("source", "rest_day")
    search_fields = ("user__email",)
    date_hierarchy = "date"
