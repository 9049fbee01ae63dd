"""How many passwords are hashed at once, and who waits for that."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from config import hashing

LOGIN, PROFILE = "/api/v1/login", "/api/v1/profile"


class Hall:
    """A view that holds everybody until it is opened."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Semaphore(0)
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.release()
        self.opened.wait(10)
        with self._lock:
            self.inside -= 1
        return HttpResponse()


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.opened.set()


def test_only_so_many_passwords_are_hashed_at_once_and_those_beyond_the_queue_are_told(
    hall: Hall, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HASHES_AT_ONCE = 2
    monkeypatch.setattr(hashing.Hashing, "WAITING_PER_PLACE", 2)
    middleware = hashing.bounded_hashing(hall)
    statuses: list[int] = []

    def ask(done: Callable[[int], None]) -> None:
        done(middleware(RequestFactory().post(LOGIN)).status_code)

    threads = [threading.Thread(target=partial(ask, statuses.append)) for _ in range(6)]
    for thread in threads:
        thread.start()
    hall.entered.acquire(timeout=5)
    hall.entered.acquire(timeout=5)
    while not statuses and middleware(RequestFactory().post(LOGIN)).status_code != 503:
        pass  # until all six stand in the queue, this one would wait for a place
    beyond = middleware(RequestFactory().post(LOGIN))
    hall.opened.set()
    for thread in threads:
        thread.join()

    assert (beyond.status_code, beyond["Retry-After"]) == (503, "2")
    assert b'"busy"' in beyond.content
    assert statuses == [200] * 6
    assert hall.most == 2


def test_who_hashes_nothing_passes_by_a_full_queue(
    hall: Hall, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HASHES_AT_ONCE = 1
    monkeypatch.setattr(hashing.Hashing, "PATIENCE", 0.01)
    middleware = hashing.bounded_hashing(hall)
    holder = threading.Thread(target=lambda: middleware(RequestFactory().post(LOGIN)))
    holder.start()
    hall.entered.acquire(timeout=5)

    refused = middleware(RequestFactory().post(LOGIN))
    reader = threading.Thread(target=lambda: middleware(RequestFactory().get(PROFILE)))
    reader.start()
    entered = hall.entered.acquire(timeout=5)
    hall.opened.set()
    holder.join()
    reader.join()

    assert refused.status_code == 503
    assert entered


def test_a_place_is_free_again_after_a_view_that_raised(settings: Settings) -> None:
    settings.HASHES_AT_ONCE = 1

    def broken(request: HttpRequest) -> HttpResponse:
        raise LookupError

    middleware = hashing.bounded_hashing(broken)

    for _ in range(20):
        with pytest.raises(LookupError):
            middleware(RequestFactory().post(LOGIN))
