"""One listener of a person's feed, over whatever line: what was missed, then what comes, until their session ends.

Invariant: what is handed out is read from the log past the last `seq` that was taken, so nothing is missed and nothing
comes twice. A wake, and a look every few seconds as its net, only say "read".
"""

import asyncio
import contextlib
import datetime as dt
import logging
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseFailure
from redis.exceptions import RedisError

from users import auth, feed_log

CONTRACT = "1"
POLL_SECONDS = 4.0  # a person who was deactivated hears no more after five

Frame = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """Whose feed it is, and by which right; `until` is a second of the epoch, for who brought a token."""

    user_id: int
    session_id: uuid.UUID
    until: float = math.inf


class Follow:
    """`join` makes sure that wakes arrive; it is called again and again, for a Redis that came back has forgotten."""

    def __init__(self, listener: Listener, position: int, join: Callable[[], Awaitable[None]]) -> None:
        self.listener, self.position = listener, position
        self._join, self._woken, self.is_left = join, asyncio.Event(), False

    def wake(self) -> None:
        """Have the log read. Many wakes until then are one."""
        self._woken.set()

    def leave(self) -> None:
        """End, as soon as what is being handed out has been taken."""
        self.is_left = True
        self.wake()

    async def batches(self, last: int) -> AsyncIterator[list[Frame]]:
        """Yield what comes, in order, and an empty list when nothing did for a while; end with the session.

        `last` is the person's newest number at the beginning.
        """
        look_at = 0.0
        while not self.is_left:
            self._woken.clear()
            is_due = _now() >= look_at
            if is_due:
                look_at = _now() + POLL_SECONDS
                await self._join_again()
            try:
                while batch := await in_thread(feed_log.after, self.listener.user_id, self.position, last):
                    yield batch
                    self.position = batch[-1]["seq"]
                    if any(map(self._ends, batch)):
                        return
                if is_due:
                    if await self._is_over():
                        return
                    yield []
            except DatabaseFailure as error:
                log.warning("feed could not be read: %s", type(error).__name__)
            await self._wait_until(look_at)

    async def _join_again(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # the look is the net
            await self._join()

    async def _wait_until(self, end: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, end - _now())):
                await self._woken.wait()

    async def _is_over(self) -> bool:
        who = self.listener
        if time.time() >= who.until:
            return True
        lives: bool = await in_thread(auth.is_live, who.user_id, who.session_id)
        return not lives

    def _ends(self, frame: Frame) -> bool:
        ended: bool = frame["data"].get("session_id") == str(self.listener.session_id)
        return ended and frame["type"] == "session.revoked"


def listener_of(token: str) -> Listener:
    """Return who listens with an access token.

    :raises errors.Unauthorized: it is no good.
    """
    user = auth.authenticate(token)
    _, _, until = auth.claims_of(token) or (0, "", 0.0)
    return Listener(user.pk, uuid.UUID(user.session_id), until)  # type: ignore[attr-defined]


def hello(last: int) -> Frame:
    """Return the first frame; `last` is the person's newest number."""
    return {"type": "hello", "seq": last, "contract": CONTRACT}


def in_thread(function: Any, *args: Any) -> Any:
    """Run a query in a thread of its own: with the default, all sockets would share one."""
    return database_sync_to_async(function, thread_sensitive=False)(*args)


def _now() -> float:
    return asyncio.get_running_loop().time()


def age(event: Frame) -> float:
    """Return how many seconds ago an event was recorded."""
    return max(0.0, time.time() - dt.datetime.fromisoformat(event["time"]).timestamp())
