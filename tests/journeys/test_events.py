"""The event feed on a running stack: live, resumed, idle, refused."""

import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.journeys.person import Person, is_terminal, open_socket, receive, until
from tests.product import Stack

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
