"""Answers that go on: daphne sends them without end, and no faster than their clients read.

Invariant: for one stream no more waits to be sent than one piece beyond Twisted's 64 KiB, and that no longer than
`ROOM_SECONDS`; then its client is dropped, and comes back where it was.

Left alone, daphne ends any answer after `--http-timeout`, and keeps what a client does not read, of any size.
"""

import asyncio
from typing import Any

from daphne import http_protocol, server  # type: ignore[import-untyped]
from twisted.internet import reactor as twisted_reactor

TYPE = "text/event-stream"
ROOM_SECONDS = 5.0
LOOK_SECONDS = 2

reactor: Any = twisted_reactor  # its stubs know no wall clock


class Room:
    """Hears from Twisted whether a connection takes more."""

    def __init__(self) -> None:
        self._has_some = asyncio.Event()
        self._has_some.set()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._has_some.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._has_some.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._has_some.set()

    async def wait(self) -> bool:
        """Wait for room; say whether there was some in time."""
        try:
            async with asyncio.timeout(ROOM_SECONDS):
                await self._has_some.wait()
        except TimeoutError:
            return False
        return True


class StreamingServer(server.Server):  # type: ignore[misc]
    """Daphne, whose `send` of a piece of a stream returns when there is room for the next."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        room = getattr(protocol, "room", None)
        if room and message["type"] == "http.response.body" and not message.get("more_body"):
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if message["type"] == "http.response.start" and is_stream(protocol) and protocol.channel:
            protocol.room = Room()
            protocol.registerProducer(protocol.room, True)  # noqa: FBT003 - Twisted's order
        elif room and message.get("more_body") and not await room.wait() and protocol.channel:
            protocol.channel.transport.abortConnection()

    def timeout_checker(self) -> None:
        """Leave streams alone: they are not late."""
        for protocol in list(self.connections):
            if not is_stream(protocol):
                protocol.check_timeouts()
        reactor.callLater(LOOK_SECONDS, self.timeout_checker)


def is_stream(protocol: Any) -> bool:
    """Say whether a connection's answer is a stream that has begun."""
    if not isinstance(protocol, http_protocol.http.Request):
        return False
    return bool(protocol.responseHeaders.getRawHeaders("content-type", [""])[0].startswith(TYPE))
