"""The event feed: record an event with a fact, read what came after a number.

Invariant: an event commits with the change that it tells of, or not at all; the push to sockets only says "look".
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction
from redis.exceptions import RedisError

from config import errors
from users.models import Event

PAGE = 200

log = logging.getLogger(__name__)


class Kind(Protocol):
    """An event's type and data; the dataclasses in each app's `events.py` are of this shape."""

    TYPE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def record(user_id: int, event: Kind) -> int:
    """Append an event to the person's feed and return its `seq`. Holds the person's row until the commit.

    :raises errors.Unauthorized: when the person was erased in between.
    """
    return record_all(user_id, [event])


def record_all(user_id: int, happened: Sequence[Kind]) -> int:
    """Append events, one at least, in their order; return the last one's `seq`. As `record`, in two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq", [len(happened), user_id]
        )
        found = cursor.fetchone()
    if found is None:
        raise errors.Unauthorized
    last = int(found[0])
    first = last - len(happened) + 1
    Event.objects.bulk_create(
        Event(user_id=user_id, seq=seq, type=event.TYPE, data=asdict(event))
        for seq, event in enumerate(happened, first)
    )
    transaction.on_commit(lambda: _look(user_id), robust=True)
    return last


def after(user_id: int, seq: int, limit: int = PAGE) -> list[dict[str, Any]]:
    """Return the feed's entries past `seq`, oldest first, as clients see them."""
    found = Event.objects.filter(user_id=user_id, seq__gt=seq).order_by("seq")[:limit]
    return [
        {
            "seq": event.seq,
            "type": event.type,
            "time": event.time.isoformat().replace("+00:00", "Z"),
            "data": event.data,
        }
        for event in found
    ]


def group(user_id: int) -> str:
    return f"user.{user_id}"


def _look(user_id: int) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(group(user_id), {"type": "feed.look"})
    except (RedisError, OSError) as error:
        log.warning("sockets not told: %s", type(error).__name__)


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A person signed in on another device."""

    TYPE: ClassVar[str] = "session.started"
    session_id: str


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    """A session has ended; its socket closes."""

    TYPE: ClassVar[str] = "session.revoked"
    session_id: str


@dataclass(frozen=True, slots=True)
class ProfileUpdated:
    """A person changed their profile, and with it perhaps their targets."""

    TYPE: ClassVar[str] = "profile.updated"
    fields: list[str]


@dataclass(frozen=True, slots=True)
class PlanUpdated:
    """A person or staff changed a plan by hand; `kind` is meal or workout."""

    TYPE: ClassVar[str] = "plan.updated"
    kind: str
    dates: list[str]


@dataclass(frozen=True, slots=True)
class SetsLogged:
    """Performed sets were stored."""

    TYPE: ClassVar[str] = "progress.logged"
    dates: list[str]
