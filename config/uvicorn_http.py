"""What uvicorn lacks: `uvicorn --http config.uvicorn_http:BoundedProtocol config.asgi:application`.

Invariant: the head of a request is here within `settings.REQUEST_SECONDS` and within `MOST_HEAD` bytes, or its
connection is closed. Bodies are bounded in `config.body`, whichever the server.

Left alone, uvicorn waits for the end of a head for ever, and keeps all of it (uvicorn 0.54: `HttpToolsProtocol`).
"""

import asyncio

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests must come to a point."""

    _clock: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._clock and self._head > MOST_HEAD:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._start_clock()

    def on_headers_complete(self) -> None:
        self._stop_clock()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(settings.REQUEST_SECONDS, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._clock:
            self._clock.cancel()
            self._clock = None
