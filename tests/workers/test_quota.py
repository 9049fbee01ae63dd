"""How many plans a person may ask for in a day: counted under their row's lock, in the transaction that accepts."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from ai.models import JobStatus, PlanJob
from tests import factories
from tests.conftest import Api
from users.models import User

GENERATE, LIMIT = "/api/v1/generate-plan", 5
ROUNDS = 10


def used(owner: User, count: int, **fields: Any) -> None:
    for number in range(count):
        job = factories.job(owner, status=JobStatus.SUCCEEDED, start_date=factories.MONDAY - dt.timedelta(days=number))
        PlanJob.objects.filter(pk=job.pk).update(**fields)


def ask(client: Api, number: int) -> Any:
    day = factories.MONDAY + dt.timedelta(days=number)
    return client.post(GENERATE, {"kind": "meal", "days": 1, "start_date": day.isoformat()})


@pytest.mark.django_db
def test_who_has_asked_for_all_plans_of_a_day_is_told_when_to_come_back(
    owner: User, as_owner: Api, as_stranger: Api, settings: Any
) -> None:
    settings.PLANS_PER_DAY = LIMIT
    used(owner, LIMIT - 1)

    answers = [ask(as_owner, number) for number in range(2)]

    assert [answer.status_code for answer in answers] == [202, 429]
    assert answers[1].json()["code"] == "plan_quota"
    assert 0 < int(answers[1]["Retry-After"]) <= 86_400
    assert ask(as_stranger, 0).status_code == 202


@pytest.mark.django_db
def test_plans_of_yesterday_count_no_more(owner: User, as_owner: Api, settings: Any) -> None:
    settings.PLANS_PER_DAY = LIMIT
    used(owner, LIMIT, created_at=timezone.now() - dt.timedelta(hours=25))

    assert ask(as_owner, 0).status_code == 202


@pytest.mark.usefixtures("fresh_db")
def test_of_twenty_at_once_with_one_left_one_is_accepted(settings: Any) -> None:
    settings.PLANS_PER_DAY = LIMIT
    for _ in range(ROUNDS):
        owner = factories.user()
        used(owner, LIMIT - 1)
        clients, barrier = [Api(owner) for _ in range(20)], Barrier(20)

        def send(number: int, clients: list[Api] = clients, barrier: Barrier = barrier) -> int:
            barrier.wait()
            try:
                return int(ask(clients[number], number).status_code)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            answers = sorted(pool.map(send, range(20)))

        assert answers == [202] + [429] * 19
        assert PlanJob.objects.filter(user=owner, status=JobStatus.QUEUED).count() == 1
