"""Plan jobs, which are the queue, and the ledger of calls to models.

Invariant: a job moves queued → running → succeeded | failed | cancelled, back to queued only between attempts, and out
of running only by the worker that holds its lease token (or by the clock, once the lease has run out).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


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
    deadline_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)

    source = models.CharField(max_length=12, blank=True, null=True)  # noqa: DJ001 - the contract says null
    fallback_reason = models.CharField(max_length=20, blank=True, null=True)  # noqa: DJ001
    error = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
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
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="plan_jobs_leased"),
            models.Index(fields=["user", "-created_at"], name="plan_jobs_of_user"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"


class AICall(models.Model):
    """One exchange with a model: what it cost and how it came out, never what was said."""

    job = models.ForeignKey(PlanJob, on_delete=models.CASCADE, related_name="calls")
    provider = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    outcome = models.CharField(max_length=20, help_text="ok, timeout, unavailable, invalid")
    detail = models.CharField(max_length=200, blank=True)
    latency_ms = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=1)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    kept_ratio = models.FloatField(null=True, blank=True, help_text="share of the model's picks that were served")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "ai_calls"
        verbose_name = "AI call"

    def __str__(self) -> str:
        return f"call {self.pk} of {self.job_id}"
