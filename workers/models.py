"""Answers that may be asked for again, and jobs that ended without a plan, for staff.

Invariant: an answer is stored in the transaction of what it answers for, so there is never one without the other.
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ai.models import PlanJob


class StoredAnswer(models.Model):
    """What a person was answered to a request with this Idempotency-Key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of path, query and body")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        db_table = "stored_answers"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="stored_answers_user_key")]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class DeadJob(PlanJob):
    """A job that failed, on a page of its own."""

    class Meta:
        proxy = True
        verbose_name = "failed job"
        verbose_name_plural = "failed jobs"
