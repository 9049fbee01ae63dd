"""Plan jobs: accept, fulfil, cancel, retry.

Invariant: an accepted job is a committed row with its `plan.queued`; everything else can be lost and is found again.
"""

import datetime as dt
import hashlib
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from ai import coach, queue
from ai.events import PlanQueued
from ai.models import ACTIVE, JobStatus, PlanJob, PlanKind
from config import errors
from config.broker import nudge
from users import events
from users import selectors as people
from users.models import User

ACTOR = "generate_plan"

log = logging.getLogger(__name__)


class AlreadyRunning(errors.AppError):
    status = 409
    code = "already_running"
    detail = "A plan for these days is being made already; follow that job."


class IdempotencyKeyReused(errors.Invalid):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key came with another request before."


class NotCancellable(errors.AppError):
    status = 409
    code = "already_finished"
    detail = "The job has ended already."


def request_plan(
    *, user: User, params: Mapping[str, Any], seed: int, now: dt.datetime, idempotency_key: str | None
) -> tuple[PlanJob, bool]:
    """Accept a job; return it and whether it is a replay of an earlier request with the same key.

    `params` holds kind, start_date, days, and overrides that are not None.

    :raises people.ProfileIncomplete: when targets cannot be known.
    :raises AlreadyRunning: when an unfinished job plans some of the same.
    :raises IdempotencyKeyReused: when the key came with other parameters.
    """
    digest = hashlib.sha256(orjson.dumps(params, option=orjson.OPT_SORT_KEYS)).hexdigest()
    overrides = {name: value for name, value in params.items() if name not in {"kind", "start_date", "days"}}
    people.person(user, overrides)
    with transaction.atomic():
        queue.lock_person(user.pk)
        if idempotency_key and (earlier := _earlier(user, idempotency_key, digest)):
            return earlier, True
        _refuse_overlap(user, params)
        job = PlanJob.objects.create(
            user=user,
            kind=params["kind"],
            start_date=params["start_date"],
            days=params["days"],
            overrides=overrides,
            seed=seed,
            idempotency_key=idempotency_key,
            params_hash=digest,
            max_attempts=settings.JOB_MAX_ATTEMPTS,
            run_after=now,
            deadline_at=now + settings.JOB_DEADLINE,
            dispatched_at=now,
        )
        events.record(user.pk, PlanQueued(str(job.pk), job.kind))
        nudge(ACTOR, job.pk)
    return job, False


def _earlier(user: User, key: str, digest: str) -> PlanJob | None:
    found = PlanJob.objects.filter(user=user, idempotency_key=key).first()
    if found and found.params_hash != digest:
        raise IdempotencyKeyReused
    return found


def _refuse_overlap(user: User, params: Mapping[str, Any]) -> None:
    last = params["start_date"] + dt.timedelta(days=params["days"] - 1)
    kinds = Q() if params["kind"] == PlanKind.BOTH else Q(kind__in=[params["kind"], PlanKind.BOTH])
    for other in PlanJob.objects.filter(kinds, user=user, status__in=ACTIVE, start_date__lte=last):
        if other.start_date + dt.timedelta(days=other.days - 1) >= params["start_date"]:
            raise AlreadyRunning(job_id=str(other.pk))


def cancel_job(*, user_id: int, job_id: uuid.UUID) -> PlanJob:
    """Cancel a queued job now; ask the worker of a running one to stop.

    :raises NotCancellable: when the job has ended, other than by being cancelled.
    """
    with transaction.atomic():
        queue.lock_person(user_id)
        job = PlanJob.objects.select_for_update().get(pk=job_id, user_id=user_id)
        if job.status == JobStatus.RUNNING:
            PlanJob.objects.filter(pk=job.pk).update(cancel_requested=True)
        elif job.status != JobStatus.CANCELLED and not queue.cancel_queued(job):
            raise NotCancellable
        job.refresh_from_db()
    return job


def retry_job(job: PlanJob) -> bool:
    """Put a failed or cancelled job back into the queue, for staff; say whether it was one."""
    with transaction.atomic():
        queue.lock_person(job.user_id)
        again = PlanJob.objects.filter(pk=job.pk, status__in=[JobStatus.FAILED, JobStatus.CANCELLED]).update(
            status=JobStatus.QUEUED,
            stage="queued",
            percent=0,
            attempts=0,
            cancel_requested=False,
            error=None,
            finished_at=None,
            run_after=Now(),
            dispatched_at=Now(),
            deadline_at=Now() + settings.JOB_DEADLINE,
        )
        if again:
            events.record(job.user_id, PlanQueued(str(job.pk), job.kind))
            nudge(ACTOR, job.pk)
    return bool(again)


def fulfil(job_id: uuid.UUID) -> None:
    """Make the plan of a job that is due. May run any number of times, anywhere: at most one run stores a plan."""
    job = queue.claim(job_id)
    if job is None:
        return
    with queue.Lease.of(job) as lease:
        try:
            made = coach.make(job, lease)
            lease.report("saving", 95)
            lease.succeed(made.save, source=made.source, fallback_reason=made.fallback_reason)
            log.info("plan made", extra={"job": str(job.pk), "source": made.source, "attempt": job.attempts})
        except queue.LeaseLost:
            log.info("job %s was taken over or cancelled", job.pk)
            _cancel_if_asked(lease)
        except queue.Cancelled:
            lease.cancel()
        except coach.Refused as refusal:
            lease.fail(refusal.code, str(refusal), **refusal.extra)
        except BaseException:  # back into the queue before the error rises
            lease.release()
            raise


def _cancel_if_asked(lease: queue.Lease) -> None:
    if PlanJob.objects.filter(pk=lease.job.pk, lease_token=lease.job.lease_token, cancel_requested=True).exists():
        lease.cancel()
