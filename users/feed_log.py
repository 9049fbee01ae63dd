"""A person's feed as clients see it, and how long it is kept.

Invariant: numbers have no gap, so what does not begin with the next number was removed; whoever asks for it is told so
by a `resync` that stands in its place, whichever way they listen.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection
from django.utils import timezone

from users import events

BATCH = 1000
DIGITS = 19  # of a number that PostgreSQL takes
OLD = """
    DELETE FROM events WHERE time < statement_timestamp() - %s AND id IN (SELECT id FROM events ORDER BY id LIMIT %s)
"""
NEWS = """
    SELECT asked.place, users.last_seq
    FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[])
        WITH ORDINALITY AS asked (user_id, session_id, seq, place)
    LEFT JOIN sessions
        ON sessions.id = asked.session_id AND sessions.user_id = asked.user_id AND sessions.revoked_at IS NULL
    LEFT JOIN users ON users.id = sessions.user_id AND users.is_active
    WHERE users.id IS NULL OR users.last_seq > asked.seq
"""
TOO_MANY = """
    DELETE FROM events WHERE id IN (
        SELECT events.id FROM events JOIN users ON users.id = events.user_id
        WHERE users.last_seq > %s AND events.seq <= users.last_seq - %s LIMIT %s
    )
"""


@dataclass(frozen=True, slots=True)
class Resync:
    """What was asked for is too old to be kept, up to this `seq`."""

    TYPE: ClassVar[str] = "resync"


def after(user_id: int, seq: int, last: int, limit: int = events.PAGE) -> list[dict[str, Any]]:
    """Return the entries past `seq`, oldest first; `last` is a number that the person has had."""
    found = events.after(user_id, seq, limit)
    if found and found[0]["seq"] > seq + 1:
        return [_resync(found[0]["seq"] - 1), *found]
    return found or ([_resync(last)] if last > seq else [])


def news(asked: Sequence[tuple[int, uuid.UUID, int]]) -> list[tuple[int, int | None]]:
    """Of many who listen (person, session, the `seq` that they have), return whom something has happened to.

    That is their place among those asked about, and the person's newest `seq`: None when the session has ended, or the
    person is not active any more.
    """
    columns = [list(column) for column in zip(*asked, strict=True)]
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]  # of config.postgres
        cursor.execute(NEWS, columns)
        return [(place - 1, last) for place, last in cursor.fetchall()]


def newest(user_id: int, session_id: uuid.UUID) -> int | None:
    """Return the person's newest `seq`, None when the session may not listen any more."""
    [(_, last)] = news([(user_id, session_id, -1)])
    return last


def position(after: str, last: int) -> int | None:
    """Return the number from which to go on: what a client says, else the newest; None for one that never was."""
    if not after:
        return last
    return int(after) if after.isascii() and after.isdigit() and len(after) < DIGITS and int(after) <= last else None


def prune() -> int:
    """Remove what is older than `EVENT_AGE`, and of each person all but the newest `EVENTS_KEPT`; return how many.

    For the clock. The oldest rows have the lowest ids, so the search for them needs no index of its own.
    """
    kept = settings.EVENTS_KEPT
    with connection.cursor() as cursor:
        old = _in_batches(cursor, OLD, [settings.EVENT_AGE, BATCH])
        return old + _in_batches(cursor, TOO_MANY, [kept, kept, BATCH])


def _in_batches(cursor: Any, statement: str, values: list[Any]) -> int:
    removed = 0
    while True:
        cursor.execute(statement, values)
        count: int = cursor.rowcount
        removed += count
        if count < BATCH:
            return removed


def _resync(seq: int) -> dict[str, Any]:
    time = timezone.now().isoformat().replace("+00:00", "Z")
    return {"seq": seq, "type": Resync.TYPE, "time": time, "data": {}}
