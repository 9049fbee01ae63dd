"""The event feed on a running stack: live, resumed, idle, refused; over a socket, as a stream, and in pages."""

import errno
import json
import socket
import time

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.journeys.person import Person, is_terminal, open_socket, receive, until
from tests.product import Stack
from tests.workers.rolling import eventually
from tests.workers.stream import Stream

IDLE_SECONDS = 7  # longer than the five after which redis-py 8 drops a quiet socket unless told otherwise


@pytest.fixture
def person(stack: Stack) -> Person:
    return Person(stack.url)


def close_code(socket: ClientConnection) -> int | None:
    """Read until the socket closes; return the code."""
    try:
        while True:
            socket.recv(timeout=15)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_plan_is_watched_from_queued_to_ready(person: Person) -> None:
    with person.listen() as socket:
        assert receive(socket) == {"type": "hello", "seq": 0, "contract": "1"}
        _, job = person.post("/generate-plan", {"kind": "both", "days": 2, "start_date": "2026-03-02"})
        seen = until(socket, is_terminal)

    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen[0]["type"] == "plan.queued"
    assert seen[-1]["type"] == "plan.ready"
    assert seen[-1]["data"]["dates"] == ["2026-03-02", "2026-03-03"]
    percents = [event["data"]["percent"] for event in seen if event["type"] == "plan.progress"]
    assert percents == sorted(percents)
    assert {event["data"]["job_id"] for event in seen} == {job["id"]}
    assert person.get("/meal-plan?date=2026-03-02")[1]["certificate"]["passed"] is True


def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        person.post("/progress", {"date": "2026-03-01", "weight": 70})
        first = receive(socket)
    person.post("/progress", {"date": "2026-03-02", "weight": 70})
    person.post("/progress", {"date": "2026-03-03", "weight": 70})

    with person.listen(after=first["seq"]) as socket:
        assert receive(socket)["type"] == "hello"
        again = [receive(socket), receive(socket)]

    assert [event["data"]["date"] for event in again] == ["2026-03-02", "2026-03-03"]
    assert [event["seq"] for event in again] == [first["seq"] + 1, first["seq"] + 2]


def test_a_socket_that_was_idle_still_hears(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        time.sleep(IDLE_SECONDS)
        person.post("/progress", {"date": "2026-03-01", "weight": 70})

        assert receive(socket)["type"] == "progress.logged"


def test_a_push_does_not_wait_for_the_poll(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        person.post("/progress", {"date": "2026-03-01", "weight": 70})
        receive(socket)
        for day in range(2, 12):
            person.post("/progress", {"date": f"2026-03-{day:02}", "weight": 70})

        dates = [receive(socket)["data"]["date"] for _ in range(10)]

    assert dates == [f"2026-03-{day:02}" for day in range(2, 12)]


def test_a_socket_hears_its_own_person_only(person: Person, stack: Stack) -> None:
    other = Person(stack.url)
    with person.listen() as socket:
        receive(socket)
        other.post("/progress", {"date": "2026-03-01", "weight": 70})
        person.post("/progress", {"date": "2026-03-09", "weight": 70})

        assert receive(socket)["data"]["date"] == "2026-03-09"


def test_a_ping_is_answered(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        socket.send('{"type": "ping"}')

        assert receive(socket) == {"type": "pong"}


@pytest.mark.parametrize(
    "message", ['{"type": "shout"}', "not json", '{"type": "ping", "a": "' + "x" * 5000 + '"}', b"\x00"]
)
def test_anything_but_a_ping_closes_the_socket(person: Person, message: str | bytes) -> None:
    with person.listen() as socket:
        receive(socket)
        socket.send(message)

        assert close_code(socket) == 4400


def test_a_ticket_opens_one_socket(person: Person, stack: Stack) -> None:
    ticket = person.ticket()
    with open_socket(stack.url, f"?ticket={ticket}") as first:
        assert receive(first)["type"] == "hello"
        with open_socket(stack.url, f"?ticket={ticket}") as second:
            assert close_code(second) == 4401


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=made-up", "?after=0"])
def test_without_a_ticket_there_is_no_feed(stack: Stack, query: str) -> None:
    with open_socket(stack.url, query) as socket:
        assert close_code(socket) == 4401


def test_a_program_may_use_its_access_token(person: Person, stack: Stack) -> None:
    with open_socket(stack.url, "", Authorization=f"Bearer {person.access}") as socket:
        assert receive(socket)["type"] == "hello"


def test_a_foreign_origin_is_refused(person: Person) -> None:
    with person.listen(Origin="https://evil.example") as socket:
        assert close_code(socket) == 4403


def test_the_own_origin_is_welcome(person: Person) -> None:
    with person.listen(Origin=person.base) as socket:
        assert receive(socket)["type"] == "hello"


@pytest.mark.parametrize("after", ["-1", "99999", "x", "1e3"])
def test_a_place_in_the_feed_that_never_was_is_refused(person: Person, stack: Stack, after: str) -> None:
    with open_socket(stack.url, f"?ticket={person.ticket()}&after={after}") as socket:
        assert close_code(socket) == 4400


def test_the_socket_closes_when_its_session_ends(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        person.post("/logout", {"refresh": person.refresh})

        assert close_code(socket) == 4401


def test_a_stream_says_what_a_socket_and_the_pages_say(person: Person) -> None:
    with person.listen() as socket, Stream(person) as stream:
        assert receive(socket) == stream.next()[1] == {"type": "hello", "seq": 0, "contract": "1"}
        person.post("/generate-plan", {"kind": "meal", "days": 1, "start_date": "2026-03-02"})
        told = until(socket, is_terminal)
        streamed = [stream.next() for _ in told]

    paged = person.get("/events?after=0")[1]["items"]
    assert [frame for _, frame in streamed] == told == paged
    assert [number for number, _ in streamed] == [frame["seq"] for frame in told]


def test_a_stream_goes_on_behind_the_last_entry_that_was_seen(person: Person) -> None:
    for day in range(1, 5):
        person.post("/progress", {"date": f"2026-03-0{day}", "weight": 70})

    with Stream(person, "?after=1") as stream:
        begun = [stream.next() for _ in range(2)]
    with Stream(person, "?after=1", **{"Last-Event-ID": "2"}) as stream:
        again = [stream.next() for _ in range(3)]

    assert [(number, frame["type"]) for number, frame in begun] == [(1, "hello"), (2, "progress.logged")]
    assert [(number, frame["seq"]) for number, frame in again] == [(2, 4), (3, 3), (4, 4)]


def test_a_stream_ends_when_its_session_does(person: Person) -> None:
    with Stream(person) as stream:
        stream.next()
        person.post("/logout", {"refresh": person.refresh})

        rest = list(stream.entries())

    assert [frame["type"] for _, frame in rest] == ["session.revoked"]


@pytest.mark.parametrize(("query", "header"), [("?after=7", {}), ("?after=x", {}), ("", {"Last-Event-ID": "-1"})])
def test_a_stream_from_a_place_that_never_was_is_refused(person: Person, query: str, header: dict[str, str]) -> None:
    with Stream(person, query, **header) as stream:
        problem = json.loads(stream.answer.read())

    assert (stream.answer.status, problem["errors"][0]["pointer"]) == (422, "/after")


def test_a_stream_is_for_who_is_signed_in(person: Person) -> None:
    with Stream(person, Authorization="Bearer nonsense") as stream:
        assert stream.answer.status == 401


def test_a_stream_hears_its_own_person_only(person: Person, stack: Stack) -> None:
    other = Person(stack.url)
    with Stream(person) as stream:
        stream.next()
        other.post("/progress", {"date": "2026-03-01", "weight": 70})
        person.post("/progress", {"date": "2026-03-09", "weight": 70})

        assert stream.next()[1]["data"]["date"] == "2026-03-09"


def test_who_asks_for_what_is_gone_is_told_to_read_anew(person: Person, stack: Stack) -> None:
    for day in range(1, 6):
        person.post("/progress", {"date": f"2026-03-0{day}", "weight": 70})
    with psycopg.connect(stack.environment["DATABASE_URL"]) as database:
        database.execute("DELETE FROM events WHERE seq <= 3 AND user_id = %s", [person.user["id"]])

    with person.listen(after=1) as socket, Stream(person, "?after=1") as stream:
        told = [receive(socket) for _ in range(4)]
        streamed = [stream.next()[1] for _ in range(4)]

    for frames in (told, streamed):
        assert [(frame["type"], frame["seq"]) for frame in frames] == [
            ("hello", 5),
            ("resync", 3),
            ("progress.logged", 4),
            ("progress.logged", 5),
        ]


def test_many_changes_at_once_are_told_in_order(person: Person) -> None:
    with person.listen() as socket:
        receive(socket)
        performed = {"exercise_id": "goblet_squat", "reps": 8, "load": 12, "rir": 2}
        for day in range(1, 29):
            person.post("/progress/sets", {"sets": [{"date": f"2026-02-{day:02}", **performed}]})

        numbers = [receive(socket)["seq"] for _ in range(28)]

    assert numbers == list(range(1, 29))


def test_a_stream_that_is_not_read_is_dropped_and_nobody_else(person: Person, stack: Stack) -> None:
    with psycopg.connect(stack.environment["DATABASE_URL"]) as database:
        database.execute(
            "INSERT INTO events (user_id, seq, type, data, time) "
            "SELECT %s, number, 'thing.happened', jsonb_build_object('text', repeat('x', 8000)), now() "
            "FROM generate_series(1, 2000) number",
            [person.user["id"]],
        )
        database.execute("UPDATE users SET last_seq = 2000 WHERE id = %s", [person.user["id"]])
    request = (
        f"GET /api/v1/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1:{stack.port}\r\nAccept: text/event-stream\r\n"
        f"Authorization: Bearer {person.access}\r\n\r\n"
    )

    with socket.socket() as deaf, Stream(person, "?after=1998") as reader:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", stack.port))
        deaf.sendall(request.encode())

        assert eventually(lambda: deaf.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET)
        assert [reader.next()[0] for _ in range(3)] == [1998, 1999, 2000]
