"""The channel layer, which says "look" to sockets in other processes, and is never waited for.

Invariant: nobody waits longer than `PATIENCE` for Redis here, and who has published in vain leaves publishing alone for
`REST`: a push that is lost costs a socket one look. A Redis that refuses costs nothing, and is asked again each time.

The layer's connections are read from for as long as sockets are open, so their own timeout is 15 s; a write that tells
of an event waited that long for a Redis that hangs.

When Redis comes back, every group that was joined before is joined again by redis-py (8: `PubSub.on_connect`). What
could not be joined at all is `rejoin`'s. A line that dies without a word is noticed by its silence: `Line`.
"""

import asyncio
import contextlib
import functools
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from channels_redis.pubsub import (  # type: ignore[import-untyped]
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)
from channels_redis.utils import decode_hosts  # type: ignore[import-untyped]
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

PATIENCE = 0.5  # s
REST = 5.0  # s
QUIET = 10.0  # s in which nothing is heard, until a line is asked whether it is there; and then for its answer
PAUSE = 1.0  # s between a line that is lost and the next
BOUNDED = frozenset({"group_send", "group_add", "group_discard"})

log = logging.getLogger(__name__)


class Bell:
    """Stands where a channel's queue does: what comes is not kept, but rung."""

    __slots__ = ("put_nowait",)

    def __init__(self, ring: Callable[[], None]) -> None:
        self.put_nowait: Callable[[bytes], None] = lambda _: ring()


class Line(RedisSingleShardConnection):  # type: ignore[misc]
    """Hears what Redis says, for ever: a line that gives no answer is dead, and the next one is laid after a pause.

    Where the kernel gave a line up (ETIMEDOUT), redis-py reads on at once, as if nothing had come, and who only reads
    lets no other task run; who writes is told. A line is laid under the lock: two at a time would mix their answers.
    """

    async def _do_receiving(self) -> None:
        while True:
            try:
                async with self._lock:
                    await self._pubsub.connect()
                await self._hear()
            except (RedisError, OSError) as error:
                log.warning("a line to Redis is lost: %s", type(error).__name__)
                await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        """Pass on what comes, and ask where nothing does.

        :raises RedisError: the line is dead, and closed.
        """
        connection, is_asked = self._pubsub.connection, False
        while True:
            heard = await connection.read_response(timeout=QUIET, push_request=True)
            if heard is not None:
                self._receive_message(await self._pubsub.handle_message(heard, ignore_subscribe_messages=True))
            elif is_asked:
                await connection.disconnect(nowait=True)
                raise RedisGone("silent")
            else:
                async with self._lock:
                    await connection.send_command("PING", check_health=False)
            is_asked = heard is None


class Lines(RedisPubSubLoopLayer):  # type: ignore[misc]
    """What a loop has of the layer: a `Line` to each host."""

    def __init__(self, hosts: Any = None, **options: Any) -> None:
        super().__init__(hosts, **options)
        self._shards = [Line(host, self) for host in decode_hosts(hosts)]


class PushLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`channels_redis`' layer over pub/sub, with patience that ends: its commands raise `OSError` then."""

    _rests_until = 0.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._missing: dict[str, str] = {}  # group by channel: Redis was away when it was joined

    def __getattr__(self, name: str) -> Any:
        command = super().__getattr__(name)
        return functools.partial(self._in_time, name, command) if name in BOUNDED else command

    def _get_layer(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            super()._get_layer()  # for what it does besides: the layer is closed with its loop
            self._layers[loop] = Lines(*self._args, **self._kwargs, channel_layer=self)
        return self._layers[loop]

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
