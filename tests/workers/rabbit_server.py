"""A RabbitMQ of the tests' own, for those that need the real one.

Invariant: it shares no port, file or cookie with any other on this machine, and ends with the context that started it.
"""

import contextlib
import itertools
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pika import BlockingConnection, URLParameters
from pika.exceptions import AMQPError, ChannelClosedByBroker

from config.embedded_process import Child, free_port

# Debian's command on the path changes user and folder; the one below it does as it is told.
PROGRAM = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
PORT_MAPPER = shutil.which("epmd")
PATIENCE = 30  # s: a loaded machine is slow


class RabbitServer:
    """A server that keeps its queues over a restart; `url` stays the same."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"
        node = {"NODENAME": f"test{self.port}@localhost", "NODE_PORT": self.port, "NODE_IP_ADDRESS": "127.0.0.1"}
        places = ("MNESIA_BASE", "LOG_BASE", "GENERATED_CONFIG_DIR", "ENABLED_PLUGINS_FILE", "SCHEMA_DIR")
        absent = ("CONF_ENV_FILE", "CONFIG_FILE", "ADVANCED_CONFIG_FILE")
        told = node | {name: folder / name.lower() for name in (*places, *absent)}
        told |= {"DIST_PORT": free_port(), "LOGS": "-", "SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none"}
        self.environment = {
            **{f"RABBITMQ_{name}": str(value) for name, value in told.items()},
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RUNNING_UNDER_SYSTEMD": "true",  # the shell becomes the server, so that signals reach it
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
        }
        self.mapper = Child(str(PORT_MAPPER), log=folder / "epmd.log", env=self.environment)
        self.child: Child | None = None

    def start(self) -> None:
        self.child = Child(str(PROGRAM), log=self.folder / "rabbitmq.log", env=self.environment)
        assert self.child.becomes(self._answers), self.child.tail()

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def waiting(self, queue: str) -> int:
        """Return how many messages of a queue no worker has been given."""
        return int(self._declared(queue).message_count)

    def consumers(self, queue: str) -> int:
        """Return how many listen to a queue; 0 also where there is none of this name."""
        try:
            return int(self._declared(queue).consumer_count)
        except ChannelClosedByBroker:
            return 0

    def purge(self, queue: str) -> None:
        """Lose all messages of a queue."""
        with contextlib.closing(self._connect()) as connection:
            connection.channel().queue_purge(queue)

    def take(self, queue: str, count: int) -> list[bytes]:
        """Wait for so many messages of a queue, and return them."""
        with contextlib.closing(self._connect()) as connection:
            given = connection.channel().consume(queue, auto_ack=True, inactivity_timeout=PATIENCE)
            return [body for _method, _properties, body in itertools.islice(given, count)]

    def _declared(self, queue: str) -> Any:
        with contextlib.closing(self._connect()) as connection:
            return connection.channel().queue_declare(queue, passive=True).method

    def _connect(self) -> BlockingConnection:
        return BlockingConnection(URLParameters(self.url))

    def _answers(self) -> bool:
        with socket.socket() as probe:  # pika would tell of each attempt
            if probe.connect_ex(("127.0.0.1", self.port)):
                return False
        with contextlib.suppress(AMQPError):
            self._connect().close()
            return True
        return False


@contextlib.contextmanager
def running(folder: Path) -> Iterator[RabbitServer]:
    if not (PROGRAM and PORT_MAPPER):
        pytest.skip("no rabbitmq-server here: `apt-get install --yes --no-install-recommends rabbitmq-server`")
    server = RabbitServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.mapper.stop()
