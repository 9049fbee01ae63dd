"""Everybody who follows a feed in this process: joined to what wakes them, and looked after with one query for all.

Invariant: whoever is here is looked at again `LOOK_SECONDS` after the last time. A look finds an event that no wake
told of, a session that has ended, and a token that is over; so a person who was deactivated hears no more after five
seconds, and while Redis is away an event is late by as much. No part of a look holds the loop.
"""

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from channels.layers import get_channel_layer
from django.db import Error as DatabaseFailure

from config import going
from users import events, feed_log
from users.feed_follow import Follow, Listener, in_thread

LOOK_SECONDS = 4.0
AT_ONCE = 500  # are asked about in one query; a look at more is several

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def following(listener: Listener) -> AsyncIterator[Follow]:
    """Have somebody woken by what happens to them, looked after, and told when this server goes."""
    layer: Any = get_channel_layer()
    follow = Follow(listener)
    forget = going.listen(follow.leave)
    _watch.add(follow)
    try:
        async with layer.heard(events.group(listener.user_id), follow.wake):
            yield follow
    finally:
        _watch.remove(follow)
        forget()


class Watch:
    """Who is due when, the next ones first."""

    def __init__(self) -> None:
        self._due: dict[Follow, float] = {}
        self._looking: asyncio.Task[None] | None = None

    def add(self, follow: Follow) -> None:
        self._due[follow] = _now() + LOOK_SECONDS
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())

    def remove(self, follow: Follow) -> None:
        self._due.pop(follow, None)

    async def _look_on(self) -> None:
        """Look for as long as there is anybody."""
        layer: Any = get_channel_layer()
        while self._due:
            await asyncio.sleep(next(iter(self._due.values())) - _now())
            await self._look(list(itertools.islice(self._due, AT_ONCE)))
            await layer.rejoin()

    async def _look(self, some: list[Follow]) -> None:
        next_time = _now() + LOOK_SECONDS
        for follow in some:
            del self._due[follow]
            self._due[follow] = next_time
        _end_tokens(some)
        asked = [(one.listener.user_id, one.listener.session_id, one.position) for one in some]
        try:
            found = await in_thread(feed_log.news, asked) if asked else []
        except DatabaseFailure as error:
            log.warning("nobody was looked at: %s", type(error).__name__)
            return
        for place, last in found:
            _tell(some[place], last)
            await asyncio.sleep(0)  # what they do about it is not all done at once


def _end_tokens(some: list[Follow]) -> None:
    now = time.time()
    for follow in some:
        if now >= follow.listener.until:
            follow.end()


def _tell(follow: Follow, last: int | None) -> None:
    if last is None:
        follow.end()
    else:
        follow.last = last
        follow.wake()


def _now() -> float:
    return asyncio.get_running_loop().time()


_watch = Watch()
