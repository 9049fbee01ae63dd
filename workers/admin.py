"""Jobs that ended without a plan, for staff: why, and once more.

Invariant: a job has one end. What is asked for once more is a new job, accepted as its owner's own request would be,
with a `plan.queued` and an end of its own.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ai import services
from ai.admin import PlanJobPage
from ai.models import JobStatus
from config import errors
from workers.models import DeadJob


@admin.register(DeadJob)
class DeadJobPage(PlanJobPage):
    """Who may see or steer jobs may so here. The reason in words speaks of diets and injuries: the row shows it."""

    # The base's tuples have another length, which is part of their type.
    list_display = (  # type: ignore[assignment]
        *("id", "user", "kind", "start_date", "days"),
        *("code", "attempts", "finished_at"),
    )
    list_filter = ("kind", "attempts")  # type: ignore[assignment]
    date_hierarchy = "finished_at"
    ordering = ("-finished_at",)
    actions = ("ask_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeadJob]:
        return super().get_queryset(request).filter(status=JobStatus.FAILED)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("ai.view_planjob")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="code", ordering="error__code")
    def code(self, job: DeadJob) -> str:
        return str((job.error or {}).get("code", ""))

    @admin.action(description="Ask for the selected plans again, as new jobs", permissions=["steer"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[DeadJob]) -> None:
        refusals = [refusal for job in queryset if (refusal := _refusal(job))]
        messages.info(request, f"{len(queryset) - len(refusals)} of {len(queryset)} asked for again.")
        for refusal in refusals:
            messages.warning(request, refusal)


def _refusal(job: DeadJob) -> str:
    """Ask for a job's plan again; return why that was refused, if it was."""
    params: dict[str, Any] = {"kind": job.kind, "start_date": job.start_date, "days": job.days, **job.overrides}
    try:
        services.request_plan(user=job.user, params=params, seed=job.seed, idempotency_key=None)
    except errors.AppError as refusal:
        return f"{job.pk}: {refusal}"
    return ""
