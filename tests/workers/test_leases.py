"""What the holder of a lease learns, says and gives back, and what nobody may do to a job that has ended."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from ai import queue
from ai.models import JobStatus, PlanJob
from tests import factories
from users import events
from users.models import User
from workers import drain

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def leased(owner: User) -> queue.Lease:
    job = queue.claim(factories.job(owner).pk)
    assert job is not None
    return queue.Lease.of(job)


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat has a thread and a connection of its own; here it has the test's."""
    monkeypatch.setattr(queue, "close_old_connections", lambda: None)


def beat(lease: queue.Lease) -> None:
    lease._beat()  # noqa: SLF001 - as its thread does, every `JOB_HEARTBEAT`


def test_a_heartbeat_prolongs_the_lease(owner: User) -> None:
    lease = leased(owner)
    PlanJob.objects.update(lease_until=timezone.now())

    beat(lease)

    assert PlanJob.objects.get().lease_until > timezone.now()  # type: ignore[operator]
    assert not lease.should_stop()


def test_a_heartbeat_tells_the_worker_that_its_person_thought_again(owner: User) -> None:
    lease = leased(owner)
    PlanJob.objects.update(cancel_requested=True)

    beat(lease)

    assert lease.cancelled.is_set()
    assert lease.should_stop()


def test_a_heartbeat_tells_the_worker_that_another_has_the_job(owner: User) -> None:
    lease = leased(owner)
    PlanJob.objects.update(lease_token=uuid.uuid4(), lease_until=timezone.now())

    beat(lease)

    assert lease.should_stop()
    assert PlanJob.objects.get().lease_until <= timezone.now()  # type: ignore[operator]


def test_another_attempt_begins_anew_and_the_bar_does_not_go_back(owner: User) -> None:
    first = leased(owner)
    first.report("meals", 60)
    PlanJob.objects.update(lease_until=timezone.now() - HOUR)
    again = queue.claim(first.job.pk)
    assert again is not None

    queue.Lease.of(again).report("reading", 5)

    told = [(entry["data"]["stage"], entry["data"]["percent"]) for entry in events.after(owner.pk, 0)]
    assert told == [("meals", 60), ("reading", 60)]


def test_the_waits_between_attempts_grow(owner: User) -> None:
    job = factories.job(owner)
    for wait in (queue.RETRY_BASE, 2 * queue.RETRY_BASE):
        taken = queue.claim(job.pk)
        assert taken is not None
        before = queue.lock_person(owner.pk)
        queue.Lease.of(taken).release()
        after = queue.lock_person(owner.pk)

        assert before + wait <= PlanJob.objects.get().run_after <= after + wait
        PlanJob.objects.update(run_after=before - HOUR)


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_that_has_ended_does_not_end_again(owner: User, status: JobStatus) -> None:
    job = factories.job(owner, status=status, deadline_at=timezone.now() - HOUR)

    queue.expire(job)
    cancelled = queue.cancel_queued(job)

    job.refresh_from_db()
    assert (job.status, cancelled) == (status, False)
    assert events.after(owner.pk, 0) == []


def test_a_job_that_somebody_runs_is_not_cancelled_over_their_head(owner: User) -> None:
    lease = leased(owner)

    assert not queue.cancel_queued(lease.job)

    assert PlanJob.objects.get().status == JobStatus.RUNNING
    assert events.after(owner.pk, 0) == []


def test_what_is_given_back_is_due_at_once_has_spent_no_attempt_and_is_asked_for(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(drain, "nudge", lambda _actor, job_id: sent.append(job_id))
    taken = leased(owner).job

    assert drain.hand_back(taken.pk)

    job = PlanJob.objects.get()
    assert (job.status, job.attempts, job.lease_token) == (JobStatus.QUEUED, 0, None)
    assert sent == [job.pk]
    assert queue.claim(job.pk) == job


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_what_has_ended_meanwhile_is_not_given_back_nor_asked_for(
    owner: User, status: JobStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(drain, "nudge", lambda _actor, job_id: sent.append(job_id))
    job = factories.job(owner, status=status, attempts=1)

    assert not drain.hand_back(job.pk)

    job.refresh_from_db()
    assert (job.status, job.attempts, sent) == (status, 1, [])
