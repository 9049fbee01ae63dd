"""One connection to Redis that concurrent coroutines share: what they ask in one turn of the loop goes out together.

Invariant: answers are matched to questions by their order alone, so after any doubt (a timeout, a lost connection, an
answer that cannot be read) the connection is dropped and everybody who waits is told `ConnectionError`.
"""

import asyncio
import functools
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import hiredis

CONNECT_SECONDS = ANSWER_SECONDS = 0.2


class Pipeline:
    """Commands to the Redis of a URL. Belongs to one event loop."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._link: _Link | None = None
        self._opening: asyncio.Future[None] | None = None

    async def ask(self, *command: bytes) -> Any:
        """Return Redis's answer: bytes, a number, None, or a list of these.

        :raises ConnectionError: when there is none, or none in time.
        """
        link = self._link
        if link is None or link.is_lost:
            link = await self._open()
        return await link.ask(command)

    def tell(self, command: Sequence[bytes], heard: Callable[[Any], None]) -> bool:
        """Have `heard` called with Redis's answer or a `ConnectionError`; return False when there is no connection."""
        link = self._link
        if link is None or link.is_lost:
            return False
        link.tell(command, heard)
        return True

    def close(self) -> None:
        """Drop the connection; the next question opens another."""
        if self._link:
            self._link.drop()

    async def _open(self) -> "_Link":
        """Connect once for everybody who finds no connection."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._connect())
            self._opening.add_done_callback(self._opened)
        await asyncio.shield(self._opening)
        if self._link is None:
            raise ConnectionError("no connection")
        return self._link

    def _opened(self, done: "asyncio.Future[None]") -> None:
        self._opening = None
        done.exception()  # those who wait have it; nobody waiting is no error

    async def _connect(self) -> None:
        url, loop = self._url, asyncio.get_running_loop()
        secure = ssl.create_default_context() if url.scheme == "rediss" else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, link = await loop.create_connection(_Link, url.hostname or "127.0.0.1", url.port or 6379, ssl=secure)
                if url.password:
                    user = [unquote(url.username).encode()] if url.username else []
                    await link.ask((b"AUTH", *user, unquote(url.password).encode()))
                await link.ask((b"SELECT", (url.path.strip("/") or "0").encode()))
        except (OSError, TimeoutError) as error:
            raise ConnectionError(type(error).__name__) from None
        self._link = link


class _Link(asyncio.Protocol):
    """A connection: who waits for an answer, in the order in which they asked."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._waiting: deque[tuple[float, Callable[[Any], None]]] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                _, heard = self._waiting.popleft()
                heard(ConnectionError(str(answer)) if isinstance(answer, hiredis.HiredisError) else answer)
        except (hiredis.ProtocolError, IndexError):
            self._fail()

    def ask(self, command: Sequence[bytes]) -> "asyncio.Future[Any]":
        asked: asyncio.Future[Any] = self._loop.create_future()
        self.tell(command, functools.partial(_settle, asked))
        return asked

    def tell(self, command: Sequence[bytes], heard: Callable[[Any], None]) -> None:
        if self.is_lost:
            heard(ConnectionError("lost"))
            return
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(hiredis.pack_command(tuple(command)))  # type: ignore[arg-type]  # its stub says: of one
        self._waiting.append((self._loop.time() + ANSWER_SECONDS, heard))
        if self._watch is None:
            self._watch = self._loop.call_later(ANSWER_SECONDS, self._look)

    def _send(self) -> None:
        if self._transport and not self.is_lost:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _look(self) -> None:
        """Give up when the oldest question has waited too long, else look again when it would have."""
        self._watch = None
        if not self._waiting:
            return
        wait = self._waiting[0][0] - self._loop.time()
        if wait <= 0:
            self._fail()
        else:
            self._watch = self._loop.call_later(wait, self._look)

    def drop(self) -> None:
        self._fail()
        if self._watch:
            self._watch.cancel()

    def _fail(self) -> None:
        self.is_lost = True
        if self._transport:
            self._transport.abort()
        while self._waiting:
            _, heard = self._waiting.popleft()
            heard(ConnectionError("no answer"))


def _settle(asked: "asyncio.Future[Any]", answer: Any) -> None:
    if asked.done():
        return
    if isinstance(answer, ConnectionError):
        asked.set_exception(answer)
    else:
        asked.set_result(answer)
