"""A worker that is told to go ends its jobs, and gives back those that take too long.

Invariant: a job that was given back is queued, due at once, and has not spent an attempt; what the thread that had it
still does is thrown away, as with any lease that was lost.
"""

import contextlib
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import dramatiq
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from ai import services
from ai.models import JobStatus, PlanJob
from config.broker import nudge

log = logging.getLogger(__name__)

_held: set[uuid.UUID] = set()  # by the threads of this process; a set's own methods need no lock


@contextlib.contextmanager
def holding(job_id: uuid.UUID) -> Iterator[None]:
    """Note that a thread of this process has the job."""
    _held.add(job_id)
    try:
        yield
    finally:
        _held.discard(job_id)


class HandBack(dramatiq.Middleware):
    """Gives back what the threads have not ended within `--worker-shutdown-timeout`.

    By then this worker takes no messages any more: it is another one that is asked.
    """

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: Any) -> None:
        try:
            for job_id in tuple(_held):
                hand_back(job_id)
        except DatabaseFailure as error:  # the leases run out, and the clock finds the jobs
            log.warning("jobs not handed back: %s", type(error).__name__)
        finally:
            connection.close()


@transaction.atomic
def hand_back(job_id: uuid.UUID) -> bool:
    """Put a running job back into the queue, and ask for another worker; say whether it was running.

    Should its lease have run out and another worker have it by now, that one loses its attempt, and nothing else.
    """
    running = PlanJob.objects.filter(pk=job_id, status=JobStatus.RUNNING)
    given = running.update(
        status=JobStatus.QUEUED,
        attempts=F("attempts") - 1,
        lease_token=None,
        lease_until=None,
        run_after=Now(),
        dispatched_at=Now(),
    )
    if given:
        log.info("job %s handed back", job_id)
        nudge(services.ACTOR, job_id)
    return bool(given)
