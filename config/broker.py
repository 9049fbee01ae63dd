"""Dramatiq over Redis, or over RabbitMQ (`config.rabbit`), as a messenger only.

Invariant: a message is an actor's name and a row's id, sent after the row is committed; losing it loses no work,
because the clock sends again what nobody took.

Dramatiq's consumer over Redis polls, up to a second apart when idle, and a person waits for that. So whoever sends a
message also pushes a token, and an idle consumer blocks on it. A token that is lost costs one poll's wait.
"""

import logging
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from weakref import WeakKeyDictionary

import dramatiq
from django.conf import settings
from django.db import transaction
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer  # it has no public name
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import ShutdownNotifications, TimeLimit
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from config import logging as request_logging

QUEUE = "default"
QUEUES = {"send_letter": "letters", "make_export": "exports"}  # of actors that do not wait behind ten thousand plans
HEARTBEAT_MS = 15_000
MAINTENANCE_PER_MILLION = 100_000  # of commands; the default of 1,000 leaves a dead worker's messages for an hour

TOKENS, TOKEN_SECONDS = 64, 60  # kept at most: a busy worker needs none
LONGEST_WAIT = 10.0  # s: below a worker's patience with Redis, and its heartbeat
BUSY_SECONDS = 0.01  # between two looks of a consumer that holds all it may
LATE, REST = 0.5, 2.0  # s: after a failure that took so long nothing is sent for a while; the clock finds what was not

_rests_until: WeakKeyDictionary[dramatiq.Broker, float] = WeakKeyDictionary()  # by a clock that only goes forward

log = logging.getLogger(__name__)


class WakingBroker(RedisBroker):
    """A RedisBroker that wakes an idle consumer for each message."""

    @property
    def consumer_class(self) -> Any:
        return WakingConsumer

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        sent = super().enqueue(message, delay=delay)
        with self.client.pipeline(transaction=False) as pipe:
            key = self.token_key(sent.queue_name)
            pipe.lpush(key, 1)
            pipe.ltrim(key, 0, TOKENS - 1)
            pipe.expire(key, TOKEN_SECONDS)
            pipe.execute()
        return sent

    def token_key(self, queue_name: str) -> str:
        return f"{self.namespace}:wake:{queue_name}"


class WakingConsumer(_RedisConsumer):
    """Waits for a token where its base sleeps; `timeout` (ms) is the longest wait."""

    def __init__(self, broker: WakingBroker, queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, timeout=1)  # type: ignore[no-untyped-call]
        self.key, self.seconds = broker.token_key(queue_name), min(timeout / 1000, LONGEST_WAIT)

    def __next__(self) -> Any:
        message = super().__next__()  # type: ignore[no-untyped-call]
        if message is None:
            self._wait()
        return message

    def _wait(self) -> None:
        if self.outstanding_message_count >= self.prefetch:
            time.sleep(BUSY_SECONDS)
            return
        try:
            self.broker.client.blpop([self.key], timeout=self.seconds)
        except (RedisConnectionError, RedisTimeout) as error:
            raise ConnectionClosed(error) from None


def is_rabbitmq() -> bool:
    return str(settings.BROKER_URL).startswith("amqp")


def build(*, socket_timeout: int) -> Any:
    """Return a `WakingBroker` or a `RabbitBroker`, as BROKER_URL says.

    A web process waits 1 s for Redis, a worker 30 s so that an acknowledgement is not lost; RabbitMQ is waited for by
    threads that serve nobody.
    """
    middleware = [TimeLimit(), ShutdownNotifications()]  # no Retries: the row owns attempts and waits
    broker = _over_rabbitmq(middleware) if is_rabbitmq() else _over_redis(middleware, socket_timeout)
    for name in (QUEUE, *QUEUES.values()):
        broker.declare_queue(name)
    return broker


def _over_rabbitmq(middleware: list[dramatiq.Middleware]) -> dramatiq.Broker:
    from config import rabbit  # noqa: PLC0415 - its package is an extra

    return rabbit.RabbitBroker(settings.BROKER_URL, middleware)


def _over_redis(middleware: list[dramatiq.Middleware], socket_timeout: int) -> WakingBroker:
    return WakingBroker(  # type: ignore[no-untyped-call]
        url=_with_timeout(settings.BROKER_URL, socket_timeout),
        middleware=middleware,
        namespace=settings.BROKER_NAMESPACE,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_PER_MILLION,
    )


def _with_timeout(url: str, seconds: int) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode([*parse_qsl(parts.query), ("socket_timeout", seconds)])).geturl()


def queue_of(actor: str) -> str:
    """Return the queue of an actor's messages. A worker fetches from each, so none holds up another."""
    return QUEUES.get(actor, QUEUE)


def nudge(actor: str, row_id: object) -> None:
    """Ask a worker to look at a row, once the current transaction is committed."""
    transaction.on_commit(lambda: _send(actor, str(row_id)), robust=True)


def _send(actor: str, row_id: str) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=queue_of(actor),
        actor_name=actor,
        args=(row_id,),
        kwargs={},
        options={"request_id": request_logging.request_id.get()},
    )
    broker = dramatiq.get_broker()
    if (started := time.monotonic()) < _rests_until.get(broker, 0.0):
        return
    try:
        broker.enqueue(message)
    except (RedisError, dramatiq.errors.BrokerConnectionError) as error:
        if (now := time.monotonic()) - started > LATE:  # one that refuses at once costs nothing
            _rests_until[broker] = now + REST
        log.warning("nudge of %s not sent: %s", actor, type(error).__name__)


dramatiq.set_broker(build(socket_timeout=1))
