"""The event feed as a stream over plain HTTP: `GET /api/v1/events` with `Accept: text/event-stream`.

Invariant: an entry's `id` is its `seq`, so that a client that comes back says `Last-Event-ID` and goes on there; what
it is sent is what a WebSocket is sent, in the same words.

It is a middleware, since a stream outlives its request: nothing of the request is kept but who listens.
"""

import json
from collections.abc import AsyncIterator, Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from config import errors, metrics
from users import feed_log, feed_watch
from users.feed_follow import Frame, Listener, hello, listener_of

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
    last = feed_log.newest(listener.user_id, listener.session_id)
    if last is None:
        raise errors.Unauthorized
    position = feed_log.position(request.headers.get("Last-Event-ID") or request.GET.get("after", ""), last)
    if position is None:
        raise errors.Invalid.field("/after", "less_than_equal", "There was no event with this number yet.")
    response = StreamingHttpResponse(_frames(listener, position, last), content_type=TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would collect it
    return response


async def _frames(listener: Listener, position: int, last: int) -> AsyncIterator[bytes]:
    """Yield what comes as it is written on the line, and a comment where nothing came for a while."""
    metrics.sockets.inc()
    try:
        async with feed_watch.following(listener) as follow:
            follow.begin(position, last)
            follow.wake()  # something may have happened since `last` was asked for
            yield _entry(hello(last), position)
            async for batch in follow.batches(SILENCE_SECONDS):
                yield b"".join(_entry(frame, frame["seq"]) for frame in batch) or b":\n\n"
    finally:
        metrics.sockets.dec()


def _entry(frame: Frame, seq: int) -> bytes:
    return f"id: {seq}\ndata: {json.dumps(frame, separators=(',', ':'))}\n\n".encode()
