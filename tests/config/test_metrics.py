"""What Prometheus reads: who may, and that no label ever names a person."""

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from ai import selectors
from ai.models import JobStatus
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
