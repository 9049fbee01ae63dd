"""Whose plan is made next, when more people wait than there are workers.

Invariant: a message says that there is work, and the rows say which: every job that is due has a message of its own, on
its way or in the queue, so as many are begun as there are; and none is begun by two.

Who waits in line where is `turn`, which was given with the order: docs/decisions/a-message-may-serve-another.md.
"""

import uuid

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from ai import queue, services
from ai.models import JobStatus, PlanJob
from config.broker import nudge


@transaction.atomic
def take(job_id: uuid.UUID | None = None) -> PlanJob | None:
    """Claim what is most urgent now that a message for `job_id` is here, or none can come; None: nothing waits.

    That is a job whose worker went silent, for its person has waited for a lease already, and else the one whose turn
    it is. The silent one has no message of its own yet, so the one that is here is sent again.
    """
    silent = _first(PlanJob.objects.filter(status=JobStatus.RUNNING, lease_until__lt=Now()), "lease_until")
    if silent and job_id and silent != job_id:
        nudge(services.ACTOR, job_id)
    chosen = silent or _first(PlanJob.objects.filter(status=JobStatus.QUEUED, run_after__lte=Now()), "turn")
    return queue.claim(chosen) if chosen else None


def _first(jobs: QuerySet[PlanJob], order: str) -> uuid.UUID | None:
    """Hold the first of them that nobody else holds."""
    free = jobs.filter(attempts__lt=F("max_attempts")).select_for_update(skip_locked=True, no_key=True)
    return free.order_by(order).values_list("pk", flat=True).first()
