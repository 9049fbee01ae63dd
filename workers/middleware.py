"""What surrounds every message in a worker: a fresh connection, the request's id, a sign of life.

Invariant: no database connection outlives the message that used it.
"""

import logging
import threading
from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from config import health
from config import logging as request_logging
from workers.alone import Alone
from workers.drain import HandBack

log = logging.getLogger(__name__)


class FreshConnections(dramatiq.Middleware):
    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        close_old_connections()

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        close_old_connections()


class RequestId(dramatiq.Middleware):
    """The log lines of a job carry the id of the request that asked for it."""

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        request_logging.accept_request_id(str(message.options.get("request_id", "")))


class Alive(dramatiq.Middleware):
    """Tells readiness that a worker is there, as long as it is."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        self._stop.clear()
        threading.Thread(target=keep_beating, args=("worker", self._stop), daemon=True).start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        self._stop.set()


def keep_beating(part: str, stop: threading.Event) -> None:
    """Leave a sign of life every few seconds until told to stop."""
    while True:
        sign_of_life(part)
        if stop.wait(settings.WORKER_ALIVE.total_seconds() / 3):
            return


def sign_of_life(part: str) -> None:
    """Leave one sign of life; while Redis is away there is nobody to leave it with."""
    try:
        health.beat(part)
    except RedisError as error:
        log.warning("no sign of life left: %s", type(error).__name__)


MIDDLEWARE = (FreshConnections, RequestId, Alive, Alone, HandBack, *map(import_string, settings.JOB_MIDDLEWARE))
