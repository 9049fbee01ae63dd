"""A WebSocket client that costs little, so that one process can hold thousands.

Invariant: it answers pings, and notes when each message came; nothing else of RFC 6455 is here.
"""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any

PING, TEXT, CLOSE = 9, 1, 8


class Feed(asyncio.Protocol):
    """A person's event feed; `heard` is told each message and the second of its arrival."""

    def __init__(self, port: int, token: str, heard: Callable[[dict[str, Any], float], None]) -> None:
        self._port, self._token, self._heard = port, token, heard
        self._buffer = b""
        self._upgraded = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    @classmethod
    async def open(cls, port: int, token: str, heard: Callable[[dict[str, Any], float], None]) -> "Feed":
        """Return a feed that has said hello."""
        _, feed = await asyncio.get_running_loop().create_connection(lambda: cls(port, token, heard), "127.0.0.1", port)
        await asyncio.wait_for(feed.ready, 60)
        return feed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /ws/events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        )
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._fail(head[:200].decode(errors="replace"))
                return
            self._upgraded, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("closed")

    def _frame(self) -> tuple[int, bytes] | None:
        """Return the next whole frame: opcode and payload."""
        if len(self._buffer) < 2:
            return None
        start, length = 2, self._buffer[1] & 127
        if length == 126:
            start, length = 4, int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < start + length:
            return None
        opcode, payload = self._buffer[0] & 15, self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.transport.write(bytes([0x8A, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # masked with nothing
        elif opcode == TEXT:
            message = json.loads(payload)
            if message["type"] == "hello" and not self.ready.done():
                self.ready.set_result(None)
            self._heard(message, time.time())
        elif opcode == CLOSE:
            self._fail(f"closed with {int.from_bytes(payload[:2], 'big')}")

    def _fail(self, reason: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(reason))
