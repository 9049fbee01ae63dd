"""A web server that is told to go finishes what it has begun, and hands its clients over to the next one.

Invariant: from SIGTERM on no new connection is taken; a request that has arrived is answered; a connection is closed
after an answer that says so, or while nothing is on its way; the process ends within `settings.DRAIN`.

Daphne drops every request in flight at once (daphne 4.2: `Server.kill_all_applications`). The listening socket may be
another process's as well (`manage.py up` shares its own): what waits in its queue is then taken by that one.
"""

import logging
import random
import signal
from typing import Any

import daphne.server  # type: ignore[import-untyped]  # noqa: F401 - first, for it chooses Twisted's reactor
from django.conf import settings
from django.db import connection
from twisted.internet import main, tcp
from twisted.internet import reactor as twisted_reactor
from twisted.python import failure

from config import going, streams

reactor: Any = twisted_reactor  # its stubs know no wall clock

EVERYBODY = 10_000  # connections that are taken in one go; the kernel keeps far fewer waiting

log = logging.getLogger(__name__)


class DrainingServer(streams.StreamingServer):
    """Daphne that takes SIGTERM as a wish to end in order, and a second one as an order to stop."""

    def run(self) -> None:
        reactor.callWhenRunning(signal.signal, signal.SIGTERM, self._told)
        super().run()
        connection.close_pool()  # type: ignore[attr-defined]  # else its threads are waited for, in vain, for 5 s

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports = [*getattr(self, "_ports", []), port]

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """While draining, have each connection end with its next answer."""
        if going.is_told() and message["type"] == "http.response.start" and protocol.channel:
            message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
            protocol.channel.persistent = False
        await super().handle_reply(protocol, message)

    def kill_all_applications(self) -> Any:
        """Cancel what is left; daphne trips over a request that is still on its way in."""
        for protocol in [one for one, found in self.connections.items() if "application_instance" not in found]:
            del self.connections[protocol]
        return super().kill_all_applications()

    def _told(self, *_signal: object) -> None:
        reactor.callFromThread(self.stop if going.is_told() else self._drain)

    def _drain(self) -> None:
        log.info("going: no new connections, %d in flight", len(self._in_flight()))
        for port in getattr(self, "_ports", []):
            _close(port)
        for leave in going.tell():
            reactor.callLater(random.uniform(0, going.SPREAD_SECONDS), leave)  # noqa: S311 - no secret
        self._end = reactor.seconds() + settings.DRAIN.total_seconds()
        self._quiet_until = reactor.seconds() + going.IDLE_SECONDS
        self._look()

    def _look(self) -> None:
        """Stop when nothing is left, nothing comes any more, or the time is over."""
        now, in_flight = reactor.seconds(), self._in_flight()
        if in_flight:
            self._quiet_until = now + going.IDLE_SECONDS
        if now >= self._end:
            log.warning("gone with %d in flight", len(in_flight))
        if now >= min(self._end, self._quiet_until) or not (in_flight or _connections()):
            self.stop()
            return
        reactor.callLater(going.LOOK_SECONDS, self._look)

    def _in_flight(self) -> list[Any]:
        return [protocol for protocol, found in self.connections.items() if "disconnected" not in found]


def _close(port: Any) -> None:
    """Take every connection that waits, and listen no more, with nothing in between.

    Who connected and is not taken is reset when the socket is closed, with a request that may have been sent; a proxy
    repeats no POST then. Twisted takes a few at a time, and closes a turn of its loop later.
    """
    port.numberAccepts = EVERYBODY
    port.doRead()
    port.connectionLost(failure.Failure(main.CONNECTION_DONE))  # type: ignore[no-untyped-call]


def _connections() -> list[Any]:
    """Return every connection of a client, also those on which nothing is being asked."""
    return [one for one in {*reactor.getReaders(), *reactor.getWriters()} if isinstance(one, tcp.Server)]
