"""Bounds on what daphne holds for one client, and on what it believes of one: docs/decisions/daphne-is-held-short.md.

Invariant: for one connection daphne keeps no more than `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` of a request, for no
longer than `settings.REQUEST_SECONDS`, and no more than one message beyond Twisted's 64 KiB that wait to be sent. No
header moves a path, and what is no HTTP is answered with a problem like everything else.

Left alone, daphne collects a whole body, of any size, before an application hears of it, and takes what a socket sends
without waiting for the client to read (daphne 4.2: `WebRequest.process`, `Server.handle_reply`). Here a request is
counted and timed as it comes, and `send` to a socket returns when there is room, as it does with uvicorn.
"""

import asyncio
from typing import Any

from daphne import cli, http_protocol, ws_protocol  # type: ignore[import-untyped]
from django.conf import settings
from twisted.internet import reactor as twisted_reactor

from config import drain, errors
from config.body import LINGER, BodyTooLarge, HeadersTooLarge, RequestTooSlow, UriTooLong, refusal

reactor: Any = twisted_reactor  # its stubs know no wall clock


class InternalError(errors.AppError):
    status = 500
    code = "internal_error"
    detail = "Something went wrong on our side. It has been recorded."


CODES: dict[int, type[errors.AppError]] = {500: InternalError, 503: errors.Unavailable}


class BoundedChannel(http_protocol.http.HTTPChannel):  # type: ignore[misc]
    """A connection that says in JSON what Twisted says with an empty 400, or by hanging up."""

    refused = False
    _clock: Any = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Time a request from its first byte, however slowly it comes."""
        if self._clock is None and not self._handlingRequest:
            self._clock = reactor.callLater(settings.REQUEST_SECONDS, self.refuse, RequestTooSlow())
        super().dataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        self._stop_clock()
        super().allContentReceived()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._stop_clock()
        super().connectionLost(reason)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self.refuse(HeadersTooLarge() if self.requests else UriTooLong())

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        too_large = self._receivedHeaderSize > self.totalHeadersSize or self._receivedHeaderCount > self.maxHeaders
        self.refuse(HeadersTooLarge() if too_large else errors.AppError())

    def refuse(self, error: errors.AppError) -> None:
        """Answer, read what else comes without keeping it, and close soon."""
        if self.refused:
            return
        self.refused = True
        self._stop_clock()
        self.dataReceived = self.lineReceived = self.rawDataReceived = lambda data: None  # type: ignore[method-assign]
        self.clearLineBuffer()
        response = refusal(error)
        lines = [f"HTTP/1.1 {response.status_code} {response.reason_phrase}"]
        lines += [f"{name}: {value}" for name, value in response.items()] + ["Connection: close"]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.content)
        self.transport.loseWriteConnection()
        reactor.callLater(LINGER, self.transport.abortConnection)

    def _stop_clock(self) -> None:
        if self._clock is not None and self._clock.active():
            self._clock.cancel()
        self._clock = None


class BoundedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    """A request that is given up when it is too large."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)  # forms are Django's
        self._received = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        super().gotLength(min(length or 0, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        self._count(length or 0)
        self._received = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._count(len(data))
        if not self.channel.refused:
            super().handleContentChunk(data)

    def requestReceived(self, *request: bytes) -> None:  # noqa: N802
        self.requestHeaders.removeHeader(b"daphne-root-path")  # whoever sends it would choose which path is which
        if not self.channel.refused:
            super().requestReceived(*request)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Close behind an answer that says so: Twisted looks for it in requests alone, and may have said it, too."""
        super().handle_reply(message)
        if (b"connection", b"close") in message.get("headers", ()) and self.channel:
            self.channel.persistent = False
            self.setHeader(b"connection", b"close")

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Say in JSON what daphne would say in HTML."""
        response = refusal(CODES.get(status, errors.AppError)())
        headers = [(name.encode(), value.encode()) for name, value in response.items()]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": response.content})

    def _count(self, size: int) -> None:
        self._received += size
        if self._received > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            self.requestHeaders.removeHeader(b"expect")
            self.channel.refuse(BodyTooLarge())


class BoundedSocket(ws_protocol.WebSocketProtocol):  # type: ignore[misc]
    """A socket that knows whether its client reads. Twisted pauses it while more than 64 KiB wait to be sent."""

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.failByDrop = False  # say 1009 to who sends too much
        self.transport.unregisterProducer()  # the HTTP channel that this connection was
        self.transport.registerProducer(self, True)  # noqa: FBT003 - Twisted's order

    def pauseProducing(self) -> None:  # noqa: N802
        """Read no more either: an answer to a ping would only wait, too."""
        self._has_room.clear()
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        self._has_room.set()
        self.transport.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802
        self._has_room.set()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._has_room.set()
        super().connectionLost(reason)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - daphne's name
        """Close with any code: autobahn's `sendClose` knows none but 1000 and those from 3000 on."""
        self.sendCloseFrame(code=code or 1000)

    async def room(self) -> None:
        """Wait until there is room for another message, or no client any more."""
        await self._has_room.wait()


class PatientServer(drain.DrainingServer):
    """Daphne, whose `send` of a message to a socket returns when there is room for the next."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send":
            await protocol.room()


def bound() -> None:
    """Have daphne use these, in the process that it runs in."""
    http_protocol.HTTPFactory.protocol = BoundedChannel
    http_protocol.WebRequest = BoundedRequest
    ws_protocol.WebSocketFactory.protocol = BoundedSocket
    cli.CommandLineInterface.server_class = PatientServer
