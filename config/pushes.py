"""The channel layer, which says "look" to sockets in other processes, and is never waited for.

Invariant: nobody waits longer than `PATIENCE` for Redis here, and who has published in vain leaves publishing alone for
`REST`: a push that is lost costs a socket one look. A Redis that refuses costs nothing, and is asked again each time.

The layer's connections are read from for as long as sockets are open, so their own timeout is 15 s; a write that tells
of an event waited that long for a Redis that hangs.

When Redis comes back, every group that was joined before is joined again by redis-py (8: `PubSub.on_connect`). What
could not be joined at all is `rejoin`'s. A line that dies without a word is not survived yet: it is asked for ever.
"""

import asyncio
import contextlib
import functools
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

PATIENCE = 0.5  # s
REST = 5.0  # s
BOUNDED = frozenset({"group_send", "group_add", "group_discard"})


class Bell:
    """Stands where a channel's queue does: what comes is not kept, but rung."""

    __slots__ = ("put_nowait",)

    def __init__(self, ring: Callable[[], None]) -> None:
        self.put_nowait: Callable[[bytes], None] = lambda _: ring()


class PushLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`channels_redis`' layer over pub/sub, with patience that ends: its commands raise `OSError` then."""

    _rests_until = 0.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._missing: dict[str, str] = {}  # group by channel: Redis was away when it was joined

    def __getattr__(self, name: str) -> Any:
        command = super().__getattr__(name)
        return functools.partial(self._in_time, name, command) if name in BOUNDED else command

    @contextlib.asynccontextmanager
    async def heard(self, group: str, ring: Callable[[], None]) -> AsyncIterator[None]:
        """Have `ring` called for whatever is sent to a group, until the context ends.

        Without Redis nothing is heard before a `rejoin` finds it again.
        """
        channel, channels = uuid.uuid4().hex, self._get_layer().channels
        channels[channel] = Bell(ring)
        try:
            await self._join(group, channel)
            yield
        finally:
            self._missing.pop(channel, None)
            del channels[channel]
            with contextlib.suppress(OSError):
                await self.group_discard(group, channel)

    async def rejoin(self) -> None:
        """Join the groups that could not be joined; where Redis is still away, leave the rest for another time."""
        for channel, group in list(self._missing.items()):
            if channel in self._missing and not await self._join(group, channel):
                return
            await asyncio.sleep(0)  # they may be many, and nothing else here waits

    async def _join(self, group: str, channel: str) -> bool:
        self._missing[channel] = group
        with contextlib.suppress(OSError):
            await self.group_add(group, channel)
            self._missing.pop(channel, None)
        return channel not in self._missing

    async def _in_time(self, name: str, command: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Run a command of the layer; who joins or leaves in vain keeps nobody from publishing, nor is kept from it."""
        is_publishing = name == "group_send"
        if is_publishing and time.monotonic() < self._rests_until:
            raise ConnectionError
        try:
            async with asyncio.timeout(PATIENCE):
                await command(*arguments)
        except (TimeoutError, RedisTimeout):
            if is_publishing:
                self._rests_until = time.monotonic() + REST
            raise TimeoutError from None
        except RedisError as error:
            raise ConnectionError(type(error).__name__) from None
