"""The event feed: a number for each event of a person, without gap, in the transaction that made it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, transaction

from tests.conftest import Api
from users import events
from users.models import Event, User

EVENTS = "/api/v1/events"


@dataclass(frozen=True, slots=True)
class Happened:
    TYPE: ClassVar[str] = "thing.happened"
    number: int


def test_the_events_of_a_person_count_up_from_one(owner: User, stranger: User) -> None:
    numbers = [events.record(user.pk, Happened(1)) for user in (owner, owner, stranger, owner)]

    assert numbers == [1, 2, 1, 3]


def test_the_feed_tells_what_happened_when_past_a_number(owner: User) -> None:
    for number in range(4):
        events.record(owner.pk, Happened(number))

    entries = events.after(owner.pk, 2)

    assert [(entry["seq"], entry["type"], entry["data"]) for entry in entries] == [
        (3, "thing.happened", {"number": 2}),
        (4, "thing.happened", {"number": 3}),
    ]
    assert all(entry["time"].endswith("Z") for entry in entries)


def test_a_change_that_is_rolled_back_leaves_neither_event_nor_gap(owner: User) -> None:
    events.record(owner.pk, Happened(1))

    with transaction.atomic():
        events.record(owner.pk, Happened(2))
        transaction.set_rollback(True)

    assert events.record(owner.pk, Happened(3)) == 2
    assert [entry["data"]["number"] for entry in events.after(owner.pk, 0)] == [1, 3]


def test_no_two_events_of_a_person_can_have_one_number(owner: User) -> None:
    events.record(owner.pk, Happened(1))

    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(user=owner, seq=1, type="thing.happened")


def test_the_feed_is_read_in_pages_and_misses_nothing(as_owner: Api, owner: User) -> None:
    for number in range(7):
        events.record(owner.pk, Happened(number))

    read, seq = [], 0
    while page := as_owner.get(f"{EVENTS}?after={seq}&limit=3").json():
        if not page["items"]:
            break
        read += [item["data"]["number"] for item in page["items"]]
        seq = page["seq"]

    assert read == list(range(7))
    assert page == {"items": [], "seq": 7}


def test_nobody_hears_the_events_of_somebody_else(as_stranger: Api, owner: User) -> None:
    events.record(owner.pk, Happened(1))

    assert as_stranger.get(EVENTS).json() == {"items": [], "seq": 0}


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1.5", f"after={10**30}", "limit=0", "limit=201", "limit="]
)
def test_a_page_that_cannot_be_is_refused(as_owner: Api, query: str) -> None:
    assert as_owner.get(f"{EVENTS}?{query}").status_code == 422


def test_a_push_says_look_and_nothing_else_and_only_once_committed(
    owner: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    pushed: list[tuple[str, dict[str, Any]]] = []

    class Layer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            pushed.append((group, message))

    monkeypatch.setattr(events, "get_channel_layer", Layer)
    with django_capture_on_commit_callbacks(execute=True):
        events.record(owner.pk, Happened(1))
        before_commit = list(pushed)

    assert before_commit == []
    assert pushed == [(events.group(owner.pk), {"type": "feed.look"})]


def test_an_event_is_kept_when_redis_is_away(
    owner: User, settings: Any, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    nobody_listens = {"address": "redis://127.0.0.1:1/0", "socket_timeout": 1}
    settings.CHANNEL_LAYERS = {
        "default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": [nobody_listens]}},
    }

    with django_capture_on_commit_callbacks(execute=True):
        events.record(owner.pk, Happened(1))

    assert [entry["seq"] for entry in events.after(owner.pk, 0)] == [1]
    assert "sockets not told" in caplog.text
