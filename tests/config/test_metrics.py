"""What Prometheus reads: who may, and that no label ever names a person."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from ai import selectors
from ai.models import JobStatus
from config import health
from mealplans.models import MealPlanVersion
from tests import factories
from tests.conftest import Api
from users.models import User

METRICS = "/metrics"


@pytest.fixture
def scraper(db: None) -> Client:
    return Client(raise_request_exception=False)


def samples(answer: Any) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return the values by the name of the sample and its labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_the_machine_itself_may_read_the_metrics_while_no_token_is_set(scraper: Client) -> None:
    answer = scraper.get(METRICS)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("address", ["10.0.0.7", "192.0.2.1", "::2", ""])
def test_nobody_else_may_and_does_not_learn_that_there_is_anything(scraper: Client, address: str) -> None:
    answer = scraper.get(METRICS, REMOTE_ADDR=address, headers={"X-Forwarded-For": "127.0.0.1"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_in_production_being_near_is_not_enough(scraper: Client, settings: Any) -> None:
    settings.PRODUCTION = True

    assert scraper.get(METRICS).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer right", 200), ("Bearer wrong", 404), ("Bearer rïght", 404), ("", 404), ("Bearer ", 404)],
)
def test_with_a_token_set_the_token_decides(scraper: Client, settings: Any, header: str, status: int) -> None:
    settings.METRICS_TOKEN = "right"
    settings.PRODUCTION = True

    assert scraper.get(METRICS, REMOTE_ADDR="10.0.0.7", headers={"Authorization": header}).status_code == status


def test_requests_are_counted_by_the_template_of_their_route(as_owner: Api) -> None:
    label = (("method", "DELETE"), ("route", "api/v1/progress/<date>"), ("status", "404"))
    before = samples(as_owner.get(METRICS))["regimen_request_seconds_count"].get(label, 0)

    for day in (1, 2, 3):
        as_owner.delete(f"/api/v1/progress/2026-03-0{day}")

    assert samples(as_owner.get(METRICS))["regimen_request_seconds_count"][label] == before + 3


def test_what_a_client_makes_up_makes_no_new_series(as_owner: Api) -> None:
    as_owner.get("/nope")
    as_owner.request("INVENTED", "/nope")
    before = samples(as_owner.get(METRICS))["regimen_request_seconds_count"]

    for number in range(5):
        as_owner.get(f"/made/up/{number}")
        as_owner.request(f"MADEUP{number}", "/nope")

    assert set(samples(as_owner.get(METRICS))["regimen_request_seconds_count"]) - set(before) <= {
        (("method", "GET"), ("route", "metrics"), ("status", "200"))
    }


def test_the_gauges_speak_for_the_jobs_of_all_processes(scraper: Client, owner: User) -> None:
    factories.job(owner, kind="meal")
    factories.job(owner, kind="workout", status=JobStatus.FAILED)

    found = samples(scraper.get(METRICS))

    states = {labels[0][1]: value for labels, value in found["regimen_jobs"].items()}
    assert states == {"queued": 1, "running": 0, "succeeded": 0, "failed": 1, "cancelled": 0}
    assert found["regimen_jobs_oldest_active_seconds"][()] > 0


def test_a_job_that_waits_one_that_is_stuck_and_one_that_failed_are_told_apart(scraper: Client, owner: User) -> None:
    now = timezone.now()
    minute = dt.timedelta(minutes=1)
    factories.job(owner, kind="meal", run_after=now - minute, deadline_at=now + minute)
    factories.job(owner, kind="workout", run_after=now + minute, deadline_at=now + 5 * minute)
    factories.job(owner, days=2, status=JobStatus.RUNNING, lease_until=now - minute, deadline_at=now + minute)
    factories.job(owner, days=3, status=JobStatus.RUNNING, lease_until=now + minute, deadline_at=now - minute)
    factories.job(owner, days=4, status=JobStatus.FAILED, finished_at=now - minute, error={"code": "deadline"})
    factories.job(owner, days=5, status=JobStatus.FAILED, finished_at=now - 11 * minute, error={"code": "deadline"})

    found = samples(scraper.get(METRICS))

    assert 60 <= found["regimen_jobs_oldest_waiting_seconds"][()] < 90
    assert found["regimen_jobs_stuck"][()] == 2
    assert found["regimen_jobs_failed_lately"] == {(("code", "deadline"),): 1}


def test_how_long_plans_take_is_told_of_those_made_lately(scraper: Client, owner: User) -> None:
    now = timezone.now()
    for days, seconds in ((1, 4), (2, 2), (3, 9)):
        made = factories.job(owner, days=days, status=JobStatus.SUCCEEDED, finished_at=now)
        type(made).objects.filter(pk=made.pk).update(created_at=now - dt.timedelta(seconds=seconds))

    assert samples(scraper.get(METRICS))["regimen_job_seconds"] == {
        (("quantile", "0.5"),): pytest.approx(4),
        (("quantile", "0.95"),): pytest.approx(9),
    }


def test_every_part_that_readiness_knows_is_told(scraper: Client) -> None:
    health.beat("clock")

    found = {labels[0][1]: value for labels, value in samples(scraper.get(METRICS))["regimen_ready"].items()}

    assert found == {"database": 1, "migrations": 1, "redis": 1, "clock": 1, "worker": 0, "disk": 1, "time": 1}


@pytest.mark.parametrize("certificate", [{}, {"passed": False}, {"passed": "true"}])
def test_a_plan_without_a_passed_certificate_is_counted(
    scraper: Client, owner: User, run_jobs: Callable[[], int], certificate: dict[str, Any]
) -> None:
    factories.job(owner, kind="both", days=2)
    run_jobs()
    before = samples(scraper.get(METRICS))["regimen_certificates_failed"]
    MealPlanVersion.objects.filter(date=factories.MONDAY).update(certificate=certificate)

    after = samples(scraper.get(METRICS))["regimen_certificates_failed"]

    assert before == {(("plan", "mealplans"),): 0, (("plan", "workouts"),): 0}
    assert after == {(("plan", "mealplans"),): 1, (("plan", "workouts"),): 0}


def test_the_connections_of_this_process_are_counted(scraper: Client) -> None:
    found = samples(scraper.get(METRICS))

    assert found["regimen_db_connections"][(("state", "used"),)] >= 1
    assert sum(found["regimen_db_connections"].values()) <= found["regimen_db_connections_max"][()]
    assert found["regimen_db_waiting"][()] == 0
    assert found["regimen_db_wait_failures_total"][()] == 0


def test_one_source_that_is_away_takes_no_other_with_it(scraper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Iterator[None]:
        yield None
        raise OperationalError("connection refused")

    monkeypatch.setattr(selectors, "job_metrics", away)

    found = samples(scraper.get(METRICS))

    assert "regimen_ready" in found
    assert "regimen_certificates_failed" in found


def test_the_process_is_still_measured_while_the_database_is_away(
    scraper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(selectors, "job_metrics", away)

    answer = scraper.get(METRICS)

    assert answer.status_code == 200
    assert "regimen_websockets" in samples(answer)


def test_no_metric_names_a_person(as_owner: Api, owner: User) -> None:
    for path in ("/api/v1/profile", "/api/v1/today", f"/nope/{owner.email}", f"/api/v1/{owner.name}"):
        as_owner.get(path)

    text = as_owner.get(METRICS).content.decode()

    assert not re.search(r"@|Olga|Owner|example\.org", text)
