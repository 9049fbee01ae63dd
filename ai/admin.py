"""Jobs, calls to models, what they cost, and their switches for staff.

Invariant: staff move a job only the way its owner could: cancel it (`workers.admin` asks again for one that
failed). The books are read only; a provider is switched, never added or deleted, for AI_PROVIDERS says which there are.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ai import breaker, budget, selectors, services
from ai.models import AICall, AISpending, Document, PlanJob, ProviderSwitch
from config.admin import ChangesPage, ReadOnlyPage
from users.audit import HealthPage


@admin.register(PlanJob)
class PlanJobPage(HealthPage):
    list_display = ("id", "user", "kind", "start_date", "days", "status", "stage", "attempts", "source", "created_at")
    list_select_related = ("user",)
    list_filter = ("status", "kind", "source", "fallback_reason")
    search_fields = ("id", "user__email")
    date_hierarchy = "created_at"
    actions = ("cancel",)
    exclude = ("lease_token",)
    health_fields = ("overrides", "explanation", "error")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.exclude, *super().get_exclude(request, obj))

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ai.change_planjob")

    @admin.action(description="Cancel the selected jobs", permissions=["steer"])
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
        "attempts",
        "kept_ratio",
        "prompt_tokens",
        "completion_tokens",
        "usd",
        "detail",
    )
    list_select_related = ("job",)
    list_filter = ("outcome", "provider", "model", "schema_mode", "prompt_version")
    date_hierarchy = "created_at"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Head the list with today's figures."""
        return super().changelist_view(request, {"subtitle": today_in_words(), **(extra_context or {})})


def today_in_words() -> str:
    """Return what models cost and did since midnight in UTC, and how long plans waited for them."""
    now = timezone.now()
    spent = f"Today (UTC): {budget.spent(now):.2f} of {settings.AI_USD_FOR_ALL:.2f} USD"
    return " — ".join([spent, *(_provider_in_words(day) for day in selectors.provider_days(now))])


def _provider_in_words(day: selectors.ProviderDay) -> str:
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(day.outcomes.items()))
    return f"{day.provider}: {outcomes}; p50 {day.p50:.1f} s, p95 {day.p95:.1f} s; {day.usd:.2f} USD"


@admin.register(AISpending)
class AISpendingPage(ReadOnlyPage):
    list_display = ("day", "whose", "calls", "usd", "cap")
    list_select_related = ("user",)
    list_filter = (("user", admin.EmptyFieldListFilter),)  # empty: the totals of the days
    search_fields = ("user__email",)
    date_hierarchy = "day"
    ordering = ("-day", "-usd")

    @admin.display(description="whose", ordering="user")
    def whose(self, row: AISpending) -> str:
        return row.user.email if row.user else "everybody"

    @admin.display(description="cap (USD)")
    def cap(self, row: AISpending) -> str:
        return f"{settings.AI_USD_PER_USER if row.user_id else settings.AI_USD_FOR_ALL:.2f}"


@admin.register(Document)
class DocumentPage(HealthPage):
    """Raw exchanges with models, and edits of plans; those that MongoDB keeps are shown by `show_documents`."""

    list_display = ("user", "kind", "at", "job_id")
    list_select_related = ("user",)
    list_filter = ("kind",)
    search_fields = ("user__email", "=job_id")
    date_hierarchy = "at"


@admin.register(ProviderSwitch)
class ProviderSwitchPage(ChangesPage):
    """One row for each provider of AI_PROVIDERS, made when somebody looks."""

    list_display = ("name", "is_on", "breaker", "reason", "updated_at")
    readonly_fields = ("name", "updated_at")
    search_fields = ("name",)

    @admin.display(description="breaker")
    def breaker(self, row: ProviderSwitch) -> str:
        return breaker.state(row.name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderSwitch]:
        """Return the switches of the providers that there are, and of those that there were."""
        ProviderSwitch.objects.bulk_create(
            [ProviderSwitch(name=provider.name) for provider in settings.AI_PROVIDERS], ignore_conflicts=True
        )
        found: QuerySet[ProviderSwitch] = super().get_queryset(request)
        return found
