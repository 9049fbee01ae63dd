"""A worker whose messenger is away looks into the table itself, so that plans are made also without Redis.

Invariant: it claims as a message would, so nothing is done twice; and it looks only while Redis does not answer, so a
worker never does more at once than it has threads for, but for what it was doing when Redis came back.

Letters and exports, for which nobody waits on the line, wait for Redis.
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
    """Make what is due, again and again while Redis is away, until told to stop."""
    redis = Redis.from_url(settings.BROKER_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    while not stop.wait(settings.CLOCK_INTERVAL.total_seconds()):
        try:
            while not (stop.is_set() or _answers(redis)) and work_on_next():
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


def _answers(redis: "Redis") -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False
