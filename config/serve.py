"""`python -m config.serve`: the web server: uvicorn within the bounds of this product, or daphne (`WEB_SERVER`).

Invariant: from SIGTERM on no new connection is taken; a request that has arrived is answered; a connection is closed
after an answer that says so, or while nothing is on its way; the process ends within `settings.DRAIN`.

Left alone, uvicorn closes idle connections at once, whose next request may be on its way, and leaves those in its
queue unanswered (uvicorn 0.54: `Server.shutdown`). The listening socket may be another process's as well (`manage.py
up` shares its own): what waits in its queue is then taken by that one.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import random
import socket
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.db import connection

from config import asgi, going
from config.uvicorn_hits import QuickProtocol
from config.uvicorn_http import BoundedProtocol
from config.uvicorn_socket import BoundedSocket

BACKLOG = 2048
MOST_MESSAGE = 16 * 1024  # bytes of a client's message; the feed takes less and says so itself
KEEP_ALIVE = 60  # s; above what a proxy keeps an idle connection, so that none is used that was just closed
PING = 20.0  # s

log = logging.getLogger("config.serve")  # not __main__


class DrainingServer(uvicorn.Server):
    """Uvicorn that takes SIGTERM as a wish to end in order, and a second one as an order to stop."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets)
        connection.close_pool()  # type: ignore[attr-defined]  # else its threads are waited for, in vain, for 5 s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        self.force_exit, self.should_exit = self.should_exit, True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("going: no new connections, %d open", len(self.server_state.connections))
        await self._close(sockets or [])
        for protocol in self._connections():
            if protocol.cycle is not None and not protocol.cycle.response_started:
                protocol.cycle.keep_alive = False  # and its answer says so
        loop = asyncio.get_running_loop()
        for leave in going.tell():
            loop.call_later(random.uniform(0, going.SPREAD_SECONDS), leave)  # noqa: S311 - no secret
        await self._drained(loop.time() + settings.DRAIN.total_seconds())
        self.config.timeout_graceful_shutdown = 1
        await super().shutdown(sockets)

    async def _close(self, sockets: Sequence[socket.socket]) -> None:
        """Take every connection that waits, and listen no more, with nothing in between.

        Who connected and is not taken is reset when the socket is closed, with a request that may have been sent; a
        proxy repeats no POST then. The event loop closes a turn later than it is told to, so there is a second door.
        """
        doors = [one.dup() for one in sockets]
        for server in self.servers:
            server.close()
        await asyncio.sleep(going.LOOK_SECONDS)
        taken: list[socket.socket] = []
        for door in doors:
            door.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                while True:
                    taken.append(door.accept()[0])
            door.close()
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.connect_accepted_socket(self._protocol, one) for one in taken))

    def _protocol(self) -> QuickProtocol:
        return QuickProtocol(self.config, self.server_state, self.lifespan.state)

    async def _drained(self, end: float) -> None:
        """Wait until nothing is left, nothing comes any more, or the time is over."""
        loop, seen = asyncio.get_running_loop(), self.server_state.total_requests
        quiet_until = loop.time() + going.IDLE_SECONDS
        while self.server_state.connections and not self.force_exit:
            await asyncio.sleep(going.LOOK_SECONDS)
            if (busy := self._is_busy()) or seen != self.server_state.total_requests:
                seen = self.server_state.total_requests
                quiet_until = loop.time() + going.IDLE_SECONDS
            if loop.time() >= end:
                log.warning("gone with %s open", "requests" if busy else "connections")
                return
            if loop.time() >= quiet_until:
                return

    def _is_busy(self) -> bool:
        sockets = len(self.server_state.connections) - len(self._connections())
        return bool(sockets) or any(protocol.is_busy for protocol in self._connections())

    def _connections(self) -> list[BoundedProtocol]:
        return [one for one in self.server_state.connections if isinstance(one, BoundedProtocol)]


def configured(**where: Any) -> uvicorn.Config:
    """Return how uvicorn is run: it believes no header about who asks, and writes no log of its own."""
    return uvicorn.Config(
        asgi.application,
        **where,
        http=QuickProtocol,
        ws=BoundedSocket,
        loop="uvloop",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        ws_max_size=MOST_MESSAGE,
        ws_ping_interval=PING,
        ws_ping_timeout=PING,
        ws_per_message_deflate=False,
    )


def listener(options: argparse.Namespace) -> socket.socket:
    """Return the socket to listen on: one that was handed down, or a new one."""
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    found = socket.create_server((options.host, options.port), backlog=BACKLOG)
    found.set_inheritable(True)
    return found


def with_daphne(options: argparse.Namespace) -> None:
    """Serve with daphne: the slower one, without a line of C (docs/decisions/which-server.md)."""
    from daphne.cli import CommandLineInterface  # type: ignore[import-untyped]  # noqa: PLC0415 - it takes the process

    from config import server  # noqa: PLC0415

    server.bound()
    where = ["--bind", options.host, "--port", options.port] if options.fd is None else ["--fd", options.fd]
    sizes = ["--websocket-max-message-size", MOST_MESSAGE, "--websocket-max-frame-size", MOST_MESSAGE]
    times = ["--ping-interval", round(PING), "--ping-timeout", round(PING), "--http-timeout", KEEP_ALIVE]
    arguments = ["--verbosity", 0, *sizes, *times, *where, "config.asgi:application"]
    CommandLineInterface().run([str(one) for one in arguments])


def several(options: argparse.Namespace) -> None:
    """Become the process that keeps several of these; it holds the socket and none of what was loaded here."""
    handed = listener(options).detach()
    os.execv(sys.executable, [sys.executable, "-m", "config.several", f"--fd={handed}", f"--workers={options.workers}"])  # noqa: S606


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="a socket that listens already, instead of host and port")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port")
    options = parser.parse_args(arguments)
    if options.workers > 1:
        several(options)
    if settings.WEB_SERVER == "daphne":
        with_daphne(options)
    else:
        DrainingServer(configured()).run([listener(options)])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
