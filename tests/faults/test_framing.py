"""Faults 9 and 13 below HTTP's own rules, on a server that really runs: what is no request, and what would be another.

Invariant: whatever bytes come, a problem goes back, and no header makes one path look like another.
"""

import http.client
import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.deploy import running, ways_in
from tests.deploy.ways_in import Nginx
from tests.faults.conftest import Server
from tests.faults.test_size import HEAD, MIB, raw

ASK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
TOO_LONG = {
    "a line": (414, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n"),
    "a line without end": (414, b"GET /" + b"a" * 20_000),
    "six hundred headers": (431, ASK + b"".join(b"X-%d: a\r\n" % number for number in range(600)) + b"\r\n"),
    "twenty kilobytes of headers": (431, ASK + (b"X-A: " + b"a" * 1000 + b"\r\n") * 20 + b"\r\n"),
    "a header of a hundred kilobytes": (431, ASK + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n"),
    "a header of three megabytes": (431, ASK + b"X-A: " + b"a" * 3 * MIB + b"\r\n\r\n"),
}
NO_HTTP = {
    "another version": b"GET / HTTP/2.5\r\nHost: 127.0.0.1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x00\xa5\r\n\r\n",
    "a blank in the path": b"GET /a b HTTP/1.1\r\n\r\n",
    "a byte beyond ASCII in the path": b"GET /\xff HTTP/1.1\r\n\r\n",
    "a header without a colon": ASK + b"no colon\r\n\r\n",
    "a blank in a header's name": ASK + b"A B: c\r\n\r\n",
    "NUL in a header": ASK + b"X-A: a\x00b\r\n\r\n",
    "a chunk without a size": CHUNKED + b"zz\r\nabc\r\n",
    "a chunk that is longer than it says": CHUNKED + b"1\r\nabc\r\n",
    "two ways to end": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a length below nothing": HEAD + b"Content-Length: -3\r\n\r\n",
    "a coding that is not known": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
}


OLDER_THAN_STATUSES = "no version"  # HTTP/0.9, which nginx speaks: its answers have no head


@pytest.fixture(scope="module")
def way_in(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    running.find("nginx")
    with ways_in.nginx(tmp_path_factory.mktemp("nginx"), server.port) as started:
        yield started


def problem(answer: bytes) -> tuple[int, str]:
    """Return status and code of an answer that is a whole problem document."""
    head, _, body = answer.partition(b"\r\n\r\n")
    document = json.loads(body)
    assert b"content-type: application/problem+json" in head.lower()
    assert f"x-request-id: {document['request_id']}".encode() in head.lower()
    assert head.startswith(b"HTTP/1.1 %d " % document["status"])
    return document["status"], document["code"]


@pytest.mark.parametrize("name", TOO_LONG)
def test_fault_09_a_head_that_is_too_long_is_told_so(either: Server, name: str) -> None:
    status, sent = TOO_LONG[name]
    before = either.memory

    answer = raw(either, sent)

    assert problem(answer) == (status, {414: "uri_too_long", 431: "headers_too_large"}[status])
    assert either.memory - before < 10


@pytest.mark.parametrize("name", NO_HTTP)
def test_fault_10_what_is_no_http_is_told_so_and_hung_up_on(either: Server, name: str) -> None:
    answer = raw(either, NO_HTTP[name] + ASK + b"\r\n")  # what follows is not taken for a request

    assert problem(answer) == (400, "bad_request")


@pytest.mark.parametrize("name", TOO_LONG)
def test_fault_09_nginx_says_the_same_of_a_head_that_is_too_long(way_in: Nginx, name: str) -> None:
    status, sent = TOO_LONG[name]

    answer = raw(way_in, sent.replace(ASK, ASK + b"Connection: close\r\n"))

    assert problem(answer) == (status, {414: "uri_too_long", 431: "headers_too_large"}[status])


@pytest.mark.parametrize("name", sorted(NO_HTTP.keys() - {OLDER_THAN_STATUSES}))
def test_fault_10_nginx_says_the_same_of_what_is_no_http(way_in: Nginx, name: str) -> None:
    answer = raw(way_in, NO_HTTP[name] + ASK + b"\r\n")

    assert problem(answer.partition(b"HTTP/1.1 200")[0]) == (400, "bad_request")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_fault_12_nginx_says_the_same_of_another_method(way_in: Nginx, method: str) -> None:
    answer = raw(way_in, f"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    assert problem(answer) == (405, "method_not_allowed")
    assert b"Allow: " in answer


def test_fault_13_nginx_passes_no_header_on_that_moves_a_path(way_in: Nginx) -> None:
    status, _, body = running.ask(way_in.port, "GET", "/x/metrics", Daphne_Root_Path="/x")

    assert (status, json.loads(body)["code"]) == (404, "not_found")


def test_fault_10_a_form_is_judged_by_the_api_and_by_nobody_before_it(either: Server) -> None:
    head = HEAD.replace(b"application/json", b"multipart/form-data") + b"Connection: close\r\n"

    answer = raw(either, head + b"Content-Length: 2\r\n\r\n{}")

    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b'"unsupported_media_type"' in answer


@pytest.mark.parametrize("begun", [b"GET /", ASK, CHUNKED + b"5000\r\n"], ids=["the line", "the headers", "the body"])
def test_fault_09_who_sends_a_byte_now_and_then_is_not_waited_for(either: Server, begun: bytes) -> None:
    """Each byte comes well within any idle time; the whole request does not come within three seconds."""
    with socket.create_connection(("127.0.0.1", either.port), timeout=0.2) as line:
        line.sendall(begun)
        answer, end = b"", time.monotonic() + 20
        while not answer and time.monotonic() < end:
            line.sendall(b"a")
            try:
                answer = line.recv(65536)
            except TimeoutError:
                continue

    assert problem(answer) == (408, "request_timeout")


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/api/v1/foods", "/admin/login/", "/ws/events"])
def test_fault_13_no_header_moves_a_path(either: Server, path: str) -> None:
    """Daphne takes a root path from whoever sends one: a limit, or a proxy, would then look at another path."""
    asked = http.client.HTTPConnection("127.0.0.1", either.port, timeout=5)
    asked.request("GET", f"/x{path}", headers={"Daphne-Root-Path": "/x"})
    answer = asked.getresponse()
    document = json.loads(answer.read())
    asked.close()

    assert (answer.status, document["code"]) == (404, "not_found")
