"""One listener of a person's feed, over whatever line: what was missed, then what comes, until their session ends.

Invariant: what is handed out is read from the log past the last `seq` that was taken, so nothing is missed and nothing
comes twice. A wake only says "read"; `feed_watch` is its net.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import math
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseFailure

from config import errors, metrics
from users import auth, events, feed_log

CONTRACT = "1"

Frame = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """Whose feed it is, and by which right; `until` is a second of the epoch, for who brought a token."""

    user_id: int
    session_id: uuid.UUID
    until: float = math.inf


class Follow:
    """How far a listener is: `position` is what they have taken, `last` the person's newest number that is known."""

    __slots__ = ("_is_over", "_woken", "is_left", "last", "listener", "position")

    def __init__(self, listener: Listener) -> None:
        self.listener, self._woken = listener, asyncio.Event()
        self.position = self.last = 0
        self.is_left = self._is_over = False

    def begin(self, position: int, last: int) -> None:
        """Go on past `position`."""
        self.position, self.last = position, last
        if position < last:
            self.wake()

    def wake(self) -> None:
        """Have the log read. Many wakes until then are one."""
        self._woken.set()

    def leave(self) -> None:
        """End for this server, as soon as what is being handed out has been taken."""
        self.is_left = True
        self.wake()

    def end(self) -> None:
        """End for good: the session is over. The next entries that were not read yet are still handed out."""
        self._is_over = True
        self.wake()

    async def batches(self, silence: float | None = None) -> AsyncIterator[list[Frame]]:
        """Yield what comes, in order, and an empty list after so many seconds without; end with the session."""
        is_live = False
        while not self.is_left:
            if not await self._is_woken(silence):
                yield []
                continue
            try:
                while batch := await in_thread(feed_log.after, self.listener.user_id, self.position, self.last):
                    yield batch
                    self._take(batch, is_live=is_live)
                    if self._is_over or len(batch) < events.PAGE:
                        break
                is_live = True  # what comes from now on happened while the line was open
            except DatabaseFailure as error:
                log.warning("feed could not be read: %s", type(error).__name__)
            if self._is_over:
                return

    async def _is_woken(self, within: float | None) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._woken.wait()
        is_woken = self._woken.is_set()
        self._woken.clear()
        return is_woken

    def _take(self, batch: list[Frame], *, is_live: bool) -> None:
        """Note what has been taken; the person's own word that the session is over is its end."""
        self.position = batch[-1]["seq"]
        for frame in batch:
            if is_live:
                metrics.event_lag.observe(_age(frame))
            if frame["type"] == "session.revoked" and frame["data"].get("session_id") == str(self.listener.session_id):
                self._is_over = True


def listener_of(token: str) -> Listener:
    """Return who listens with an access token; whether their session lives is asked with `feed_log.newest`.

    :raises errors.Unauthorized: it is no good.
    """
    claims = auth.claims_of(token)
    if claims is None:
        raise errors.Unauthorized
    user_id, session_id, until = claims
    return Listener(user_id, uuid.UUID(session_id), until)


def hello(last: int) -> Frame:
    """Return the first frame; `last` is the person's newest number."""
    return {"type": "hello", "seq": last, "contract": CONTRACT}


def in_thread(function: Any, *args: Any) -> Any:
    """Run a query in a thread of its own: with the default, all sockets would share one."""
    return database_sync_to_async(function, thread_sensitive=False)(*args)


def _age(event: Frame) -> float:
    """Return how many seconds ago an event was recorded."""
    return max(0.0, time.time() - dt.datetime.fromisoformat(event["time"]).timestamp())
