"""The WebSocket: a person's event feed, replayed and then live.

Invariant: what is sent is what `feed_follow` hands out, in its order; one task sends it, and waits for the client to
take it.
"""

import asyncio
import contextlib
import json
import re
import urllib.parse
import uuid
from collections import deque
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http.request import validate_host

from config import errors, metrics
from users import feed_log, feed_watch, services
from users.feed_follow import Follow, Frame, Listener, hello, in_thread, listener_of

SEND_SECONDS = 5.0  # in which a client must make room for the next message
MAX_MESSAGE = 4096  # bytes
MOST_MESSAGES = 10  # of a client, in a second
BAD_REQUEST, SIGNED_OUT, FOREIGN_ORIGIN, TOO_MANY = 4400, 4401, 4403, 4429
TOO_SLOW = 1013  # "try again later", of the registry of RFC 6455
ELSEWHERE = 1012  # "service restart", of the same


class EventFeed(AsyncWebsocketConsumer):
    """`/ws/events?ticket=…[&after=SEQ]`, or with `Authorization: Bearer`."""

    channel_layer_alias = ""  # none: a channel, a queue and a task for each socket would only call `Follow.wake`

    async def __call__(self, *connection: Any) -> None:
        """Serve one socket; whatever was begun for it ends with it, however that comes about."""
        async with contextlib.AsyncExitStack() as self.ends:
            await super().__call__(*connection)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Do what channels does, without a thread that closes the connections of no query."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        await self.accept()
        metrics.sockets.inc()
        self.ends.callback(metrics.sockets.dec)
        self._heard: deque[float] = deque(maxlen=MOST_MESSAGES)
        if not self._origin_is_ours():
            await self.close(FOREIGN_ORIGIN)
            return
        query = urllib.parse.parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        who = await self._who(query)
        if who is None:
            await self.close(SIGNED_OUT)
            return
        await self._begin(who, query.get("after", [""])[0])

    async def _begin(self, who: Listener, after: str) -> None:
        """Say hello. Who is woken first and asks then where they are has missed nothing in between."""
        follow = await self.ends.enter_async_context(feed_watch.following(who))
        last = await in_thread(feed_log.newest, who.user_id, who.session_id)
        if last is None:
            await self.close(SIGNED_OUT)
            return
        position = feed_log.position(after, last)
        if position is None:
            await self.close(BAD_REQUEST)
            return
        follow.begin(position, last)
        await self._send(hello(last))
        self.ends.callback(asyncio.create_task(self._tell(follow)).cancel)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._is_flooded(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif _is_ping(text_data or ""):
            await self._send({"type": "pong"})
        else:
            await self.close(BAD_REQUEST)

    async def _tell(self, follow: Follow) -> None:
        async for batch in follow.batches():
            for frame in batch:
                if not await self._send(frame):
                    return
        if follow.is_left:
            await self.close(ELSEWHERE)
        else:
            await self.close(SIGNED_OUT)

    def _is_flooded(self, now: float) -> bool:
        """Note a message; say whether one more than `MOST_MESSAGES` came within a second."""
        flooded = len(self._heard) == MOST_MESSAGES and now - self._heard[0] < 1
        self._heard.append(now)
        return flooded

    async def _send(self, message: Frame) -> bool:
        """Send, wait for room for the next, say whether there is. A client that makes none is sent away."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(text_data=json.dumps(message, separators=(",", ":")))
        except TimeoutError:
            await self.close(TOO_SLOW)
            return False
        return True

    async def _who(self, query: dict[str, list[str]]) -> Listener | None:
        """Return who says to listen: by a ticket that was good, or by a token of ours."""
        if ticket := query.get("ticket", [""])[0]:
            redeemed: tuple[int, uuid.UUID] | None = await in_thread(services.redeem_ticket, ticket)
            return Listener(*redeemed) if redeemed else None
        scheme, _, token = self._header(b"authorization").partition(" ")
        if scheme.casefold() != "bearer":
            return None
        try:
            return listener_of(token)
        except errors.Unauthorized:
            return None

    def _origin_is_ours(self) -> bool:
        """Browsers always send Origin; programs need not. A page whose own name was made to lead here is foreign."""
        origin, host = self._header(b"origin"), self._header(b"host")
        if not origin or origin in settings.WEBSOCKET_ORIGINS:
            return True
        ours = validate_host(re.sub(r":\d+\Z", "", host).lower(), settings.ALLOWED_HOSTS)
        return ours and origin.partition("://")[2] == host

    def _header(self, name: bytes) -> str:
        found: bytes = dict(self.scope["headers"]).get(name, b"")
        return found.decode("latin-1")


def _is_ping(text: str) -> bool:
    try:
        return len(text.encode()) <= MAX_MESSAGE and json.loads(text) == {"type": "ping"}
    except (ValueError, RecursionError):
        return False
