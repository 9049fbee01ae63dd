"""Whether it lives, and whether it can serve: each part that is missing is named."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisAway

from config import health

PARTS = ("database", "migrations", "disk", "time", "redis", "worker", "clock")
ALL_WELL = dict.fromkeys(PARTS, "ok")


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def everything_lives(db: None) -> None:
    for part in ("worker", "clock"):
        health.beat(part)


def fail_with(error: Exception) -> Any:
    def fail(*args: object, **options: object) -> None:
        raise error

    return fail


def test_a_process_says_that_it_lives_without_asking_anybody(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "get_redis_connection", fail_with(RedisAway()))

    answer = browser.get("/healthz")  # no database fixture: a query would fail the test

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_all_is_well_when_every_part_is_there(browser: Client, everything_lives: None) -> None:
    answer = browser.get("/readyz")

    assert (answer.status_code, answer.json()["parts"]) == (200, ALL_WELL)


@pytest.mark.parametrize("part", ["worker", "clock"])
def test_a_part_without_a_sign_of_life_is_named(browser: Client, everything_lives: None, part: str) -> None:
    get_redis_connection("default").delete(health.BEAT_KEY.format(part))

    answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"] == {**ALL_WELL, part: "no sign of life"}


def test_a_migration_that_was_not_applied_is_counted(browser: Client, everything_lives: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'progress'")
        missing = cursor.rowcount

    answer = browser.get("/readyz")

    assert answer.json()["parts"] == {**ALL_WELL, "migrations": f"{missing} to apply"}


def test_a_redis_that_is_away_is_named_with_all_that_it_holds(
    browser: Client, everything_lives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "get_redis_connection", fail_with(RedisAway("redis://user:secret@host")))

    answer = browser.get("/readyz")

    away = dict.fromkeys(("redis", "worker", "clock"), "ConnectionError")
    assert (answer.status_code, answer.json()["parts"]) == (503, {**ALL_WELL, **away})
    assert b"secret" not in answer.content


@pytest.mark.parametrize("error", [OperationalError("secret"), InterfaceError("secret")])
def test_a_database_that_is_away_is_named(
    browser: Client, everything_lives: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fail_with(error))
        answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == type(error).__name__
    assert b"secret" not in answer.content


def test_not_being_ready_is_a_problem_like_any_other(browser: Client, db: None) -> None:
    answer = browser.get("/readyz")

    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.json()["status"]) == ("unavailable", 503)
    assert int(answer["Retry-After"]) >= 1


def test_a_sign_of_life_fades(everything_lives: None, settings: Any) -> None:
    seconds = get_redis_connection("default").ttl(health.BEAT_KEY.format("worker"))

    assert 0 < seconds <= settings.WORKER_ALIVE.total_seconds()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_inside_the_network_may_name_the_machine_by_its_address(
    browser: Client, everything_lives: None, path: str
) -> None:
    assert browser.get(path, headers={"Host": "10.0.3.7:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_ask_for_the_head_alone(browser: Client, everything_lives: None, path: str) -> None:
    answer = browser.head(path)

    assert (answer.status_code, answer.content) == (200, b"")


def test_of_a_database_that_is_away_every_part_that_needs_it_says_so_and_it_is_asked_once(
    browser: Client, everything_lives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fail() -> None:
        asked.append(1)
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fail)
        answer = browser.get("/readyz")

    away = dict.fromkeys(("database", "migrations", "disk", "time"), "OperationalError")
    assert answer.json()["parts"] == {**ALL_WELL, **away}
    assert len(asked) == 1


@pytest.mark.parametrize(("seconds", "says"), [(60, "60 s ahead of the database"), (-60, "60 s behind the database")])
def test_a_clock_that_goes_wrong_is_told(
    browser: Client, everything_lives: None, monkeypatch: pytest.MonkeyPatch, seconds: int, says: str
) -> None:
    true = time.time
    monkeypatch.setattr("config.health.time.time", lambda: true() + seconds)

    assert browser.get("/readyz").json()["parts"] == {**ALL_WELL, "time": says}


def test_models_are_told_of_and_need_not_be_there(browser: Client, everything_lives: None, settings: Any) -> None:
    none = browser.get("/readyz")
    settings.AI_PROVIDERS = [SimpleNamespace(name="first"), SimpleNamespace(name="second")]
    settings.MODEL_STATE = f"{__name__}.state"
    resting = browser.get("/readyz")

    assert (none.status_code, none.json()["models"]) == (200, "none")
    assert (resting.status_code, resting.json()["models"]) == (200, "resting: second")


def state(name: str) -> str:
    return {"first": "closed", "second": "open"}[name]
