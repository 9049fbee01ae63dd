"""A worker whose messenger is away looks into the table itself, so that plans are made also without it.

Invariant: it claims as a message would, so nothing is done twice; and it looks only while Redis does not answer, so a
worker never does more at once than it has threads for, but for what it was doing when Redis came back. With RabbitMQ it
looks while a queue's connection is closed: the worker has them open anyway.

Letters and exports, for which nobody waits on the line, wait for the messenger.
"""

import logging
import threading
from typing import Any

import dramatiq
from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from ai import services
from config.broker import is_rabbitmq
from workers import drain, turns

PATIENCE = 1.0  # s that Redis is given to answer

log = logging.getLogger(__name__)


class Alone(dramatiq.Middleware):
    """Begins with the worker as many threads as that has, and ends with it; `drain.HandBack` returns what they hold."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        self._stop.clear()
        for _ in range(worker.worker_threads):
            threading.Thread(target=look, args=(self._stop,), daemon=True).start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: Any) -> None:
        self._stop.set()


def look(stop: threading.Event) -> None:
    """Make what is due, again and again while the messenger is away, until told to stop."""
    messenger = _messenger()
    while not stop.wait(settings.CLOCK_INTERVAL.total_seconds()):
        try:
            while not (stop.is_set() or _answers(messenger)) and work_on_next():
                pass
        except Exception:  # noqa: BLE001 - a thread's edge: the job has counted its attempt, and the next one may do
            log.exception("a job failed")
        finally:
            connection.close()


def work_on_next() -> bool:
    """Make the plan that is most urgent; say whether there was one."""
    job = turns.take()
    if job:
        with drain.holding(job.pk):
            services.work_on(job)
    return job is not None


def _messenger() -> Any:
    """Return whom to ask: RabbitMQ's own broker, or the queue's Redis by a connection that does not wait for long."""
    if is_rabbitmq():
        return dramatiq.get_broker()
    return Redis.from_url(settings.BROKER_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def _answers(messenger: Any) -> bool:
    try:
        return bool(messenger.ping())
    except RedisError:
        return False
