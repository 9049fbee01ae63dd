"""A real Dramatiq worker on the real Redis: what a message does, and what it leaves behind."""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest
from django.core.management import call_command
from django.db import transaction
from django_redis import get_redis_connection

from ai.models import JobStatus
from config import broker, health
from config import logging as request_logging
from tests import factories
from users.models import User
from workers import boot


@pytest.fixture
def worker(fresh_db: None) -> Iterator[dramatiq.Worker]:
    """One worker thread, as `python -m dramatiq workers.boot` runs it."""
    call_command("load_catalogue", verbosity=0)
    boot.worker_broker.declare_actor(boot.actors.generate_plan)  # whoever imported the actors first
    boot.worker_broker.flush_all()
    started = dramatiq.Worker(boot.worker_broker, worker_timeout=100, worker_threads=1)
    started.start()
    yield started
    started.stop()
    boot.worker_broker.flush_all()


def test_a_nudge_makes_a_plan_and_carries_the_requests_id(
    worker: dramatiq.Worker, caplog: pytest.LogCaptureFixture
) -> None:
    owner = factories.user()
    job = factories.job(owner)
    caplog.set_level(logging.INFO, logger="ai.services")
    seen: list[str] = []

    def note(record: logging.LogRecord) -> bool:
        seen.append(request_logging.request_id.get())
        return True

    caplog.handler.addFilter(note)

    request_logging.accept_request_id("a-request-of-ada")
    with transaction.atomic():
        broker.nudge("generate_plan", job.pk)
    boot.worker_broker.join(broker.QUEUE, timeout=20_000)
    worker.join()

    job.refresh_from_db()
    assert job.status == JobStatus.SUCCEEDED
    assert "a-request-of-ada" in seen


def test_a_message_that_comes_twice_makes_one_plan(worker: dramatiq.Worker) -> None:
    owner = factories.user()
    job = factories.job(owner)

    for _ in range(3):
        broker.nudge("generate_plan", job.pk)
    boot.worker_broker.join(broker.QUEUE, timeout=20_000)
    worker.join()

    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 1)
    assert owner.mealplanversions.count() == 1


def test_a_message_of_a_job_that_is_gone_harms_nobody(worker: dramatiq.Worker) -> None:
    owner = factories.user()
    job = factories.job(owner)
    gone = job.pk
    job.delete()

    broker.nudge("generate_plan", gone)
    boot.worker_broker.join(broker.QUEUE, timeout=20_000)
    worker.join()

    assert User.objects.filter(pk=owner.pk).exists()


def test_an_idle_worker_is_woken_and_does_not_poll(db: None, django_capture_on_commit_callbacks: Any) -> None:
    boot.worker_broker.flush_all()
    consumer = boot.worker_broker.consume(broker.QUEUE, prefetch=1, timeout=9_000)
    first = threading.Thread(target=lambda: next(message for message in consumer if message), daemon=True)
    first.start()
    time.sleep(0.5)  # it has looked, found nothing, and waits for longer than the join below

    with django_capture_on_commit_callbacks(execute=True):
        broker.nudge("generate_plan", "7")
    first.join(timeout=4)

    assert not first.is_alive()
    boot.worker_broker.flush_all()


def test_a_wake_that_is_lost_costs_one_poll(worker: dramatiq.Worker) -> None:
    job = factories.job(factories.user())

    with transaction.atomic():
        broker.nudge("generate_plan", job.pk)
    boot.worker_broker.client.delete(boot.worker_broker.token_key(broker.QUEUE))
    boot.worker_broker.join(broker.QUEUE, timeout=20_000)
    worker.join()

    job.refresh_from_db()
    assert job.status == JobStatus.SUCCEEDED


def test_a_nudge_waits_for_the_commit(fresh_db: None) -> None:
    boot.worker_broker.flush_all()

    @transaction.atomic
    def nudge_and_fail() -> None:
        broker.nudge("generate_plan", factories.job(factories.user()).pk)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        nudge_and_fail()

    assert boot.worker_broker.do_qsize(broker.QUEUE) == 0


def test_a_nudge_without_redis_costs_nothing_but_time(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    away = broker.build(socket_timeout=1)
    away.client.connection_pool.connection_kwargs |= {"port": 1}
    monkeypatch.setattr(dramatiq, "get_broker", lambda: away)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        broker.nudge("generate_plan", "7")


def test_the_workers_broker_waits_longer_for_redis_than_the_webs() -> None:
    patience = boot.worker_broker.client.connection_pool.connection_kwargs["socket_timeout"]

    assert patience > 5
    assert broker.build(socket_timeout=1).client.connection_pool.connection_kwargs["socket_timeout"] == 1


def test_dramatiq_retries_nothing_by_itself() -> None:
    names = {type(middleware).__name__ for middleware in boot.worker_broker.middleware}

    assert "Retries" not in names
    assert {"FreshConnections", "RequestId", "Alive", "TimeLimit"} <= names


def test_a_worker_leaves_a_sign_of_life(worker: dramatiq.Worker) -> None:
    boot.worker_broker.emit_after("worker_boot", worker)

    for _ in range(100):
        if get_redis_connection("default").exists(health.BEAT_KEY.format("worker")):
            break
        time.sleep(0.05)
    assert get_redis_connection("default").exists(health.BEAT_KEY.format("worker"))
