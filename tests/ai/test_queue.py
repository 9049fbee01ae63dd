"""The state machine of a plan job, on the real database."""

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from ai import coach, queue, services
from ai.models import JobStatus, PlanJob
from tests import factories
from users import events
from users.models import User
from workers import clock

pytestmark = pytest.mark.django_db

PAST = dt.timedelta(minutes=-1)
TERMINAL = {"plan.ready", "plan.failed", "plan.cancelled"}


def ago() -> dt.datetime:
    return timezone.now() + PAST


def endings(user: User) -> list[str]:
    return [event["type"] for event in events.after(user.pk, 0) if event["type"] in TERMINAL]


def running(owner: User, **fields: object) -> PlanJob:
    """Return a job whose worker has gone silent."""
    values = {"status": JobStatus.RUNNING, "attempts": 1, "lease_token": uuid.uuid4(), "lease_until": ago(), **fields}
    return factories.job(owner, **values)


def test_a_due_job_is_claimed_with_a_lease(owner: User) -> None:
    job = factories.job(owner)

    claimed = queue.claim(job.pk)

    assert claimed is not None
    assert claimed.status == JobStatus.RUNNING
    assert claimed.attempts == 1
    assert claimed.lease_token is not None
    assert claimed.lease_until
    assert claimed.lease_until > timezone.now()


def test_a_claimed_job_cannot_be_claimed_again(owner: User) -> None:
    job = factories.job(owner)
    queue.claim(job.pk)

    assert queue.claim(job.pk) is None


def test_a_job_is_not_claimed_before_its_time(owner: User) -> None:
    job = factories.job(owner, run_after=timezone.now() + dt.timedelta(minutes=1))

    assert queue.claim(job.pk) is None


def test_a_job_whose_worker_went_silent_is_claimed_by_another(owner: User) -> None:
    job = running(owner)

    claimed = queue.claim(job.pk)

    assert claimed is not None
    assert claimed.attempts == 2
    assert claimed.lease_token != job.lease_token


def test_a_worker_that_lost_its_lease_can_store_nothing(owner: User) -> None:
    job = factories.job(owner)
    slow = queue.claim(job.pk)
    assert slow is not None
    PlanJob.objects.filter(pk=job.pk).update(lease_until=ago())
    queue.claim(job.pk)
    stored: list[str] = []

    def save() -> list[dt.date]:
        stored.append("plan")
        return []

    with pytest.raises(queue.LeaseLost):
        queue.Lease.of(slow).succeed(save, source="planner", fallback_reason=None)

    assert stored == []
    assert endings(owner) == []


def test_a_terminal_job_is_never_claimed(owner: User) -> None:
    job = factories.job(owner, status=JobStatus.CANCELLED)

    assert queue.claim(job.pk) is None


def test_a_failed_attempt_goes_back_into_the_queue_after_a_wait(owner: User) -> None:
    job = queue.claim(factories.job(owner).pk)
    assert job is not None

    queue.Lease.of(job).release()

    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED
    assert job.run_after > timezone.now()


def test_the_last_failed_attempt_ends_the_job_with_one_event(owner: User) -> None:
    job = queue.claim(factories.job(owner, attempts=2).pk)
    assert job is not None

    queue.Lease.of(job).release()

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert (job.error or {})["code"] == "internal_error"
    assert endings(owner) == ["plan.failed"]


def test_reporting_renews_the_lease_and_tells_the_person(owner: User) -> None:
    job = queue.claim(factories.job(owner).pk)
    assert job is not None
    PlanJob.objects.filter(pk=job.pk).update(lease_until=ago())

    queue.Lease.of(job).report("meals", 35)

    job.refresh_from_db()
    assert (job.stage, job.percent) == ("meals", 35)
    assert job.lease_until
    assert job.lease_until > timezone.now()
    assert events.after(owner.pk, 0)[-1]["data"] == {"job_id": str(job.pk), "stage": "meals", "percent": 35}


def test_a_report_stops_a_worker_whose_person_cancelled(owner: User) -> None:
    job = queue.claim(factories.job(owner).pk)
    assert job is not None
    services.cancel_job(user_id=owner.pk, job_id=job.pk)

    with pytest.raises(queue.Cancelled):
        queue.Lease.of(job).report("meals", 35)


def test_cancelling_a_queued_job_ends_it_at_once(owner: User) -> None:
    job = factories.job(owner)

    services.cancel_job(user_id=owner.pk, job_id=job.pk)

    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert endings(owner) == ["plan.cancelled"]


def test_a_plan_is_not_stored_after_a_cancel(owner: User) -> None:
    job = queue.claim(factories.job(owner).pk)
    assert job is not None
    services.cancel_job(user_id=owner.pk, job_id=job.pk)

    with pytest.raises(queue.LeaseLost):
        queue.Lease.of(job).succeed(lambda: [], source="planner", fallback_reason=None)


def test_the_clock_sends_again_what_nobody_took(owner: User) -> None:
    factories.job(owner, dispatched_at=ago())
    factories.job(owner, kind="workout", dispatched_at=timezone.now())

    assert clock.send_again() == 1
    assert clock.send_again() == 0


def test_the_clock_finds_the_jobs_of_a_silent_worker(owner: User) -> None:
    running(owner)

    assert clock.send_again() == 1


def test_the_clock_ends_a_job_whose_last_attempt_went_silent(owner: User) -> None:
    job = running(owner, attempts=3)

    clock.tick()

    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert endings(owner) == ["plan.failed"]


def test_the_clock_ends_a_job_past_its_deadline_once(owner: User) -> None:
    job = factories.job(owner, deadline_at=ago())

    clock.tick()
    clock.tick()

    job.refresh_from_db()
    assert (job.error or {})["code"] == "deadline"
    assert endings(owner) == ["plan.failed"]


def test_the_clock_leaves_a_worker_that_is_alive_alone(owner: User) -> None:
    job = running(owner, lease_until=timezone.now() + dt.timedelta(seconds=30), deadline_at=ago())

    clock.tick()

    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


def test_a_refusal_that_comes_after_the_job_was_taken_over_is_dropped(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, theirs = factories.job(owner), uuid.uuid4()

    def refuses_late(job: PlanJob, lease: queue.Lease) -> None:
        PlanJob.objects.filter(pk=job.pk).update(lease_token=theirs)
        raise coach.Refused("conflict", "Nothing can be planned.")

    monkeypatch.setattr(coach, "make", refuses_late)

    services.fulfil(job.pk)

    job.refresh_from_db()
    assert (job.status, job.lease_token) == (JobStatus.RUNNING, theirs)
    assert endings(owner) == []


def test_a_heartbeat_that_fails_is_not_the_last(
    fresh_db: None, owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOB_HEARTBEAT = dt.timedelta(milliseconds=10)
    claimed, beat, beats = queue.claim(factories.job(owner).pk), queue.Lease._beat, itertools.count()  # noqa: SLF001

    def fails_first(lease: queue.Lease) -> None:
        if next(beats) == 0:
            raise OperationalError("no connection")
        beat(lease)

    monkeypatch.setattr(queue.Lease, "_beat", fails_first)
    assert claimed
    PlanJob.objects.filter(pk=claimed.pk).update(lease_token=uuid.uuid4())

    with queue.Lease.of(claimed) as lease:
        assert lease.lost.wait(30)
