"""Whose plan is made next: nobody is starved by who asks for a hundred, and a hurry goes before ten thousand."""

import datetime as dt
import threading
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai import queue, services
from ai.models import JobStatus, PlanJob
from tests import factories
from users.models import User
from workers import turns

pytestmark = pytest.mark.django_db

Messages = deque[uuid.UUID]
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
CROWD, OF_EACH = 100, 100


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    """The queue of messages, first in, first out, without the servers."""
    found: Messages = deque()
    for module in (services, turns):
        monkeypatch.setattr(module, "nudge", lambda _actor, job_id: found.append(job_id))
    return found


def ask(person: User, count: int = 1, *, hurried: bool = False) -> list[PlanJob]:
    """Have a person ask for so many plans, one after the other."""
    days = [factories.MONDAY + each * DAY for each in range(count)]
    params = [{"kind": "meal", "start_date": day, "days": 1} for day in days]
    return [
        services.request_plan(user=person, params=each, seed=7, idempotency_key=None, hurried=hurried)[0]
        for each in params
    ]


def work(messages: Messages, most: int = 10_000) -> list[int]:
    """Do what one worker does with each message; return whose plans were made, in order."""
    made: list[int] = []
    while messages and most:
        most -= 1
        if job := turns.take(messages.popleft()):
            made.append(job.user_id)
            PlanJob.objects.filter(pk=job.pk).update(status=JobStatus.SUCCEEDED)
    return made


def ten_thousand_wait() -> None:
    """Have a hundred people wait for a hundred plans each, all of them in line before anybody who comes now."""
    now = timezone.now() - dt.timedelta(seconds=1)
    first = [factories.job(factories.user(), run_after=now, turn=now, deadline_at=now + HOUR) for _ in range(CROWD)]
    others = {"id": "gen_random_uuid()", "start_date": "start_date + number", "turn": "turn - number * interval '1 s'"}
    columns = [str(field.column) for field in PlanJob._meta.concrete_fields]
    values = ", ".join(others.get(column, column) for column in columns)
    with connection.cursor() as cursor:  # ten thousand objects would take longer than what is tested
        cursor.execute(
            f"INSERT INTO plan_jobs ({', '.join(columns)}) SELECT {values} FROM plan_jobs, "  # noqa: S608 - our own names
            f"generate_series(1, {OF_EACH - 1}) AS number"
        )
    assert PlanJob.objects.count() == len(first) * OF_EACH


def test_who_asks_for_a_hundred_plans_does_not_starve_the_next(owner: User, stranger: User, messages: Messages) -> None:
    ask(owner, 100)
    first = work(messages, most=1)
    ask(stranger)

    made = work(messages)

    assert first == [owner.pk]
    assert made.index(stranger.pk) == 0
    assert made.count(owner.pk) == 99


def test_two_who_ask_for_many_take_turns(owner: User, stranger: User, messages: Messages) -> None:
    ask(owner, 6)
    ask(stranger, 6)

    made = work(messages)

    assert made == [owner.pk, stranger.pk] * 6


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_everybody_is_served_whole_and_within_as_many_turns_as_there_are_people(
    counts: list[int], messages: Messages
) -> None:
    people = [factories.user() for _ in counts]
    for person, count in zip(people, counts, strict=True):
        ask(person, count)

    made = work(messages)

    assert [made.count(person.pk) for person in people] == counts
    assert {made.index(person.pk) for person in people} == set(range(len(people)))
    assert not messages


def test_who_waits_on_the_line_goes_before_ten_thousand(owner: User, stranger: User, messages: Messages) -> None:
    ten_thousand_wait()
    (patient,) = ask(owner)
    (hurried,) = ask(stranger, hurried=True)

    taken = [turns.take(job.pk) for job in (patient, hurried)]

    assert taken[0] == hurried
    assert taken[1] is not None
    assert taken[1].user_id not in {owner.pk, stranger.pk}


def test_the_next_of_ten_thousand_is_found_by_its_index(messages: Messages) -> None:
    ten_thousand_wait()
    waiting = PlanJob.objects.filter(status=JobStatus.QUEUED, run_after__lte=timezone.now()).order_by("turn")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE plan_jobs")

    plan = waiting.values_list("pk")[:1].explain()

    assert "plan_jobs_turns" in plan
    assert "Sort" not in plan


def test_nobody_is_in_a_hurry_twice_at_once(owner: User, stranger: User, messages: Messages) -> None:
    first, second = ask(owner, 2, hurried=True)
    (other,) = ask(stranger)

    assert first.turn < other.turn < second.turn


def test_a_job_whose_worker_went_silent_goes_first_and_takes_nobodys_message(
    owner: User, stranger: User, messages: Messages
) -> None:
    silent = factories.job(
        owner, status=JobStatus.RUNNING, lease_token=uuid.uuid4(), lease_until=timezone.now() - HOUR, attempts=1
    )
    ask(stranger, hurried=True)

    made = work(messages)

    assert made == [owner.pk, stranger.pk]
    silent.refresh_from_db()
    assert silent.attempts == 2


def test_the_message_of_a_silent_job_itself_is_not_sent_again(owner: User, messages: Messages) -> None:
    silent = factories.job(
        owner, status=JobStatus.RUNNING, lease_token=uuid.uuid4(), lease_until=timezone.now() - HOUR, attempts=1
    )

    assert turns.take(silent.pk) == silent
    assert not messages


def test_a_job_that_has_no_attempt_left_is_taken_by_nobody_and_is_in_nobodys_way(
    owner: User, stranger: User, messages: Messages
) -> None:
    spent = factories.job(
        owner, status=JobStatus.RUNNING, lease_token=uuid.uuid4(), lease_until=timezone.now() - HOUR, attempts=3
    )

    assert turns.take(spent.pk) is None
    assert queue.claim(spent.pk) is None
    assert not messages
    ask(stranger)
    assert work(messages) == [stranger.pk]


def test_who_has_no_message_takes_the_most_urgent_all_the_same(owner: User, stranger: User, messages: Messages) -> None:
    ask(owner, 2)
    ask(stranger)
    messages.clear()

    made = [job.user_id for _ in range(3) if (job := turns.take())]

    assert made == [owner.pk, stranger.pk, owner.pk]
    assert turns.take() is None
    assert not messages


def test_the_message_of_a_job_that_waits_for_another_try_begins_somebody_elses(
    owner: User, stranger: User, messages: Messages
) -> None:
    later = factories.job(owner, run_after=timezone.now() + dt.timedelta(minutes=1))
    other = factories.job(stranger)

    assert turns.take(later.pk) == other
    assert turns.take(later.pk) is None


@pytest.mark.usefixtures("fresh_db")
def test_of_workers_that_look_at_once_each_begins_another(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {factories.job(factories.user()).pk for _ in range(8)}
    start, claim = threading.Barrier(len(jobs)), queue.claim

    def together(chosen: uuid.UUID) -> PlanJob | None:
        start.wait(20)  # all of them have chosen, and none has begun
        return claim(chosen)

    def take(job_id: uuid.UUID) -> uuid.UUID | None:
        try:
            job = turns.take(job_id)
            return job.pk if job else None
        finally:
            connection.close()

    monkeypatch.setattr(queue, "claim", together)
    with ThreadPoolExecutor(len(jobs)) as pool:
        taken = list(pool.map(take, jobs))

    assert set(taken) == jobs


def test_letters_do_not_wait_behind_plans_and_exports_let_both_go_first() -> None:
    from workers import actors  # noqa: PLC0415 - it declares the actors

    given: list[Any] = [actors.send_letter, actors.generate_plan, actors.make_export]

    assert len({actor.queue_name for actor in given}) == len(given)
    assert [actor.priority for actor in given] == sorted({actor.priority for actor in given})


def test_an_order_is_timed_by_the_database_and_not_by_the_web_server(
    owner: User, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + HOUR)

    (job,) = ask(owner)

    assert turns.take(job.pk) == job
    for moment in (job.created_at, job.run_after, job.turn, job.dispatched_at):
        assert moment is not None
        assert moment <= right()
    assert job.deadline_at - job.created_at == django_settings.JOB_DEADLINE
