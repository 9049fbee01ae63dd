"""Plan jobs: accept, fulfil, cancel.

Invariant: an accepted job is a committed row with its `plan.queued`; everything else can be lost and is found again.
"""

import datetime as dt
import hashlib
import logging
import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from ai import coach, queue
from ai.events import PlanQueued
from ai.models import ACTIVE, JobStatus, PlanJob, PlanKind
from config import errors
from config.broker import nudge
from users import events
from users import selectors as people
from users.models import User

ACTOR = "generate_plan"
DAY = dt.timedelta(days=1)

log = logging.getLogger(__name__)


class AlreadyRunning(errors.AppError):
    status = 409
    code = "already_running"
    detail = "A plan for these days is being made already; follow that job."


class IdempotencyKeyReused(errors.Invalid):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key came with another request before."


class PlanQuota(errors.AppError):
    status = 429
    code = "plan_quota"
    detail = "That was the last plan for today. `Retry-After` says when there is another."


class NotCancellable(errors.AppError):
    status = 409
    code = "already_finished"
    detail = "The job has ended already."


def request_plan(
    *, user: User, params: Mapping[str, Any], seed: int, idempotency_key: str | None, hurried: bool = False
) -> tuple[PlanJob, bool]:
    """Accept a job; return it and whether it is a replay of an earlier request with the same key.

    `params` holds kind, start_date, days, and overrides that are not None. A hurried one goes before all that wait.
    Its times are the database's, as are those of everybody who will look at them.

    :raises people.ProfileIncomplete: when targets cannot be known.
    :raises AlreadyRunning: when an unfinished job plans some of the same.
    :raises IdempotencyKeyReused: when the key came with other parameters.
    :raises PlanQuota: when PLANS_PER_DAY were asked for in the last 24 hours.
    """
    digest = hashlib.sha256(orjson.dumps(params, option=orjson.OPT_SORT_KEYS)).hexdigest()
    overrides = {name: value for name, value in params.items() if name not in {"kind", "start_date", "days"}}
    people.person(user, overrides)
    with transaction.atomic():
        now = queue.lock_person(user.pk)
        if idempotency_key and (earlier := _earlier(user, idempotency_key, digest)):
            return earlier, True
        unfinished = list(PlanJob.objects.filter(user=user, status__in=ACTIVE))
        if other := _in_the_way(unfinished, params["kind"], params["start_date"], params["days"]):
            raise AlreadyRunning(job_id=str(other.pk))
        _refuse_over_quota(user, now)
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
            created_at=now,
            run_after=now,
            turn=_turn(now, len(unfinished), hurried=hurried),
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


def _in_the_way(unfinished: Sequence[PlanJob], kind: str, start_date: dt.date, days: int) -> PlanJob | None:
    """Return an unfinished job of the person's that plans some of the same."""
    end = start_date + dt.timedelta(days=days)
    clash = (job for job in unfinished if PlanKind.BOTH in {kind, job.kind} or job.kind == kind)
    return next((job for job in clash if job.start_date < end and start_date < job.start_date + job.days * DAY), None)


def _turn(now: dt.datetime, unfinished: int, *, hurried: bool) -> dt.datetime:
    """Return the moment by which a job waits in line: of those that wait, the lowest is begun first.

    A person's only job is in line from now on, and a further one as many deadlines later as they have jobs unfinished:
    a job ends by its deadline, so nobody's second goes before anybody's first, whoever came earlier. In a hurry can be
    who has no other job: in line since before everybody who still waits.
    """
    if hurried and not unfinished:
        return now - settings.JOB_DEADLINE
    return now + unfinished * settings.JOB_DEADLINE


def _refuse_over_quota(user: User, now: dt.datetime) -> None:
    """Count under the person's row lock, which the caller holds: of many at once with one left, one is accepted."""
    asked = PlanJob.objects.filter(user=user, created_at__gt=now - DAY).order_by("-created_at")
    made = asked.values_list("created_at", flat=True)[: settings.PLANS_PER_DAY]
    if len(made) == settings.PLANS_PER_DAY:
        wait = made[len(made) - 1] + DAY - now
        raise PlanQuota(headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})


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


def fulfil(job_id: uuid.UUID) -> None:
    """Make the plan of a job that is due. May run any number of times, anywhere: at most one run stores a plan."""
    if job := queue.claim(job_id):
        work_on(job)


def work_on(job: PlanJob) -> None:
    """Make the plan of a job that was claimed."""
    with queue.Lease.of(job) as lease:
        try:
            _make(lease)
        except queue.LeaseLost:
            log.info("job %s was taken over or cancelled", job.pk)
            _cancel_if_asked(lease)
        except BaseException:  # back into the queue before the error rises
            lease.release()
            raise


def _make(lease: queue.Lease) -> None:
    """Make the plan and finish the job, or finish it with the reason why there is none."""
    job = lease.job
    try:
        made = coach.make(job, lease)
        lease.report("saving", 95)
        lease.succeed(made.save, source=made.source, fallback_reason=made.fallback_reason)
        log.info("plan made", extra={"job": str(job.pk), "source": made.source, "attempt": job.attempts})
    except queue.Cancelled:
        lease.cancel()
    except coach.Refused as refusal:
        lease.fail(refusal.code, str(refusal), **refusal.extra)


def _cancel_if_asked(lease: queue.Lease) -> None:
    if PlanJob.objects.filter(pk=lease.job.pk, lease_token=lease.job.lease_token, cancel_requested=True).exists():
        lease.cancel()
