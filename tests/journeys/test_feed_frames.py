"""What the socket really says, held against the AsyncAPI document that the same server serves."""

import contextlib
import json
import urllib.request
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.journeys.person import Person, is_terminal, receive, until
from tests.product import Stack

MONDAY = "2026-03-02"
SEEN_HERE = {  # plan.failed needs a conflict, which the catalogue makes rare
    *("plan.queued", "plan.progress", "plan.ready", "plan.cancelled", "plan.updated"),
    *("progress.logged", "progress.deleted", "profile.updated", "session.revoked"),
}


@pytest.fixture
def document(stack: Stack) -> dict[str, Any]:
    with urllib.request.urlopen(f"{stack.url}/asyncapi.json", timeout=10) as answer:  # noqa: S310 - loopback
        assert answer.headers["Content-Type"] == "application/json"
        return dict(json.loads(answer.read()))


def everything_that_happens(person: Person, stack: Stack, socket: ClientConnection) -> list[dict[str, Any]]:
    """Do one of each, and return every frame up to the socket's end."""
    socket.send('{"type": "ping"}')
    frames = [receive(socket), receive(socket)]
    person.post("/generate-plan", {"kind": "both", "days": 1, "start_date": MONDAY})
    frames += until(socket, is_terminal)
    with stack.without("worker"):
        _, job = person.post("/generate-plan", {"kind": "meal", "days": 1, "start_date": "2026-04-06"})
        person.request("DELETE", f"/jobs/{job['id']}")
    frames += until(socket, is_terminal)
    person.post("/meal-plan/swap", {"date": MONDAY, "slot": "lunch"})
    person.post("/progress", {"date": MONDAY, "weight": 70})
    person.request("DELETE", f"/progress/{MONDAY}")
    performed = {"date": MONDAY, "exercise_id": "goblet_squat", "reps": 8, "load": 12, "rir": 2}
    assert person.post("/progress/sets", {"sets": [performed]})[0] in {200, 201}
    person.request("PATCH", "/profile", {"name": "Ada Byron"})
    person.post("/logout", {"refresh": person.refresh})
    with contextlib.suppress(ConnectionClosed):
        while True:
            frames.append(receive(socket))
    return frames


def test_every_frame_of_a_real_feed_fits_the_document(stack: Stack, document: dict[str, Any]) -> None:
    person = Person(stack.url)
    message = {**document["components"]["schemas"]["ServerMessage"], "components": document["components"]}
    validator = jsonschema.Draft202012Validator(message, format_checker=jsonschema.FormatChecker())

    with person.listen(after=0) as socket:
        frames = everything_that_happens(person, stack, socket)

    assert [error.message for frame in frames for error in validator.iter_errors(frame)] == []
    assert {frame["type"] for frame in frames} == SEEN_HERE | {"hello", "pong"}
    assert str(socket.close_code) in document["channels"]["events"]["x-close-codes"]
