"""RabbitMQ as the messenger in the place of Redis: `BROKER_URL=amqp://…`, with the package of the extra `rabbitmq`.

Invariant: as in `config.broker` a message is a hint, and whoever sends one never waits for RabbitMQ.

pika waits for an answer until heartbeats stay away, and a connection that nobody looks at misses them. Neither is for a
request: so one thread of a process has the connection that its messages leave by, and keeps it alive. RabbitMQ hands a
message to an idle worker itself, so nobody needs to be woken.
"""

import atexit
import contextlib
import logging
import threading
from contextvars import Context, copy_context
from queue import Empty, Full, Queue
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker, _RabbitmqConsumer  # it has no public name
from dramatiq.errors import ConnectionClosed
from pika import BlockingConnection, URLParameters
from pika.exceptions import AMQPError

HEARTBEAT = 5  # s; after 10 to 20 s of silence a connection is given up
PULSE = HEARTBEAT / 4  # s between two looks at a connection that sends nothing
OUTBOX = 1000  # messages that wait to leave; those beyond are for the clock
FAREWELL = 1.0  # s that a process which ends gives what still waits, and each connection
USUAL = {  # by pika's names, in s; what the address itself says of them goes before
    "connection_attempts": "1",
    "heartbeat": str(HEARTBEAT),
    "socket_timeout": "3",
    "stack_timeout": "5",
}
AWAY = (AMQPError, dramatiq.errors.BrokerConnectionError, OSError)  # OSError: a host without an address

logging.getLogger("pika").setLevel(logging.CRITICAL)  # who sends and who consumes say what failed, once

log = logging.getLogger(__name__)


class RabbitBroker(RabbitmqBroker):
    """A RabbitmqBroker that sends by a thread of its own, and knows whether messages can come."""

    def __init__(self, url: str, middleware: list[dramatiq.Middleware]) -> None:
        super().__init__(url=patient(url), middleware=middleware)
        self._outbox: Queue[tuple[Context, dramatiq.Message[Any], int | None] | None] = Queue(OUTBOX)
        self._starting = threading.Lock()
        self._sender: threading.Thread | None = None
        self._consumers: dict[str, Any] = {}  # by queue, the newest

    @property
    def consumer_class(self) -> Any:
        return RabbitConsumer

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        """Leave a message for the thread that sends, with the caller's context: its request's id, its trace.

        :raises dramatiq.errors.BrokerConnectionError: too many wait already.
        """
        self._have_sender()
        try:
            self._outbox.put_nowait((copy_context(), message, delay))
        except Full:
            raise ConnectionClosed(f"{OUTBOX} messages wait for RabbitMQ") from None
        return message

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Any:
        try:
            consumer = super().consume(queue_name, prefetch, timeout)
        except OSError as error:
            raise ConnectionClosed(error) from None
        finally:
            del self.connection  # by which this thread declared the queue: nobody would look at it again
        self._consumers[queue_name] = consumer
        return consumer

    def ping(self) -> bool:
        """Say whether this process hears every queue that it has begun to consume."""
        consumers = list(self._consumers.values())
        return bool(consumers) and all(consumer.connection.is_open for consumer in consumers)

    def close(self) -> None:
        """End the thread that sends; each thread closes what it has opened, and a process that goes waits for none."""
        self._dismiss_sender()

    def _have_sender(self) -> None:
        with self._starting:
            if self._sender is None or not self._sender.is_alive():  # never begun, or left behind by a fork
                self._sender = threading.Thread(target=self._send_all, name="rabbitmq", daemon=True)
                self._sender.start()
                atexit.unregister(self._dismiss_sender)
                atexit.register(self._dismiss_sender)

    def _dismiss_sender(self) -> None:
        if self._sender is not None and self._sender.is_alive():
            with contextlib.suppress(Full):
                self._outbox.put_nowait(None)
            self._sender.join(FAREWELL)

    def _send_all(self) -> None:
        """Send what comes until told to end; between messages keep the connection alive, and notice when it is not."""
        try:
            while True:
                try:
                    post = self._outbox.get(timeout=PULSE)
                except Empty:
                    self._beat()
                    continue
                if post is None:
                    return
                context, message, delay = post
                self._beat()
                context.run(self._send, message, delay)
        finally:
            del self.connection

    def _beat(self) -> None:
        if (connection := getattr(self.state, "connection", None)) is None:
            return
        try:
            connection.process_data_events(0)
        except AWAY:
            del self.connection

    def _send(self, message: dramatiq.Message[Any], delay: int | None) -> None:
        try:
            super().enqueue(message, delay=delay)
        except AWAY as error:
            log.warning("nudge of %s not sent: %s", message.actor_name, type(error).__name__)


class RabbitConsumer(_RabbitmqConsumer):
    """A consumer that says goodbye without waiting long for an answer, for a worker has six of them to close."""

    def close(self) -> None:
        closing = threading.Thread(target=self._close, daemon=True)
        closing.start()
        closing.join(FAREWELL)

    def _close(self) -> None:
        with contextlib.suppress(*AWAY):
            super().close()  # type: ignore[no-untyped-call]


def patient(urls: str) -> str:
    """Return the addresses, `;` between them, with how long is waited for each."""
    parts = map(urlsplit, urls.split(";"))
    return ";".join(each._replace(query=urlencode(USUAL | dict(parse_qsl(each.query)))).geturl() for each in parts)


def reach(urls: str) -> None:
    """Open a connection to the first that answers, and close it.

    :raises dramatiq.errors.BrokerConnectionError: none does, or it refuses who asks.
    """
    try:
        BlockingConnection([URLParameters(url) for url in patient(urls).split(";")]).close()
    except AWAY as error:
        raise ConnectionClosed(type(error).__name__) from None
