"""Faults 18, 30 and 45: nobody said "look", so each web server must find by itself what sockets and streams are owed.

Invariant: what happens is written past the product, so that no wake can have told of it.
"""

import contextlib
import json

import pytest

from tests.faults.conftest import Server
from tests.faults.scene import Scene
from tests.faults.test_feed import log_day, write_events
from tests.journeys.person import Person, open_socket, receive
from tests.journeys.test_events import close_code
from tests.workers.stream import Stream

LONG = 15  # s, of a bounded wait


def group(person: Person) -> bytes:
    return f"regimen__group__user.{person.user['id']}".encode()


def hears(scene: Scene, person: Person) -> bool:
    """Say whether Redis knows of somebody who listens to a person's feed."""
    with scene.store("CHANNELS_URL") as store:
        return group(person) in store.pubsub_channels()


def test_fault_45_an_event_whose_wake_was_lost_is_heard_all_the_same(either: Server) -> None:
    person = Person(either.url)
    with person.listen() as line, Stream(person) as stream:
        receive(line)
        stream.next()
        write_events(either, person, 2, 10)

        heard = [json.loads(line.recv(timeout=LONG))["seq"] for _ in range(2)]
        streamed = [stream.next()[0] for _ in range(2)]

    assert heard == streamed == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET revoked_at = now() WHERE user_id = %s",
        "UPDATE users SET is_active = false WHERE id = %s",
        "DELETE FROM sessions WHERE user_id = %s",
    ],
    ids=["revoked", "deactivated", "gone"],
)
def test_fault_18_who_may_not_listen_any_more_is_sent_away_though_nobody_said_so(
    either: Server, statement: str
) -> None:
    person, other = Person(either.url), Person(either.url)
    with person.listen() as line, other.listen() as theirs, Stream(person) as stream:
        for one in (line, theirs):
            receive(one)
        stream.next()
        with either.database() as database:
            database.execute(statement, [person.user["id"]])

        assert close_code(line) == 4401
        assert list(stream.entries()) == []
        theirs.send('{"type": "ping"}')
        assert receive(theirs) == {"type": "pong"}


def test_fault_30_a_socket_that_was_opened_while_redis_was_away_is_woken_again_when_it_is_back(
    scene: Scene, someone: Person
) -> None:
    with contextlib.ExitStack() as lines:
        scene.redis.kill()
        line = lines.enter_context(open_socket(scene.url, "", Authorization=f"Bearer {someone.access}"))
        assert receive(line)["type"] == "hello"
        log_day(someone, 1)
        assert json.loads(line.recv(timeout=LONG))["data"]["date"] == "2026-03-01"
        scene.redis.start_again()

        scene.wait_for(lambda: hears(scene, someone))


def test_fault_30_a_socket_from_before_is_woken_again_when_redis_is_back(scene: Scene, someone: Person) -> None:
    with someone.listen() as line:
        receive(line)
        scene.wait_for(lambda: hears(scene, someone))
        scene.redis.kill()
        scene.redis.start_again()

        scene.wait_for(lambda: hears(scene, someone))
        log_day(someone, 1)
        assert json.loads(line.recv(timeout=LONG))["data"]["date"] == "2026-03-01"
