"""Django runs in one thread a request, and that thread keeps nothing."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from config.handler import OneThread

seen: list[int] = []


def noted(get_response: Any) -> Any:
    """Note in which thread a middleware runs."""

    def middleware(request: HttpRequest) -> Any:
        seen.append(threading.get_ident())
        return get_response(request)

    return middleware


def queried(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    seen.append(threading.get_ident())
    return HttpResponse(request.body)


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    queried(request)
    return StreamingHttpResponse(parts())


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


async def for_ever(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> Any:
        try:
            while True:
                yield b"tick"
                await asyncio.sleep(0.01)
        finally:
            seen.append(0)

    return StreamingHttpResponse(parts())


urlpatterns = [path(view.__name__, view) for view in (queried, streamed, broken, for_ever)]
handler500 = "config.errors.server_error"
ME = f"{__name__}.noted"


@pytest.fixture
def application() -> Iterator[OneThread]:
    seen.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[ME, "django.middleware.common.CommonMiddleware", ME]):
        yield OneThread()


def ask(application: OneThread, name: str, body: bytes = b"", *, leaves: bool = False) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/{name}",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    inbox: list[dict[str, Any]] = [{"type": "http.request", "body": body[:2], "more_body": True}]
    inbox.append({"type": "http.disconnect"} if leaves else {"type": "http.request", "body": body[2:]})

    async def receive() -> Any:
        if inbox:
            return inbox.pop(0)
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    return sent


@pytest.mark.usefixtures("fresh_db")
@pytest.mark.parametrize("name", ["queried", "streamed"])
def test_all_middlewares_and_the_view_run_in_one_thread_that_is_not_the_loops(
    application: OneThread, name: str
) -> None:
    start, *body = ask(application, name, b"sent in two")

    assert start["status"] == 200
    assert b"".join(part.get("body", b"") for part in body) == {"queried": b"sent in two", "streamed": b"one two"}[name]
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert threading.get_ident() not in seen


@pytest.mark.usefixtures("fresh_db")
@pytest.mark.parametrize("name", ["queried", "streamed", "broken"])
def test_afterwards_no_thread_holds_a_connection(application: OneThread, name: str) -> None:
    before = connection.pool.get_stats()["pool_available"]  # type: ignore[attr-defined]  # of Django's PostgreSQL

    for _ in range(20):
        ask(application, name)

    stats = connection.pool.get_stats()  # type: ignore[attr-defined]
    assert stats["pool_available"] >= before
    assert stats["requests_waiting"] == 0


@pytest.mark.usefixtures("fresh_db")
def test_an_error_is_answered(application: OneThread) -> None:
    start, *_ = ask(application, "broken")

    assert start["status"] == 500


def test_a_client_that_left_before_its_body_was_here_is_not_served(application: OneThread) -> None:
    assert ask(application, "queried", b"abcd", leaves=True) == []
    assert seen == []


def test_a_stream_ends_when_nobody_listens_any_more(application: OneThread) -> None:
    start, *body = ask(application, "for_ever")

    assert start["status"] == 200
    assert body[0]["body"] == b"tick"
    assert seen[-1] == 0
