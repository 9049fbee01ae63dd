"""A worker without Redis: it looks into the table itself, survives what fails, and ends when it is told to."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from ai import services
from ai.models import JobStatus, PlanJob
from config.embedded_process import free_port
from tests import factories
from tests.workers.rolling import eventually
from workers import alone, drain

pytestmark = pytest.mark.usefixtures("fresh_db")


@pytest.fixture
def stop(settings: Any) -> Iterator[threading.Event]:
    """What tells a thread to end that looks all the time, for a Redis that is not there."""
    settings.BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.CLOCK_INTERVAL = settings.CLOCK_INTERVAL / 100
    told = threading.Event()
    yield told
    told.set()


def begin(stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=alone.look, args=(stop,), daemon=True)
    thread.start()
    return thread


def make(job: PlanJob) -> None:
    """Stand in for what makes a plan."""
    PlanJob.objects.filter(pk=job.pk).update(status=JobStatus.SUCCEEDED)


def ended(*jobs: PlanJob) -> list[str]:
    """Return the states of these jobs once none of them waits."""
    rows = PlanJob.objects.filter(pk__in=[job.pk for job in jobs])
    assert eventually(lambda: not rows.exclude(status=JobStatus.SUCCEEDED).exists())
    return [rows.get(pk=job.pk).status for job in jobs]


def test_without_redis_what_waits_is_made_and_the_thread_ends_when_told(stop: threading.Event) -> None:
    call_command("load_catalogue", verbosity=0)
    jobs = [factories.job(factories.user()) for _ in range(3)]
    thread = begin(stop)

    assert ended(*jobs) == [JobStatus.SUCCEEDED] * 3
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_redis_that_hangs_is_as_good_as_away(
    stop: threading.Event, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0.05)
    monkeypatch.setattr(services, "work_on", make)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        job = factories.job(factories.user())
        begin(stop)

        assert ended(job) == [JobStatus.SUCCEEDED]
        stop.set()


def test_while_redis_answers_the_table_is_left_to_messages(
    stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, taken = threading.Semaphore(0), list[object]()

    def answers(_redis: object) -> bool:
        looked.release()
        return True

    monkeypatch.setattr(alone, "_answers", answers)
    monkeypatch.setattr(alone, "work_on_next", lambda: taken.append(1))
    begin(stop)

    assert all(looked.acquire(timeout=20) for _ in range(3))
    stop.set()
    assert taken == []


def test_a_job_that_fails_does_not_end_the_thread(stop: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    job, failed = factories.job(factories.user()), threading.Event()

    def fail_once(taken: PlanJob) -> None:
        if failed.is_set():
            make(taken)
            return
        failed.set()
        PlanJob.objects.update(status=JobStatus.QUEUED)
        raise ValueError

    monkeypatch.setattr(services, "work_on", fail_once)
    begin(stop)

    assert ended(job) == [JobStatus.SUCCEEDED]
    assert failed.is_set()


def test_what_it_holds_when_the_worker_goes_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    job = factories.job(factories.user())
    held: list[set[Any]] = []
    monkeypatch.setattr(services, "work_on", lambda _job: held.append(set(drain._held)))  # noqa: SLF001

    assert alone.work_on_next()
    assert not alone.work_on_next()

    assert held == [{job.pk}]
