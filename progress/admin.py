"""Progress logs for staff.

Invariant: staff read them; only the person writes them.
"""

from django.contrib import admin

from config.admin import ReadOnlyPage
from progress.models import ProgressLog


@admin.register(ProgressLog)
class ProgressLogPage(ReadOnlyPage):
    list_display = ("user", "date", "workouts_completed", "complete", "updated_at")
    list_select_related = ("user",)
    list_filter = ("complete",)
    search_fields = ("user__email",)
    date_hierarchy = "date"
