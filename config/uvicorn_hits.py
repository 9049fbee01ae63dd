"""A connection that answers from the cache itself (`config.hits`), without a task and without Django.

Invariant: it is only for a request that came alone: its whole head in one packet, nothing behind it, on a connection
that stays. Every other request is uvicorn's, and so is one to which Redis has no answer, or behind which more comes.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from config import asgi, going, hits
from config.uvicorn_http import BoundedProtocol

END = b"\r\n\r\n"  # of a head
NOBODY = asyncio.Event()  # waits for what comes behind such a request


class Hit(RequestResponseCycle):
    """A request while Redis is asked: no more than uvicorn wants to know of it."""

    disconnected = response_started = response_complete = more_body = False
    keep_alive = True
    message_event = NOBODY

    def __init__(self, connection: "QuickProtocol", question: hits.Question) -> None:
        self.connection, self.question, self.scope = connection, question, connection.scope

    def __call__(self, found: Any) -> None:
        """Take Redis's answer, or a `ConnectionError`."""
        if self.connection.cycle is self and not self.disconnected:
            self.connection.heard(self, found)


class QuickProtocol(BoundedProtocol):
    """A connection of the product."""

    _is_alone = False

    def data_received(self, data: bytes) -> None:
        if self._waits():
            self._give_up()
        self._is_alone = data.find(END) == len(data) - len(END)
        super().data_received(data)

    def on_message_complete(self) -> None:
        if type(self.cycle) is not Hit:
            super().on_message_complete()

    def begin(self) -> None:
        if not self._is_alone or (question := self._question()) is None or not self._ask(Hit(self, question)):
            super().begin()

    def _question(self) -> hits.Question | None:
        """Return what to ask Redis, if the request may be answered here."""
        if (
            self.version != "1.1"
            or not self.parser.should_keep_alive()
            or not (self.cycle is None or self.cycle.response_complete)
            or self.flow.write_paused
            or going.is_told()
            or (found := hits.found_at(self.url)) is None
        ):
            return None
        return asgi.hits.question(self.parser.get_method().decode(), found, self.headers, self.scheme or "http")

    def _ask(self, hit: Hit) -> bool:
        """Return whether Redis could be asked."""
        if not asgi.hits.pipeline(self.loop).tell(hit.question.command, hit):
            return False
        self.cycle = hit
        return True

    def heard(self, hit: Hit, found: Any) -> None:
        """Send what Redis has found; leave it to Django when that is nothing."""
        reply = asgi.hits.reply(hit.question, found)
        if isinstance(reply, hits.Reply):
            self._send(hit, reply)
        elif reply is None or not self._ask(Hit(self, reply)):
            self._give_up()

    def _waits(self) -> bool:
        return type(self.cycle) is Hit and not self.cycle.response_complete

    def _give_up(self) -> None:
        """Leave the request to uvicorn, whose parser still has it."""
        keeps = self.cycle.keep_alive
        self.cycle = None  # type: ignore[assignment]  # as at the beginning of a connection
        super().begin()
        super().on_message_complete()
        self.cycle.keep_alive = keeps

    def _send(self, hit: Hit, reply: hits.Reply) -> None:
        """Send what `RequestResponseCycle.send` would, in one piece."""
        parts = [STATUS_LINE[reply.status]]
        for name, value in self.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (reply.block, b"x-request-id: ", hits.request_id(hit.question), b"\r\n")
        parts.append(b"\r\n" if hit.keep_alive else b"connection: close\r\n\r\n")
        if hit.question.method == "GET":
            parts.append(reply.body)
        self.transport.write(b"".join(parts))
        hit.response_started = hit.response_complete = True
        if not hit.keep_alive:
            self.transport.close()
        self.on_response_complete()
        hits.count(hit.question, reply.status)
