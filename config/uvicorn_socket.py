"""A WebSocket as uvicorn has it, held in bounds.

Invariant: no more waits to be sent to a client than uvicorn's 64 KiB and one message; who is told to go and does not
read is gone within `LINGER` seconds.

Left alone, uvicorn answers pings of a client that reads nothing, without end, and lets a close wait behind it (uvicorn
0.54: `WebSocketsSansIOProtocol`).
"""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINGER = 10.0


class BoundedSocket(WebSocketsSansIOProtocol):
    """A socket that is read no quicker than it can be answered."""

    _end: asyncio.TimerHandle | None = None
    _is_full = False

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_full = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_full = False
        if not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> Any:
        message = await super().receive()
        if self._is_full and not self.read_paused:
            self.transport.pause_reading()
        return message

    async def send(self, message: Any) -> None:
        """Send, and return when there is room for another."""
        if message["type"] == "websocket.close":
            self.writable.set()  # it does not wait for room
            self._end = self._end or self.loop.call_later(LINGER, self.transport.abort)
        await super().send(message)
        if message["type"] == "websocket.send":
            await self.writable.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end:
            self._end.cancel()
        super().connection_lost(exc)
