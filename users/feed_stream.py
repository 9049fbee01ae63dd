"""The event feed as a stream over plain HTTP: `GET /api/v1/events` with `Accept: text/event-stream`.

Invariant: an entry's `id` is its `seq`, so that a client that comes back says `Last-Event-ID` and goes on there; what
it is sent is what a WebSocket is sent, in the same words.

It is a middleware, since a stream outlives its request: nothing of the request is kept but who listens.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from config import errors, going, metrics
from users import events, feed_log
from users.feed_follow import Follow, Frame, Listener, age, hello, listener_of

PATH = "/api/v1/events"
TYPE = "text/event-stream"
SILENCE_SECONDS = 12.0  # after which a comment says that the line is alive

Handler = Callable[[HttpRequest], HttpResponseBase]


def streamed(get_response: Handler) -> Handler:
    """Answer who asks for the feed as a stream; hand everybody else on."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path != PATH or request.META["REQUEST_METHOD"] != "GET" or not _wants_stream(request):
            return get_response(request)
        try:
            return _open(request)
        except errors.AppError as error:
            return errors.render(error)
        except (OperationalError, InterfaceError):
            return errors.render(errors.Unavailable())

    return middleware


def _wants_stream(request: HttpRequest) -> bool:
    return TYPE in request.headers.get("Accept", "").lower()


def _open(request: HttpRequest) -> HttpResponseBase:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer":
        raise errors.Unauthorized
    listener = listener_of(token.strip())
    last = feed_log.last_seq(listener.user_id)
    position = feed_log.position(request.headers.get("Last-Event-ID") or request.GET.get("after", ""), last)
    if position is None:
        raise errors.Invalid.field("/after", "less_than_equal", "There was no event with this number yet.")
    response = StreamingHttpResponse(_frames(listener, position, last), content_type=TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would collect it
    return response


async def _frames(listener: Listener, position: int, last: int) -> AsyncIterator[bytes]:
    layer: Any = get_channel_layer()
    channel, group = await layer.new_channel(), events.group(listener.user_id)

    async def join() -> None:
        await layer.group_add(group, channel)

    follow = Follow(listener, position, join)
    wakes = asyncio.create_task(_pass_on(layer, channel, follow))
    forget = going.listen(follow.leave)
    metrics.sockets.inc()
    try:
        yield _entry(hello(last), position)
        async for text in _texts(follow, last):
            yield text
    finally:
        metrics.sockets.dec()
        forget()
        wakes.cancel()
        with contextlib.suppress(RedisError, OSError):
            await layer.group_discard(group, channel)


async def _texts(follow: Follow, last: int) -> AsyncIterator[bytes]:
    """Yield what comes as it is written on the line, and a comment where nothing came for a while."""
    clock = asyncio.get_running_loop()
    told_at, is_live = clock.time(), False
    async for batch in follow.batches(last):
        for frame in batch if is_live else ():
            metrics.event_lag.observe(age(frame))
        is_live = is_live or not batch  # what is sent from now on happened while the stream was open
        if batch or clock.time() - told_at > SILENCE_SECONDS:
            told_at = clock.time()
            yield b"".join(_entry(frame, frame["seq"]) for frame in batch) or b":\n\n"


async def _pass_on(layer: Any, channel: str, follow: Follow) -> None:
    while True:
        await layer.receive(channel)
        follow.wake()


def _entry(frame: Frame, seq: int) -> bytes:
    return f"id: {seq}\ndata: {json.dumps(frame, separators=(',', ':'))}\n\n".encode()
