"""The WebSocket: a person's event feed, replayed and then live.

Invariant: what is sent is read from the log past the last `seq` that was sent, so nothing is missed and nothing comes
twice; a push, and a poll as its net, only say "look".
"""

import asyncio
import contextlib
import datetime as dt
import json
import logging
import math
import re
import time
import urllib.parse
import uuid
from collections import deque
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http.request import validate_host
from redis.exceptions import RedisError

from config import errors, metrics
from users import auth, events, services
from users.models import User

CONTRACT = "1"
POLL_SECONDS = 4.0  # a person who was deactivated hears no more after five
SEND_SECONDS = 5.0  # in which a client must make room for the next message
MAX_MESSAGE = 4096  # bytes
MOST_MESSAGES = 10  # of a client, in a second
BAD_REQUEST, SIGNED_OUT, FOREIGN_ORIGIN, TOO_MANY = 4400, 4401, 4403, 4429
TOO_SLOW = 1013  # "try again later", of the registry of RFC 6455


log = logging.getLogger(__name__)


class EventFeed(AsyncWebsocketConsumer):
    """`/ws/events?ticket=…[&after=SEQ]`, or with `Authorization: Bearer`."""

    user_id: int
    session_id: uuid.UUID
    sent: int
    is_live = False
    until = math.inf  # second of the epoch; a ticket's session is looked up with every poll, a token also expires

    async def connect(self) -> None:
        await self.accept()
        metrics.sockets.inc()
        self._counted = True
        self._lock = asyncio.Lock()
        self._heard: deque[float] = deque(maxlen=MOST_MESSAGES)
        if not self._origin_is_ours():
            await self.close(FOREIGN_ORIGIN)
            return
        query = urllib.parse.parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        who = await self._who(query)
        if who is None:
            await self.close(SIGNED_OUT)
            return
        self.user_id, self.session_id = who
        await self._begin(query.get("after", [""])[0])

    async def _begin(self, after: str) -> None:
        last = await in_thread(_last_seq, self.user_id)
        if after and not (after.isascii() and after.isdigit() and int(after) <= last):
            await self.close(BAD_REQUEST)
            return
        self.sent = int(after) if after else last
        await self._send({"type": "hello", "seq": last, "contract": CONTRACT})
        self._poll = asyncio.create_task(self._poll_for_ever())

    async def disconnect(self, code: int) -> None:
        if getattr(self, "_counted", False):
            metrics.sockets.dec()
        if poll := getattr(self, "_poll", None):
            poll.cancel()
            with contextlib.suppress(RedisError, OSError):
                await self.channel_layer.group_discard(events.group(self.user_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._is_flooded(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif _is_ping(text_data or ""):
            await self._send({"type": "pong"})
        else:
            await self.close(BAD_REQUEST)

    def _is_flooded(self, now: float) -> bool:
        """Note a message; say whether one more than `MOST_MESSAGES` came within a second."""
        flooded = len(self._heard) == MOST_MESSAGES and now - self._heard[0] < 1
        self._heard.append(now)
        return flooded

    async def feed_look(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(DatabaseFailure):  # the poll looks again
            await self._catch_up()

    async def _poll_for_ever(self) -> None:
        """Join the group again and look, every few seconds: a Redis that came back empty has forgotten us."""
        while True:
            with contextlib.suppress(RedisError, OSError):
                await self.channel_layer.group_add(events.group(self.user_id), self.channel_name)
            try:
                await self._catch_up()
                self.is_live = True  # what is sent from now on happened while the socket was open
                if time.time() >= self.until or not await in_thread(services.is_live, self.user_id, self.session_id):
                    await self.close(SIGNED_OUT)
                    return
            except DatabaseFailure as error:
                log.warning("feed could not be read: %s", type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _catch_up(self) -> None:
        if not hasattr(self, "sent"):
            return
        async with self._lock:
            while batch := await in_thread(events.after, self.user_id, self.sent):
                for event in batch:
                    if not await self._send(event):
                        return
                    self.sent = event["seq"]
                    if self.is_live:
                        metrics.event_lag.observe(_age(event))
                if any(self._ends_us(event) for event in batch):
                    await self.close(SIGNED_OUT)
                    return

    def _ends_us(self, event: dict[str, Any]) -> bool:
        return bool(event["type"] == "session.revoked" and event["data"].get("session_id") == str(self.session_id))

    async def _send(self, message: dict[str, Any]) -> bool:
        """Send, wait for room for the next, say whether there is. A client that makes none is sent away."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(text_data=json.dumps(message, separators=(",", ":")))
        except TimeoutError:
            await self.close(TOO_SLOW)
            return False
        return True

    async def _who(self, query: dict[str, list[str]]) -> tuple[int, uuid.UUID] | None:
        if ticket := query.get("ticket", [""])[0]:
            redeemed: tuple[int, uuid.UUID] | None = await in_thread(services.redeem_ticket, ticket)
            return redeemed if redeemed and await in_thread(services.is_live, *redeemed) else None
        scheme, _, token = self._header(b"authorization").partition(" ")
        if scheme.casefold() != "bearer":
            return None
        try:
            user: User = await in_thread(auth.authenticate, token)
        except errors.Unauthorized:
            return None
        _, _, self.until = auth.claims_of(token) or (0, "", 0.0)
        return user.pk, uuid.UUID(user.session_id)  # type: ignore[attr-defined]

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


def _age(event: dict[str, Any]) -> float:
    """Return how many seconds ago an event was recorded."""
    return max(0.0, time.time() - dt.datetime.fromisoformat(event["time"]).timestamp())


def in_thread(function: Any, *args: Any) -> Any:
    """Run a query in a thread of its own: with the default, all sockets would share one."""
    return database_sync_to_async(function, thread_sensitive=False)(*args)


def _last_seq(user_id: int) -> int:
    return User.objects.values_list("last_seq", flat=True).get(pk=user_id)
