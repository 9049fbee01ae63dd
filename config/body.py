"""The body of a request, read up to what we take and no further, before Django sees the request.

Invariant: no more of a body is held than its path allows; who sends more, or too slowly, is answered here, and told
that the connection ends with that: the rest of the body is nobody's.

It holds with any server that hands bodies over as they come. Daphne collects them first: `config.server` bounds that.
What the web servers themselves refuse of a request's head is named here, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from config import errors, headers, logging

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


LINGER = 2.0  # s in which a client that was refused may still send, so that it comes to read why


class UriTooLong(errors.AppError):
    status = 414
    code = "uri_too_long"
    detail = "The request line is longer than this server takes."


class HeadersTooLarge(errors.AppError):
    status = 431
    code = "headers_too_large"
    detail = "The headers are more, or longer, than this server takes."


class BodyTooLarge(errors.AppError):
    status = 413
    code = "body_too_large"
    detail = "The body is larger than this API takes."


class RequestTooSlow(errors.AppError):
    status = 408
    code = "request_timeout"
    detail = "The request did not arrive in time."


class Gone(Exception):
    """The client left before the whole body was here."""


def most_bytes(path: str) -> int:
    """Return how large a body may be."""
    return settings.MAX_BODY_BYTES if path.startswith("/api/") else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class Bodies:
    """An ASGI application in front of another, to which a body comes as one message."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _announces_body(scope):
            await self._application(scope, receive, send)
            return
        try:
            body = await _read(scope, receive)
        except Gone:
            return
        except errors.AppError as error:
            await _answer(scope, error, send)
            return
        await self._application(scope, _handed_over(body, receive), send)


def _announces_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


async def _read(scope: Scope, receive: Receive) -> bytes:
    most = most_bytes(scope["path"])
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if said.isdigit() and int(said[:20]) > most:
        raise BodyTooLarge
    try:
        async with asyncio.timeout(settings.REQUEST_SECONDS):
            return await _collected(receive, most)
    except TimeoutError:
        raise RequestTooSlow from None


async def _collected(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > most:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _handed_over(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once and then what the server has to say."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once() -> Message:
        return messages.pop() if messages else await receive()

    return once


async def _answer(scope: Scope, error: errors.AppError, send: Send) -> None:
    offered = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    response = refusal(error, offered.decode("latin-1"))
    named = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    named.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status_code, "headers": named})
    await send({"type": "http.response.body", "body": response.content})


def refusal(error: errors.AppError, request_id: str = "") -> HttpResponse:
    """Return the answer to a request that no middleware has seen."""
    chosen = logging.accept_request_id(request_id)
    response = errors.render(error)
    response["X-Request-ID"] = chosen
    for name, value in headers.usual(secure=settings.SECURE_PROXY_SSL_HEADER is not None).items():
        response[name] = value
    response["Content-Length"] = str(len(response.content))
    return response
