"""Whose plan is made next: nobody is starved by who asks for a hundred."""

import datetime as dt
import uuid
from collections import deque
from collections.abc import Callable

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai import queue
from ai.models import JobStatus, PlanJob
from config import broker
from tests import factories
from users.models import User
from workers import turns

pytestmark = pytest.mark.django_db

Messages = deque[uuid.UUID]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    """The queue of messages, first in, first out, without the servers."""
    found: Messages = deque()
    monkeypatch.setattr(turns, "nudge", lambda _actor, job_id: found.append(job_id))
    return found


def ask(owner: User, count: int, messages: Messages) -> list[uuid.UUID]:
    """Have a person ask for so many plans, one after the other."""
    jobs = [factories.job(owner, start_date=factories.MONDAY + dt.timedelta(days=each)) for each in range(count)]
    messages.extend(job.pk for job in jobs)
    return [job.pk for job in jobs]


def work(messages: Messages, most: int = 10_000) -> list[int]:
    """Do what one worker does with each message; return whose plans were made, in order."""
    made: list[int] = []
    while messages and most:
        most -= 1
        job = queue.claim(turns.whose(messages.popleft()))
        if job:
            made.append(job.user_id)
            PlanJob.objects.filter(pk=job.pk).update(status=JobStatus.SUCCEEDED, started_at=timezone.now())
    return made


def test_who_asks_for_a_hundred_plans_does_not_starve_the_next(owner: User, stranger: User, messages: Messages) -> None:
    ask(owner, 100, messages)
    first = work(messages, most=1)
    ask(stranger, 1, messages)

    made = work(messages)

    assert first == [owner.pk]
    assert made.index(stranger.pk) == 0
    assert made.count(owner.pk) == 99


def test_two_who_ask_for_many_take_turns(owner: User, stranger: User, messages: Messages) -> None:
    ask(owner, 6, messages)
    ask(stranger, 6, messages)

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
        ask(person, count, messages)

    made = work(messages)

    assert [made.count(person.pk) for person in people] == counts
    assert {made.index(person.pk) for person in people} == set(range(len(people)))
    assert not messages


def test_the_message_of_a_job_that_waits_for_another_try_wakes_nobody(
    owner: User, stranger: User, messages: Messages
) -> None:
    later = factories.job(owner, run_after=timezone.now() + dt.timedelta(minutes=1))
    factories.job(stranger)

    assert turns.whose(later.pk) == later.pk
    assert not messages


def test_a_race_that_is_lost_loses_no_job(
    owner: User, stranger: User, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(owner, 2, messages)
    work(messages, most=1)
    (theirs,) = ask(stranger, 1, messages)
    whose: Callable[[uuid.UUID], uuid.UUID] = turns.whose

    chosen = whose(messages.popleft())
    queue.claim(theirs)  # by somebody faster

    assert chosen == theirs
    assert queue.claim(chosen) is None
    assert work(messages) == [owner.pk]


def test_exports_let_people_who_wait_go_first() -> None:
    from workers import actors  # noqa: PLC0415 - it declares the actors

    priorities = {name: getattr(actors, name).priority for name in ("generate_plan", "send_letter", "make_export")}

    assert priorities["generate_plan"] == priorities["send_letter"] < priorities["make_export"]
    assert actors.generate_plan.queue_name == broker.QUEUE
