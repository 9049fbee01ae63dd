"""The clock: what it sends again, what it ends, what it removes; alone and with another beside it."""

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.db import connections, transaction
from django.utils import timezone

from ai import queue
from ai.models import JobStatus, PlanJob
from config import broker
from tests import factories
from tests.journeys.person import Person
from tests.workers import rolling
from tests.workers.rolling import Product, eventually
from users import events, feed_log
from users.models import Event, User
from workers import clock

AGO = dt.timedelta(minutes=1)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(clock, "nudge", lambda _actor, job_id: found.append(job_id))
    return found


@pytest.mark.django_db
def test_a_job_that_was_given_back_is_sent_once_when_it_is_due(owner: User, sent: list[Any]) -> None:
    now = timezone.now()
    job = factories.job(owner, attempts=1, dispatched_at=now - AGO / 12, run_after=now - AGO / 60)

    counts = [clock.send_again() for _ in range(3)]

    assert (counts, sent) == ([1, 0, 0], [job.pk])


@pytest.mark.django_db
def test_a_job_of_a_silent_worker_is_sent_once_and_again_after_a_while(owner: User, sent: list[Any]) -> None:
    job = factories.job(
        owner,
        status=JobStatus.RUNNING,
        attempts=1,
        lease_token=uuid.uuid4(),
        lease_until=timezone.now() - AGO / 60,
        dispatched_at=timezone.now() - AGO / 12,
    )

    first = [clock.send_again() for _ in range(2)]
    PlanJob.objects.update(dispatched_at=timezone.now() - AGO)

    assert (first, clock.send_again(), sent) == ([1, 0], 1, [job.pk] * 2)


@pytest.mark.django_db
@pytest.mark.parametrize("dispatched_at", [None, timezone.now() - 60 * AGO], ids=["never sent", "sent long ago"])
def test_a_job_that_is_not_due_or_that_somebody_works_on_is_not_sent(
    owner: User, stranger: User, sent: list[Any], dispatched_at: dt.datetime | None
) -> None:
    later = timezone.now() + AGO
    held = {"status": JobStatus.RUNNING, "lease_token": uuid.uuid4(), "lease_until": later}
    factories.job(owner, dispatched_at=dispatched_at, run_after=later)
    factories.job(stranger, dispatched_at=dispatched_at, attempts=1, **held)

    assert (clock.send_again(), sent) == (0, [])


@pytest.mark.django_db
def test_somebody_who_is_erased_meanwhile_does_not_stop_the_clock(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.job(owner, deadline_at=timezone.now() - AGO)
    other = factories.job(factories.user(), deadline_at=timezone.now() - AGO / 2)
    expire = queue.expire

    def erase_first(job: PlanJob) -> None:
        User.objects.filter(pk=owner.pk).delete()
        expire(job)

    monkeypatch.setattr(queue, "expire", erase_first)

    clock.expire_overdue()

    other.refresh_from_db()
    assert other.status == JobStatus.FAILED


@pytest.mark.usefixtures("fresh_db")
def test_a_job_that_another_clock_holds_is_left_to_it(owner: User, sent: list[Any]) -> None:
    held, free = factories.job(owner), factories.job(owner, start_date=factories.MONDAY + dt.timedelta(days=7))
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            PlanJob.objects.select_for_update(no_key=True).get(pk=held.pk)
            locked.set()
            done.wait(20)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(20)
    clock.send_again()
    done.set()
    thread.join()

    assert sent == [free.pk]


def record(owner: User, count: int) -> None:
    for number in range(count):
        events.record(owner.pk, events.SetsLogged(dates=[f"2026-03-{number + 1:02}"]))


def age(owner: User, seqs: list[int]) -> None:
    Event.objects.filter(user=owner, seq__in=seqs).update(time=timezone.now() - dt.timedelta(days=8))


@pytest.mark.django_db
def test_what_is_older_than_a_week_is_removed_and_nothing_else(owner: User, stranger: User) -> None:
    record(owner, 5)
    record(stranger, 2)
    age(owner, [1, 2, 3])

    assert feed_log.prune() == 3
    assert list(Event.objects.filter(user=owner).order_by("seq").values_list("seq", flat=True)) == [4, 5]
    assert Event.objects.filter(user=stranger).count() == 2


@pytest.mark.django_db
def test_of_each_person_only_the_newest_are_kept(owner: User, stranger: User, settings: Any) -> None:
    settings.EVENTS_KEPT = 3
    record(owner, 5)
    record(stranger, 3)

    assert feed_log.prune() == 2
    assert list(Event.objects.filter(user=owner).order_by("seq").values_list("seq", flat=True)) == [3, 4, 5]
    assert Event.objects.filter(user=stranger).count() == 3


@pytest.mark.django_db
def test_many_old_events_are_removed_in_batches(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_log, "BATCH", 2)
    record(owner, 5)
    age(owner, [1, 2, 3, 4, 5])

    assert feed_log.prune() == 5
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("after", "told"),
    [
        (0, [("resync", 3), ("progress.logged", 4), ("progress.logged", 5)]),
        (2, [("resync", 3), ("progress.logged", 4), ("progress.logged", 5)]),
        (3, [("progress.logged", 4), ("progress.logged", 5)]),
        (5, []),
    ],
)
def test_a_gap_is_told_of_and_nothing_is_told_where_there_is_none(
    owner: User, after: int, told: list[tuple[str, int]]
) -> None:
    record(owner, 5)
    age(owner, [1, 2, 3])
    feed_log.prune()

    assert [(entry["type"], entry["seq"]) for entry in feed_log.after(owner.pk, after, 5)] == told


@pytest.mark.django_db
def test_where_nothing_is_left_the_gap_reaches_to_the_newest_number(owner: User) -> None:
    record(owner, 3)
    Event.objects.all().delete()

    assert [(entry["type"], entry["seq"]) for entry in feed_log.after(owner.pk, 1, 3)] == [("resync", 3)]
    assert feed_log.after(owner.pk, 3, 3) == []


@pytest.fixture(scope="module")
def running(worker_id: str) -> Iterator[Product]:
    """A product with three clocks."""
    with rolling.started(worker_id, "clocks", JOB_RESEND_SECONDS="600", CLOCK_SECONDS="0.2") as product:
        product.end("worker")
        product.start("clock")
        product.start("clock")
        yield product


@pytest.fixture
def jobs(running: Product) -> list[str]:
    """Jobs of several people that nobody was told of."""
    found = []
    for _ in range(4):
        person = Person(running.url)
        found += [person.post("/generate-plan", {"kind": "meal", "days": 1, "start_date": f"2026-03-{day:02}"})[1]["id"]
                  for day in range(1, 6)]  # fmt: skip
    with redis.Redis.from_url(running.environment["BROKER_URL"]) as client:
        client.flushdb()
    return found


def queued(product: Product) -> int:
    with redis.Redis.from_url(product.environment["BROKER_URL"]) as client:
        return int(client.llen(f"dramatiq:{broker.QUEUE}") or client.llen(f"regimen:{broker.QUEUE}"))


def test_of_several_clocks_one_sends_each_job(running: Product, jobs: list[str]) -> None:
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("UPDATE plan_jobs SET dispatched_at = NULL WHERE status = 'queued'")
        unsent = "SELECT count(*) FROM plan_jobs WHERE dispatched_at IS NULL"

        assert eventually(lambda: database.execute(unsent).fetchone() == (0,))
    assert eventually(lambda: queued(running) >= len(jobs))
    assert queued(running) == len(jobs)


def test_of_several_clocks_one_ends_each_job(running: Product, jobs: list[str]) -> None:
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("UPDATE plan_jobs SET deadline_at = now() - interval '1 s' WHERE id = ANY(%s::uuid[])", [jobs])
        open_jobs = "SELECT count(*) FROM plan_jobs WHERE id = ANY(%s::uuid[]) AND status <> 'failed'"
        ends = "SELECT count(*) FROM events WHERE type = 'plan.failed' AND data->>'job_id' = ANY(%s)"

        assert eventually(lambda: database.execute(open_jobs, [jobs]).fetchone() == (0,))
        assert database.execute(ends, [jobs]).fetchone() == (len(jobs),)
