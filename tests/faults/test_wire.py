"""What is answered from the cache on the wire, by uvicorn's connection itself, is what Django would answer.

Invariant: a request that names its id twice is Django's, so the same request with and without that is asked of both.
"""

import http.client
import itertools
import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.faults.conftest import Server
from tests.journeys.person import Person

PATHS = ("/profile", "/profile/targets", "/today", "/today?date=2026-03-02", "/profile?units=imperial", "/profile?x=1")
DIFFERS = {"date", "x-request-id"}


@dataclass
class Seen:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Line:
    """A kept connection of a person."""

    person: Person
    connection: http.client.HTTPConnection

    def ask(self, method: str, path: str, *more: tuple[str, str], of_django: bool = False) -> Seen:
        self.connection.putrequest(method, f"/api/v1{path}", skip_accept_encoding=True)
        for name, value in (("Authorization", f"Bearer {self.person.access}"), *more):
            self.connection.putheader(name, value)
        for number in range(2 * of_django):
            self.connection.putheader("X-Request-ID", f"number-{number}")
        self.connection.endheaders()
        answer = self.connection.getresponse()
        headers = sorted((name.lower(), value) for name, value in answer.getheaders() if name.lower() not in DIFFERS)
        return Seen(answer.status, headers, answer.read())


@pytest.fixture
def line(server: Server, person: Person) -> Iterator[Line]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    found = Line(person, connection)
    for path in PATHS:
        found.ask("GET", path)
    yield found
    connection.close()


def asked_of_django(server: Server) -> int:
    """Return how many requests were Django's: each has a line in the log."""
    return server.child.log.read_text().count('"message": "request"')


@pytest.mark.parametrize("path", [path for path in PATHS if "x=1" not in path])
def test_a_hit_never_reaches_django(server: Server, line: Line, path: str) -> None:
    before = asked_of_django(server)

    answers = [line.ask("GET", path) for _ in range(3)]
    told = line.ask("GET", path, of_django=True)

    assert answers == [told] * 3
    assert asked_of_django(server) == before + 1


@given(
    method=st.sampled_from(("GET", "HEAD")),
    path=st.sampled_from(PATHS),
    more=st.lists(
        st.sampled_from(
            (
                ("Accept-Encoding", "gzip"),
                ("Accept-Encoding", "gzip;q=0"),
                ("If-None-Match", "*"),
                ("If-None-Match", '"other"'),
                ("If-None-Match", "THE TAG"),
                ("Cookie", "a=b"),
                ("Connection", "keep-alive"),
            )
        ),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_wire_says_what_django_says(
    line: Line, method: str, path: str, more: list[tuple[str, str]]
) -> None:
    tag = dict(line.ask("GET", path).headers).get("etag", "")
    asked = [(name, tag if value == "THE TAG" else value) for name, value in more]

    expected = line.ask(method, path, *asked, of_django=True)
    answered = line.ask(method, path, *asked)

    assert (answered.status, answered.headers) == (expected.status, expected.headers)
    if answered.status < 400:  # a problem names the request
        assert answered.body == expected.body


IN_A_ROW = ("/api/v1/profile", "/api/v1/foods?q=oat", "/api/v1/profile/targets", "/healthz", "/api/v1/today") * 3


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(None)
def test_requests_are_answered_in_their_order_however_they_come_in_packets(
    server: Server, line: Line, data: st.DataObject | None
) -> None:
    token = f"Authorization: Bearer {line.person.access}\r\n"
    asked = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}\r\n".encode() for path in IN_A_ROW]
    ends = list(itertools.accumulate(map(len, asked)))
    cuts = data.draw(st.lists(st.sampled_from(ends) | st.integers(0, ends[-1]), max_size=20)) if data else []

    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw, raw.makefile("rb") as stream:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in itertools.pairwise(sorted({0, *cuts, ends[-1]})):
            raw.sendall(b"".join(asked)[start:end])
            time.sleep(0.0002)  # else the next joins it
        answers = [sorted(json.loads(body_of(stream))) for _ in IN_A_ROW]

    known = set(IN_A_ROW) - {"/healthz"}
    alone = {path: sorted(json.loads(line.ask("GET", path.removeprefix("/api/v1")).body)) for path in known}
    assert answers == [alone.get(path, ["status"]) for path in IN_A_ROW]


def test_what_comes_while_the_cache_is_asked_is_answered_after_it(server: Server, line: Line) -> None:
    paths = ("/profile", "/profile/targets")
    head = f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {line.person.access}\r\n\r\n"
    alone = [line.ask("GET", path).body for path in paths]

    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw, raw.makefile("rb") as stream:
        with server.redis() as client:
            client.client_pause(100)  # ms: less than is waited for Redis
        for path in paths:
            raw.sendall(f"GET /api/v1{path} {head}".encode())
            time.sleep(0.03)
        answers = [body_of(stream) for _ in paths]

    assert answers == alone


def body_of(stream: BufferedReader) -> bytes:
    """Return the body of the next answer."""
    head = b"".join(iter(stream.readline, b"\r\n")).lower()
    if found := re.search(rb"content-length: (\d+)", head):
        return stream.read(int(found[1]))
    chunks = iter(lambda: stream.read(int(stream.readline(), 16) + 2)[:-2], b"")
    return b"".join(chunks)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_that_wants_the_connection_closed_reads_to_its_end(server: Server, line: Line, version: str) -> None:
    head = f"GET /api/v1/profile HTTP/{version}\r\nHost: 127.0.0.1\r\nConnection: close\r\n"

    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(f"{head}Authorization: Bearer {line.person.access}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))

    assert b"\r\nconnection: close\r\n" in answer
    assert answer.partition(b"\r\n\r\n")[2] == line.ask("GET", "/profile").body


def test_a_read_with_a_body_leaves_the_connection_as_it_was(line: Line) -> None:
    for _ in range(20):
        line.connection.putrequest("GET", "/api/v1/profile")
        line.connection.putheader("Authorization", f"Bearer {line.person.access}")
        line.connection.putheader("Content-Type", "application/json")
        line.connection.putheader("Content-Length", "2")
        line.connection.endheaders()
        time.sleep(0.02)  # the body comes after the cache has answered
        line.connection.send(b"{}")
        answer = line.connection.getresponse()

        assert (answer.status, answer.getheader("Connection")) == (200, None)
        assert answer.read() == line.ask("GET", "/profile").body


def test_what_was_written_is_read_on_the_same_connection(line: Line) -> None:
    for weight in (61.5, 62.5, 63.5):
        status, _ = line.person.request("PATCH", "/profile", {"weight": weight})

        assert status == 200
        assert [json.loads(line.ask("GET", "/profile").body)["weight"] for _ in range(3)] == [weight] * 3


def test_who_signs_out_is_out_on_a_connection_that_is_open(line: Line) -> None:
    assert line.ask("GET", "/profile").status == 200

    line.person.post("/logout-all")

    assert line.ask("GET", "/profile").status == 401
