"""A connection over HTTP as uvicorn has it, held in bounds.

Invariant: the head of a request is here within `settings.REQUEST_SECONDS` and within `MOST_HEAD` bytes, and what is no
HTTP, or only half of it, is answered with a problem like everything else. Bodies are bounded in `config.body`.

Left alone, uvicorn waits for the end of a head for ever, keeps all of it, and says 400 in plain text (uvicorn 0.54:
`HttpToolsProtocol`).
"""

import asyncio
import socket
import struct

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from config import errors, going
from config.body import LINGER, HeadersTooLarge, RequestTooSlow, UriTooLong, refusal

MOST_LINE = MOST_HEAD = 16 * 1024  # bytes
MOST_HEADERS = 500
STREAM = b"text/event-stream"
ROOM_SECONDS = 5.0  # in which a client of a stream must make room for the next piece
AT_ONCE = struct.pack("ii", 1, 0)  # of SO_LINGER: on, for no time
VERSIONS = frozenset({"1.0", "1.1"})


class Exit:
    """The transport as one request has it: closed while a body is on its way, it lets the client read the answer."""

    def __init__(self, connection: "BoundedProtocol") -> None:
        self._connection, transport = connection, connection.transport
        self.write, self.is_closing = transport.write, transport.is_closing

    def close(self) -> None:
        """Close behind the answer, of which all is written."""
        if self._connection.cycle.more_body:
            self._connection.hang_up()
        else:
            self._connection.transport.close()


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests must come to a point."""

    _clock: asyncio.TimerHandle | None = None  # for the head that is on its way
    _idle: asyncio.TimerHandle | None = None
    _idle_since = 0.0
    _full: asyncio.TimerHandle | None = None
    _packet = _head = 0  # bytes: of what has come last, and of the head so far
    _in_head = True
    version = ""  # of HTTP, in the last head
    _is_deaf = False  # what comes is thrown away: the answer is sent, and the connection about to be closed
    _refusal: errors.AppError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_deaf = True
        self._stop_timers()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._stop_timers()
        super().handle_websocket_upgrade()

    def _stop_timers(self) -> None:
        for timer in filter(None, (self._clock, self._idle, self._full)):
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._packet = len(data)
        self._head += self._packet
        super().data_received(data)
        if self._in_head and not self._is_deaf:
            self._start_clock()
            if self._head > MOST_HEAD:
                self._refuse(HeadersTooLarge() if self.headers else UriTooLong())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._in_head = self._packet, True

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._clock:
            self._clock.cancel()
            self._clock = None
        if (error := self._wrong()) is not None:
            self._refusal = error
            raise error  # the parser ends here, and has `send_400_response` called
        self.begin()

    def begin(self) -> None:
        """Have the request answered whose head is here."""
        super().on_headers_complete()
        if self.cycle is None:  # as for a socket
            return
        self.cycle.transport = Exit(self)  # type: ignore[assignment]  # all of a transport that a request uses
        if going.is_told():
            self.cycle.keep_alive = False

    def _wrong(self) -> errors.AppError | None:
        """Return why a request is refused for its head alone."""
        if len(self.url) > MOST_LINE:
            return UriTooLong()
        if len(self.headers) > MOST_HEADERS or (self._head > MOST_HEAD and self._size_of_headers() > MOST_HEAD):
            return HeadersTooLarge()
        self.version = self.parser.get_http_version()
        if self.version not in VERSIONS:
            return errors.AppError()
        coded = [value for name, value in self.headers if name == b"transfer-encoding"]
        return errors.AppError() if coded and coded != [b"chunked"] else None

    def _size_of_headers(self) -> int:
        """Return their bytes: what came at once with them may be more, a body."""
        return sum(len(name) + len(value) for name, value in self.headers)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are for nobody
        """Say what is wrong, unless an earlier request still waits for its answer: then that is the last."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or not cycle.more_body or self.pipeline:
                cycle.keep_alive, self._is_deaf = False, True
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._refuse(self._refusal or errors.AppError())

    def _refuse(self, error: errors.AppError) -> None:
        response = refusal(error)
        lines = [STATUS_LINE[response.status_code]]
        lines += [f"{name}: {value}\r\n".encode("latin-1") for name, value in response.items()]
        self.transport.write(b"".join([*lines, b"connection: close\r\n\r\n", response.content]))
        self.hang_up()

    def hang_up(self) -> None:
        """Close in a way that lets the client read what was sent, though it may still be sending."""
        self._is_deaf = True
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._idle = self.loop.call_later(LINGER, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._is_stream():
            self._full = self.loop.call_later(ROOM_SECONDS, self._drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._full:
            self._full.cancel()
            self._full = None

    def _drop(self) -> None:
        """End the connection, and have the kernel forget what waits to be sent."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.transport.abort()

    def _is_stream(self) -> bool:
        wanted = dict(self.cycle.scope["headers"]).get(b"accept", b"") if self.cycle else b""
        return STREAM in wanted.lower()

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(settings.REQUEST_SECONDS, self._is_late)

    def _is_late(self) -> None:
        """Give up a head that does not come to its end; who never sent a byte is not owed a word."""
        if self._head:
            self._refuse(RequestTooSlow())
        else:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """As uvicorn does it, but with one timer for all requests."""
        self.server_state.total_requests += 1
        if self._is_deaf or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._idle_since = self.loop.time()
            if self._idle is None:
                self._idle = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _look(self) -> None:
        """Close when nothing was asked for `timeout_keep_alive` seconds."""
        self._idle = None
        if self.cycle and not self.cycle.response_complete:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle = self.loop.call_later(left, self._look)
        elif not self._clock:  # else the next request has begun
            self.timeout_keep_alive_handler()

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way, in or out."""
        return bool(self._clock and self._head) or (self.cycle is not None and not self.cycle.response_complete)
