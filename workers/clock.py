"""What has to happen without being asked: send again what nobody took, end what is overdue.

Invariant: everything here may run in several processes at once; each row is moved by conditional updates only.
"""

import contextlib
import datetime as dt
import logging
import threading

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from ai import documents, queue, services
from ai.models import ACTIVE, JobStatus, PlanJob
from config import cache_trust
from config.broker import nudge
from users import audit, export, feed_log, letters, sessions
from users.models import User
from workers import idempotency
from workers.middleware import sign_of_life

BATCH = 200
TEND_EVERY = dt.timedelta(minutes=1)
LAST_TENDING = dt.timedelta(seconds=5)  # may take as long when we are told to end

log = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Tick until told to stop; every tick that was done leaves a sign of life."""
    tending = threading.Thread(target=tend, args=(stop,), daemon=True)
    tending.start()
    while not stop.is_set():
        try:
            tick()
            sign_of_life("clock")
        except DatabaseFailure as error:
            log.warning("tick missed: %s", type(error).__name__)
        finally:
            close_old_connections()
        stop.wait(settings.CLOCK_INTERVAL.total_seconds())
    connection.close()
    tending.join(LAST_TENDING.total_seconds())
    connection.close_pool()  # type: ignore[attr-defined]  # else its threads are waited for, in vain, for 5 s


def tend(stop: threading.Event) -> None:
    """Remove what is out of date and move documents until told to stop, in a thread of its own.

    None of it is urgent, and a store that is down holds nobody up.
    """
    while not stop.wait(TEND_EVERY.total_seconds()):
        try:
            for kind in (letters, export, sessions, feed_log, idempotency, audit):
                kind.prune()
            documents.tend(timezone.now())
        except (DatabaseFailure, documents.StoreDown) as error:
            log.warning("documents not tended: %s", type(error.__cause__ or error).__name__)
        finally:
            connection.close()


def tick() -> None:
    expire_overdue()
    send_again()
    cache_trust.pay()
    letters.send_again()
    export.send_again()


@transaction.atomic
def send_again() -> int:
    """Nudge the workers for jobs that are due and were not taken, or whose worker went silent; return how many.

    Each is noted as sent in the same statement's lock, so of several clocks one sends it.
    """
    unsent = Q(dispatched_at__isnull=True) | Q(dispatched_at__lte=Now() - settings.JOB_RESEND)
    forgotten = Q(status=JobStatus.QUEUED, run_after__lte=Now()) & (unsent | Q(dispatched_at__lt=F("run_after")))
    silent = Q(status=JobStatus.RUNNING, lease_until__lt=Now()) & (unsent | Q(dispatched_at__lt=F("lease_until")))
    due = list(
        PlanJob.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(forgotten | silent, attempts__lt=F("max_attempts"))
        .order_by("created_at")
        .values_list("pk", flat=True)[:BATCH]
    )
    PlanJob.objects.filter(pk__in=due).update(dispatched_at=Now())
    for job_id in due:
        nudge(services.ACTOR, job_id)
    return len(due)


def expire_overdue() -> int:
    """Fail jobs that are past their deadline, or whose last attempt went silent; return how many were looked at."""
    spent = Q(status=JobStatus.RUNNING, lease_until__lt=Now(), attempts__gte=F("max_attempts"))
    late = Q(status__in=ACTIVE, deadline_at__lt=Now())
    overdue = list(PlanJob.objects.filter(spent | late).order_by("deadline_at")[:BATCH])
    for job in overdue:
        with contextlib.suppress(User.DoesNotExist, queue.LeaseLost):  # erased or ended since
            queue.expire(job)
    return len(overdue)
