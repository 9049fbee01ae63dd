"""Progress logs for staff.

Invariant: staff read them, which is noted; only the person writes them.
"""

from django.contrib import admin

from progress.models import ProgressLog
from users.audit import HealthPage


@admin.register(ProgressLog)
class ProgressLogPage(HealthPage):
    list_display = ("user", "date", "complete", "updated_at")
    list_select_related = ("user",)
    list_filter = ("complete",)
    search_fields = ("user__email",)
    date_hierarchy = "date"
