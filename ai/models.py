"""Plan jobs, which are the queue, the books of what models cost, and what is kept of the talk with them.

Invariant: a job moves queued → running → succeeded | failed | cancelled, back to queued only between attempts, and out
of running only by the worker that holds its lease token (or by the clock, once the lease has run out).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from config import history


class PlanKind(models.TextChoices):
    MEAL = "meal"
    WORKOUT = "workout"
    BOTH = "both"


class JobStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


class PlanJob(models.Model):
    """A request for a plan, from acceptance to its one terminal state."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plan_jobs")
    kind = models.CharField(max_length=8, choices=PlanKind)
    start_date = models.DateField()
    days = models.PositiveSmallIntegerField()
    overrides = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - null: none was given
    params_hash = models.CharField(max_length=64)

    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    stage = models.CharField(max_length=30, default="queued")
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField()
    run_after = models.DateTimeField()
    turn = models.DateTimeField(db_default=Now(), help_text="of the jobs that wait, the lowest is begun first")
    deadline_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)

    source = models.CharField(max_length=12, blank=True, null=True)  # noqa: DJ001 - the contract says null
    fallback_reason = models.CharField(max_length=20, blank=True, null=True)  # noqa: DJ001
    error = models.JSONField(null=True, blank=True)
    explanation = models.JSONField(null=True, blank=True, help_text="how the plan came about, for its owner")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "plan_jobs"
        constraints = [
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="plan_jobs_user_idempotency_key"),
            models.UniqueConstraint(
                fields=["user", "kind", "start_date", "days"],
                condition=Q(status__in=ACTIVE),
                name="plan_jobs_one_active",
            ),
        ]
        indexes = [
            models.Index(fields=["run_after"], condition=Q(status="queued"), name="plan_jobs_queued"),
            models.Index(fields=["turn"], condition=Q(status="queued"), name="plan_jobs_turns"),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="plan_jobs_leased"),
            models.Index(fields=["user", "-created_at"], name="plan_jobs_of_user"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"


class AICall(models.Model):
    """One provider's part in one plan: what it cost and how it came out, never what was said."""

    job = models.ForeignKey(PlanJob, on_delete=models.CASCADE, related_name="calls")
    provider = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    schema_mode = models.CharField(max_length=12, blank=True)
    prompt_version = models.CharField(max_length=20, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was sent")
    outcome = models.CharField(max_length=20, help_text="ok, timeout, unavailable, invalid, budget, off, open, stopped")
    detail = models.CharField(max_length=200, blank=True)
    latency_ms = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=1)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    kept_ratio = models.FloatField(null=True, blank=True, help_text="share of the model's picks that were served")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "ai_calls"
        verbose_name = "AI call"

    def __str__(self) -> str:
        return f"call {self.pk} of {self.job_id}"


class AISpending(models.Model):
    """What one person, or everybody (no person), has spent on models in a UTC day, calls in flight included."""

    day = models.DateField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    calls = models.PositiveIntegerField(default=0)
    usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)

    class Meta:
        db_table = "ai_spending"
        verbose_name = "AI spending"
        verbose_name_plural = "AI spending"
        constraints = [
            models.UniqueConstraint(fields=["day", "user"], nulls_distinct=False, name="ai_spending_day_user"),
        ]

    def __str__(self) -> str:
        return f"{self.day} of {self.user_id or 'all'}"


class ProviderSwitch(models.Model):
    """Staff's switch for a provider of AI_PROVIDERS; one without a row is on."""

    name = models.CharField(max_length=40, primary_key=True)
    is_on = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    changes = history.Changes("ai_provider_switch_changes", excluded_fields=["updated_at"])

    class Meta:
        db_table = "ai_provider_switches"
        verbose_name = "provider switch"
        verbose_name_plural = "provider switches"

    def __str__(self) -> str:
        return f"{self.name}: {'on' if self.is_on else 'off'}"


class DocumentKind(models.TextChoices):
    EXCHANGE = "exchange"
    EDIT = "edit"


class Document(models.Model):
    """A raw exchange with a model, or an edit of a plan; with DOCUMENT_STORE=mongodb it only waits here to be moved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="documents", db_index=False
    )
    job_id = models.UUIDField(null=True, help_text="of an exchange; it may outlive its job")
    kind = models.CharField(max_length=10, choices=DocumentKind)
    at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        db_table = "ai_documents"
        indexes = [
            models.Index(fields=["user", "at"], name="ai_documents_user"),
            models.Index(fields=["at"], name="ai_documents_at"),
        ]

    def __str__(self) -> str:
        return f"document {self.pk}"


class DocumentSweep(models.Model):
    """That all documents of a person, who is gone or withdrew their consent, were removed. A number, nothing else."""

    user_id = models.BigIntegerField(primary_key=True)
    swept_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "ai_document_sweeps"

    def __str__(self) -> str:
        return f"sweep {self.pk}"
