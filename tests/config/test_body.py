"""The body of a request is read up to what its path takes, and handed on in one piece."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from config.body import Bodies, most_bytes

API, PAGE = "/api/v1/login", "/admin/login/"
DISCONNECT = {"type": "http.disconnect"}


class Line:
    """A client: what it sends, how much of that was read, and what it was answered."""

    def __init__(self, chunks: Iterator[bytes], *, leaves: bool = False, stalls: bool = False) -> None:
        self._chunks, self._leaves, self._stalls = chunks, leaves, stalls
        self.read = 0
        self.answer: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        chunk = next(self._chunks, None)
        if chunk is None and self._stalls:
            await asyncio.sleep(60)
        if chunk is None:
            return DISCONNECT if self._leaves else {"type": "http.request", "body": b"", "more_body": False}
        self.read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(self, message: Any) -> None:
        self.answer.append(dict(message))


class Inner:
    """An application that reads its whole body."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.messages.append(await receive())
        self.messages.append(await receive())


def run(line: Line, path: str = API, headers: list[tuple[bytes, bytes]] | None = None) -> Inner:
    inner = Inner()
    scope = {"type": "http", "path": path, "headers": headers or [(b"transfer-encoding", b"chunked")]}
    asyncio.run(Bodies(inner)(scope, line.receive, line.send))
    return inner


def problem(line: Line) -> dict[str, Any]:
    start, body = line.answer
    assert dict(start["headers"])[b"content-type"] == b"application/problem+json"
    assert b"x-request-id" in dict(start["headers"])
    found: dict[str, Any] = json.loads(body["body"])
    assert found["status"] == start["status"]
    return found


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_a_body_in_pieces_arrives_in_one(pieces: list[bytes]) -> None:
    inner = run(Line(iter(pieces), leaves=False))

    assert inner.messages[0] == {"type": "http.request", "body": b"".join(pieces), "more_body": False}


def test_after_the_body_the_server_is_heard_again() -> None:
    line = Line(iter([b"{}"]))

    inner = run(line)

    assert len(inner.messages) == 2


@pytest.mark.parametrize("path", [API, PAGE])
def test_an_endless_body_is_read_no_further_than_its_path_allows(path: str) -> None:
    line = Line(itertools.repeat(bytes(8192)))

    inner = run(line, path)

    assert inner.messages == []
    assert problem(line)["code"] == "body_too_large"
    assert line.read <= most_bytes(path) + 8192


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    line = Line(itertools.repeat(bytes(8192)))

    run(line, headers=[(b"content-length", b"9" * 5000)])

    assert problem(line)["status"] == 413
    assert line.read == 0


def test_a_body_that_lies_about_its_length_is_measured() -> None:
    line = Line(itertools.repeat(bytes(8192)))

    run(line, headers=[(b"content-length", b"2")])

    assert problem(line)["status"] == 413
    assert line.read <= most_bytes(API) + 8192


def test_a_body_of_just_what_is_allowed_passes() -> None:
    inner = run(Line(iter([bytes(64 * 1024)])))

    assert len(inner.messages[0]["body"]) == 64 * 1024


def test_who_stalls_is_told_so(settings: Settings) -> None:
    settings.REQUEST_SECONDS = 0.05
    line = Line(iter([b"{"]), stalls=True)

    inner = run(line, headers=[(b"content-length", b"2")])

    assert inner.messages == []
    assert problem(line)["code"] == "request_timeout"


def test_who_leaves_is_answered_nothing() -> None:
    line = Line(iter([b"{"]), leaves=True)

    inner = run(line)

    assert (inner.messages, line.answer) == ([], [])


def test_a_request_without_a_body_is_handed_on_untouched() -> None:
    line = Line(iter([b"a", b"b"]))

    inner = run(line, headers=[(b"host", b"x")])

    assert [message["body"] for message in inner.messages] == [b"a", b"b"]


def test_the_callers_request_id_comes_back_with_the_refusal() -> None:
    line = Line(itertools.repeat(bytes(8192)))

    run(line, headers=[(b"content-length", b"99999999"), (b"x-request-id", b"given-by-caller")])

    assert problem(line)["request_id"] == "given-by-caller"
