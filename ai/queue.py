"""The state machine of a plan job: claim, keep, report, release, finish.

Invariant: only the holder of the lease token changes a running job; a terminal state is reached once, together with
its one event. Every transaction that needs both takes the person's row first and the job's second.

Times are the database's, so that the clocks of several machines need not agree.
"""

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from ai.events import PlanCancelled, PlanFailed, PlanProgress, PlanReady
from ai.models import ACTIVE, JobStatus, PlanJob
from users import events
from users.models import User

RETRY_BASE = dt.timedelta(seconds=2)

log = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - an outcome
    """The person does not want the plan any more."""


class LeaseLost(Exception):  # noqa: N818 - an outcome
    """Somebody else has taken the job over; whatever this worker made is to be thrown away."""


def claim(job_id: uuid.UUID) -> PlanJob | None:
    """Take a job that is due, or whose worker went silent; None when there is nothing to do."""
    due = Q(status=JobStatus.QUEUED, run_after__lte=Now()) | Q(status=JobStatus.RUNNING, lease_until__lt=Now())
    token = uuid.uuid4()
    taken = PlanJob.objects.filter(due, pk=job_id, attempts__lt=F("max_attempts")).update(
        status=JobStatus.RUNNING,
        attempts=F("attempts") + 1,
        lease_token=token,
        lease_until=Now() + settings.JOB_LEASE,
        started_at=Now(),
    )
    return PlanJob.objects.select_related("user").get(pk=job_id) if taken else None


@dataclass(slots=True)
class Lease:
    """A worker's hold on a job. As a context it sends heartbeats from a thread of its own."""

    job: PlanJob
    cancelled: threading.Event
    lost: threading.Event
    _stop: threading.Event
    reached: int = 0  # percent, by an earlier attempt too: it never goes back
    _thread: threading.Thread | None = None

    @classmethod
    def of(cls, job: PlanJob) -> "Lease":
        return cls(job, threading.Event(), threading.Event(), threading.Event(), job.percent)

    def __enter__(self) -> "Lease":
        self._thread = threading.Thread(target=self._keep, name=f"lease-{self.job.pk}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=5)

    def should_stop(self) -> bool:
        return self.cancelled.is_set() or self.lost.is_set()

    def report(self, stage: str, percent: int) -> None:
        """Say how far the job is.

        :raises Cancelled: when the person asked for that.
        :raises LeaseLost: when the job is no longer ours.
        """
        with transaction.atomic():
            self._lock_person()
            percent = max(percent, self.reached)
            _require(self._mine().update(stage=stage, percent=percent, lease_until=Now() + settings.JOB_LEASE))
            events.record(self.job.user_id, PlanProgress(str(self.job.pk), stage, percent))
            self.reached = percent
        if self._mine().filter(cancel_requested=True).exists():
            raise Cancelled

    def succeed(self, save: Callable[[], list[dt.date]], *, source: str, fallback_reason: str | None) -> None:
        """Store the plan and finish the job in one transaction.

        :raises LeaseLost: when the job is no longer ours; nothing is stored then.
        """
        with transaction.atomic():
            self._lock_person()
            _require(
                self._mine()
                .filter(cancel_requested=False)
                .update(
                    **_terminal(JobStatus.SUCCEEDED),
                    stage="done",
                    percent=100,
                    source=source,
                    fallback_reason=fallback_reason,
                )
            )
            dates = [date.isoformat() for date in save()]
            events.record(self.job.user_id, PlanReady(str(self.job.pk), self.job.kind, dates, source))

    def fail(self, code: str, detail: str, **more: Any) -> None:
        """Finish without a plan; `more` joins the job's `error`."""
        with transaction.atomic():
            self._lock_person()
            _fail(self._mine(), self.job, code, detail, more)

    def cancel(self) -> None:
        with transaction.atomic():
            self._lock_person()
            _require(self._mine().update(**_terminal(JobStatus.CANCELLED)))
            events.record(self.job.user_id, PlanCancelled(str(self.job.pk)))

    def release(self) -> None:
        """Give the job back after a failed attempt: again after a while, or failed when it was the last."""
        if self.job.attempts >= self.job.max_attempts:
            self.fail("internal_error", "The plan could not be made. We have been told.")
            return
        wait = RETRY_BASE * 2 ** (self.job.attempts - 1)
        self._mine().update(status=JobStatus.QUEUED, lease_token=None, lease_until=None, run_after=Now() + wait)

    def _lock_person(self) -> None:
        """Lock the person's row; one who was erased took the job along."""
        try:
            lock_person(self.job.user_id)
        except User.DoesNotExist:
            raise LeaseLost from None

    def _mine(self) -> Any:
        return PlanJob.objects.filter(pk=self.job.pk, lease_token=self.job.lease_token, status=JobStatus.RUNNING)

    def _keep(self) -> None:
        while not self._stop.wait(settings.JOB_HEARTBEAT.total_seconds()):
            try:
                self._beat()
            except DatabaseError as error:  # the lease runs on, and the next one may do
                log.warning("no heartbeat of job %s: %s", self.job.pk, type(error).__name__)
            finally:
                connection.close()

    def _beat(self) -> None:
        close_old_connections()
        if not self._mine().update(lease_until=Now() + settings.JOB_LEASE):
            self.lost.set()
        elif self._mine().filter(cancel_requested=True).exists():
            self.cancelled.set()


def cancel_queued(job: PlanJob) -> bool:
    """Cancel a job that nobody runs. The caller holds the person's row."""
    done = PlanJob.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(**_terminal(JobStatus.CANCELLED))
    if done:
        events.record(job.user_id, PlanCancelled(str(job.pk)))
    return bool(done)


def expire(job: PlanJob) -> None:
    """Fail a job that is past its deadline or has no attempts left, whoever held it."""
    with transaction.atomic():
        lock_person(job.user_id)
        overdue = PlanJob.objects.filter(pk=job.pk, status__in=ACTIVE).exclude(
            status=JobStatus.RUNNING, lease_until__gte=Now()
        )
        if overdue.exists():
            _fail(overdue, job, "deadline", "The plan took too long. Ask again.", {})


def lock_person(user_id: int) -> dt.datetime:
    """Take the person's row until the transaction ends; return what time it is, by the database's clock.

    :raises User.DoesNotExist: when they were erased.
    """
    now: dt.datetime = User.objects.select_for_update(no_key=True).values_list(Now(), flat=True).get(pk=user_id)
    return now


def _fail(rows: Any, job: PlanJob, code: str, detail: str, more: dict[str, Any]) -> None:
    _require(rows.update(**_terminal(JobStatus.FAILED), error={"code": code, "detail": detail, **more}))
    events.record(job.user_id, PlanFailed(str(job.pk), code, detail))


def _terminal(status: JobStatus) -> dict[str, Any]:
    return {"status": status, "finished_at": Now(), "lease_token": None, "lease_until": None}


def _require(updated: int) -> None:
    if not updated:
        raise LeaseLost
