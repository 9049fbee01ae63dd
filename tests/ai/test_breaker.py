"""The circuit breakers of providers: shared through Redis, by this process's own eyes while Redis is away."""

import datetime as dt
import itertools
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from ai import breaker
from ai.providers import Reply
from config.embedded_process import free_port
from tests.ai.consult_cast import POOR, Asked, Cast, ask, down
from users.models import User

_names = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A provider of whom nobody knows anything."""
    return f"breaker-test-{next(_names)}"


@pytest.fixture(params=["shared", "alone"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with Redis, and with nobody where Redis should be."""
    monkeypatch.setattr(breaker._Redis, "away_until", float("-inf"))  # noqa: SLF001
    if request.param == "alone":
        monkeypatch.setattr(django_settings, "CACHE_URL", f"redis://127.0.0.1:{free_port()}/0")
    return str(request.param)


@pytest.fixture(autouse=True)
def _redis_is_asked_again() -> Iterator[None]:
    yield
    breaker._Redis.away_until = float("-inf")  # noqa: SLF001


def fail(name: str, times: int = breaker.FAILURES) -> None:
    for _ in range(times):
        breaker.record(name, failed=True)


def let_time_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Act as if the breaker had opened, and somebody had probed, longer ago than it stays open."""
    client = redis.Redis.from_url(django_settings.CACHE_URL)
    prefix = breaker._namespace(name)  # noqa: SLF001
    try:
        opened = int(client.get(f"{prefix}:pybreaker:opened_at") or 0)
        client.set(f"{prefix}:pybreaker:opened_at", opened - breaker.OPEN_SECONDS)
        client.delete(f"{prefix}:pybreaker:probe")
    except redis.ConnectionError:
        storage: Any = breaker._local(name).storage  # noqa: SLF001
        storage.opened_at -= dt.timedelta(seconds=breaker.OPEN_SECONDS)
        monkeypatch.setattr(storage, "_probed_at", float("-inf"))
    finally:
        client.close()


@pytest.mark.usefixtures("either")
def test_a_provider_that_nobody_has_complained_about_is_admitted(name: str) -> None:
    assert breaker.admits(name)
    assert breaker.state(name) == "closed"


@pytest.mark.usefixtures("either")
def test_the_fifth_failure_in_a_row_opens_it(name: str) -> None:
    fail(name, 4)
    before = breaker.admits(name)

    fail(name, 1)

    assert (before, breaker.admits(name), breaker.state(name)) == (True, False, "open")


@pytest.mark.usefixtures("either")
def test_a_success_in_between_starts_the_count_anew(name: str) -> None:
    fail(name, 4)
    breaker.record(name, failed=False)

    fail(name, 4)

    assert breaker.admits(name)


@pytest.mark.usefixtures("either")
def test_one_ill_provider_says_nothing_about_another(name: str) -> None:
    fail(name)

    assert breaker.admits(f"{name}-neighbour")


@pytest.mark.usefixtures("either")
def test_after_a_rest_one_of_many_may_probe(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(name)
    let_time_pass(name, monkeypatch)

    with ThreadPoolExecutor(20) as pool:
        admitted = list(pool.map(breaker.admits, [name] * 20))

    assert sorted(admitted) == [False] * 19 + [True]


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(("failed", "state"), [(False, "closed"), (True, "open")])
def test_the_probe_decides(name: str, monkeypatch: pytest.MonkeyPatch, *, failed: bool, state: str) -> None:
    fail(name)
    let_time_pass(name, monkeypatch)
    breaker.admits(name)

    breaker.record(name, failed=failed)

    assert breaker.state(name) == state
    assert breaker.admits(name) is not failed


@pytest.mark.usefixtures("either")
def test_what_was_asked_before_it_opened_changes_nothing_when_it_comes_late(name: str) -> None:
    fail(name)

    breaker.record(name, failed=False)

    assert breaker.state(name) == "open"


def test_failures_that_are_long_past_are_forgotten(name: str, either: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(name, 4)
    if either == "shared":
        client = redis.Redis.from_url(django_settings.CACHE_URL)
        key = f"{breaker._namespace(name)}:pybreaker:fail_counter"  # noqa: SLF001
        assert 0 < int(client.ttl(key)) <= breaker.WITHIN_SECONDS
        client.delete(key)
        client.close()
    monkeypatch.setattr(breaker._local(name).storage, "_failed_at", float("-inf"))  # noqa: SLF001

    fail(name, 1)

    assert breaker.admits(name)


def test_what_one_process_sees_the_others_know(name: str) -> None:
    fail(name)

    breaker._local.cache_clear()  # noqa: SLF001 - as in another process

    assert not breaker.admits(name)


def test_while_redis_is_away_a_process_knows_what_it_saw_before(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(name)

    with monkeypatch.context() as away:
        away.setattr(django_settings, "CACHE_URL", f"redis://127.0.0.1:{free_port()}/0")
        alone = breaker.admits(name)

    assert not alone


def test_redis_is_left_alone_for_a_while_and_believed_when_it_is_back(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = django_settings.CACHE_URL
    monkeypatch.setattr(django_settings, "CACHE_URL", f"redis://127.0.0.1:{free_port()}/0")
    fail(name)
    monkeypatch.setattr(django_settings, "CACHE_URL", here)
    at_once = breaker.admits(name)

    monkeypatch.setattr(breaker._Redis, "away_until", float("-inf"))  # noqa: SLF001

    assert (at_once, breaker.admits(name)) == (False, True)


def test_a_redis_that_takes_the_line_and_says_nothing_costs_no_error(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(django_settings, "CACHE_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

        assert breaker.admits(name)
        assert breaker._Redis.away_until > 0  # noqa: SLF001 - it was asked, in vain


# --- whose fault it is ---------------------------------------------------------------------------


def test_failures_open_the_breaker(person: User, models: Cast) -> None:
    provider = models.has(down("timeout"))

    for _ in range(breaker.FAILURES + 2):
        ask(person)

    assert len(provider.asked) == breaker.FAILURES
    assert breaker.state(models.names()[0]) == "open"


@pytest.mark.parametrize("script", [[POOR], [down("invalid", blames=False)], [down(blames=False)]])
def test_poor_answers_never_do(person: User, models: Cast, script: list[Any]) -> None:
    models.has(*script)

    for _ in range(breaker.FAILURES):
        ask(person)

    assert breaker.state(models.names()[0]) == "closed"


def test_too_little_time_is_not_the_providers_fault(person: User, models: Cast, settings: Any) -> None:
    def late(asked: Asked) -> Reply:
        raise down("timeout")

    def takes_most_of_it(asked: Asked) -> Reply:
        threading.Event().wait(0.7)
        raise down("unavailable")

    settings.AI_DEADLINE = dt.timedelta(seconds=1)
    models.has(takes_most_of_it)
    models.has(late)

    for _ in range(2):
        ask(person)
    for _ in range(breaker.FAILURES - 1):
        breaker.record(models.names()[1], failed=True)

    assert breaker.state(models.names()[1]) == "closed"
