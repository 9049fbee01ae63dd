"""Fault 9 on a server that really runs: requests that are too large, too slow, or never end.

Invariant: what a client sends beyond the limit is never held.
"""

import http.client
import itertools
import socket
import time
from collections.abc import Iterable
from functools import partial

import pytest

from tests.deploy.ways_in import Nginx
from tests.faults.conftest import Server

MIB = 1024 * 1024
HEAD = b"POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def raw(server: Server | Nginx, head: bytes, chunks: Iterable[bytes] = (), seconds: float = 10) -> bytes:
    """Send bytes as they are and return what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        connection.sendall(head)
        for chunk in chunks:
            connection.sendall(chunk)
        return b"".join(iter(partial(connection.recv, 65536), b""))


def ends_with_this(answer: bytes) -> bool:
    """Say whether the one answer tells its client that the connection is closed behind it."""
    head = answer.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    return head.count(b"connection: close") == 1 and answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_fault_09_three_hundred_megabytes_leave_the_memory_as_it_was(either: Server, announced: bool) -> None:  # noqa: FBT001
    before, block = either.memory, bytes(MIB)
    line = b"Content-Length: %d" % (300 * MIB) if announced else b"Transfer-Encoding: chunked"
    blocks = itertools.repeat(block if announced else b"100000\r\n" + block + b"\r\n", 300)

    answer = raw(either, HEAD + line + b"\r\n\r\n", blocks)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b'"body_too_large"' in answer
    assert ends_with_this(answer)
    assert either.memory - before < 20


@pytest.mark.parametrize("size", [100 * 1024, 30 * MIB], ids=["all of it read", "most of it not"])
@pytest.mark.parametrize("said", [b"", b"Connection: close\r\n"], ids=["wants to stay", "wants to go"])
def test_fault_09_the_answer_to_a_body_that_is_too_large_comes_whole_and_is_the_last(
    either: Server, said: bytes, size: int
) -> None:
    head = HEAD + said + b"Content-Length: %d\r\n\r\n" % size

    answer = raw(either, head, itertools.repeat(bytes(1024), size // 1024))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert ends_with_this(answer)
    assert answer.endswith(b"}")


def test_fault_09_a_body_that_fits_ends_no_connection(either: Server) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", either.port, timeout=5)
    for _ in range(2):
        asked.request("POST", "/api/v1/login", b"{}".ljust(64 * 1024), {"Content-Type": "application/json"})
        answer = asked.getresponse()
        answer.read()

        assert (answer.status, answer.will_close) == (422, False)
    asked.close()


def test_fault_09_a_body_that_would_be_too_large_is_not_asked_for(either: Server) -> None:
    answer = raw(either, HEAD + b"Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    assert ends_with_this(answer)


def test_fault_09_a_body_that_never_ends_is_given_up(either: Server) -> None:
    started = time.monotonic()

    answer = raw(either, HEAD + b"Content-Length: 1000\r\n\r\nx")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"request_timeout"' in answer
    assert ends_with_this(answer)
    assert time.monotonic() - started < 8  # three seconds of this server, two for the client to read


def test_fault_09_two_hundred_half_open_requests_keep_nobody_waiting(either: Server) -> None:
    held = [socket.create_connection(("127.0.0.1", either.port)) for _ in range(200)]
    for connection in held:
        connection.sendall(HEAD)

    asked = http.client.HTTPConnection("127.0.0.1", either.port, timeout=2)
    asked.request("GET", "/healthz")
    status = asked.getresponse().status
    ends = []
    for connection in held:
        connection.settimeout(8)
        ends.append(connection.recv(100))
        connection.close()
    asked.close()

    assert status == 200
    assert all(end.startswith(b"HTTP/1.1 408 ") for end in ends)
