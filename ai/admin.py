"""Jobs and calls for staff.

Invariant: staff move a job only the way its owner or the clock could: cancel it, or put it back into the queue.
"""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ai import services
from ai.models import AICall, PlanJob
from config.admin import ReadOnlyPage


@admin.register(PlanJob)
class PlanJobPage(ReadOnlyPage):
    list_display = ("id", "user", "kind", "start_date", "days", "status", "stage", "attempts", "source", "created_at")
    list_select_related = ("user",)
    list_filter = ("status", "kind", "source", "fallback_reason")
    search_fields = ("id", "user__email")
    date_hierarchy = "created_at"
    actions = ("retry", "cancel")

    @admin.action(description="Put the selected jobs back into the queue")
    def retry(self, request: HttpRequest, queryset: QuerySet[PlanJob]) -> None:
        done = sum(services.retry_job(job) for job in queryset)
        messages.info(request, f"{done} of {len(queryset)} put back; only failed and cancelled jobs can be.")

    @admin.action(description="Cancel the selected jobs")
    def cancel(self, request: HttpRequest, queryset: QuerySet[PlanJob]) -> None:
        done = sum(_cancelled(job) for job in queryset)
        messages.info(request, f"{done} of {len(queryset)} cancelled; the others had ended.")


def _cancelled(job: PlanJob) -> bool:
    try:
        services.cancel_job(user_id=job.user_id, job_id=job.pk)
    except services.NotCancellable:
        return False
    return True


@admin.register(AICall)
class AICallPage(ReadOnlyPage):
    list_display = (
        "created_at",
        "job",
        "provider",
        "model",
        "outcome",
        "latency_ms",
        "kept_ratio",
        "completion_tokens",
    )
    list_select_related = ("job",)
    list_filter = ("outcome", "provider", "model")
    date_hierarchy = "created_at"
