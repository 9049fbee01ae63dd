"""The channel layer, which says "look" to sockets in other processes, and is never waited for.

Invariant: nobody waits longer than `PATIENCE` for Redis here, and who has waited in vain leaves sending alone for
`REST`: a push that is lost costs a socket one poll. A Redis that refuses costs nothing, and is asked again each time.

The layer's connections are read from for as long as sockets are open, so their own timeout is 15 s; a write that tells
of an event waited that long for a Redis that hangs.
"""

import asyncio
import functools
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

PATIENCE = 0.5  # s
REST = 5.0  # s
BOUNDED = frozenset({"group_send", "group_add", "group_discard"})


class PushLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`channels_redis`' layer over pub/sub, with patience that ends: its commands raise `OSError` then."""

    _rests_until = 0.0

    def __getattr__(self, name: str) -> Any:
        command = super().__getattr__(name)
        return functools.partial(self._in_time, name, command) if name in BOUNDED else command

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Return a name for a socket of this process. Nobody sends to one socket, so none is subscribed to in Redis."""
        layer = self._get_layer()
        channel = f"{layer.prefix}{prefix}{uuid.uuid4().hex}"
        layer.channels[channel] = asyncio.Queue()
        return channel

    async def _in_time(self, name: str, command: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Run a command of the layer; who only joins or leaves is not kept from trying."""
        if name == "group_send" and time.monotonic() < self._rests_until:
            raise ConnectionError
        try:
            async with asyncio.timeout(PATIENCE):
                await command(*arguments)
        except (TimeoutError, RedisTimeout):
            self._rests_until = time.monotonic() + REST
            raise TimeoutError from None
        except RedisError as error:
            raise ConnectionError(type(error).__name__) from None
