"""Dramatiq over Redis, as a messenger only.

Invariant: a message is an actor's name and a row's id, sent after the row is committed; losing it loses no work,
because the clock sends again what nobody took.
"""

import logging
from urllib.parse import parse_qsl, urlencode, urlsplit

import dramatiq
from django.conf import settings
from django.db import transaction
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import ShutdownNotifications, TimeLimit
from redis.exceptions import RedisError

from config import logging as request_logging

QUEUE = "default"
HEARTBEAT_MS = 15_000
MAINTENANCE_PER_MILLION = 100_000  # of commands; the default of 1,000 leaves a dead worker's messages for an hour

log = logging.getLogger(__name__)


def build(*, socket_timeout: int) -> RedisBroker:
    """Return a broker; a web process waits 1 s for Redis, a worker 30 s so that an acknowledgement is not lost."""
    broker = RedisBroker(
        url=_with_timeout(settings.BROKER_URL, socket_timeout),
        middleware=[TimeLimit(), ShutdownNotifications()],  # no Retries: the row owns attempts and waits
        namespace=settings.BROKER_NAMESPACE,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_PER_MILLION,
    )
    broker.declare_queue(QUEUE)
    return broker


def _with_timeout(url: str, seconds: int) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode([*parse_qsl(parts.query), ("socket_timeout", seconds)])).geturl()


def nudge(actor: str, row_id: object) -> None:
    """Ask a worker to look at a row, once the current transaction is committed."""
    transaction.on_commit(lambda: _send(actor, str(row_id)), robust=True)


def _send(actor: str, row_id: str) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=QUEUE,
        actor_name=actor,
        args=(row_id,),
        kwargs={},
        options={"request_id": request_logging.request_id.get()},
    )
    try:
        dramatiq.get_broker().enqueue(message)
    except (RedisError, dramatiq.errors.ConnectionError) as error:
        log.warning("nudge of %s not sent: %s", actor, type(error).__name__)


dramatiq.set_broker(build(socket_timeout=1))
