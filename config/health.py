"""Whether this process lives (`/healthz`) and whether the whole can serve (`/readyz`).

Invariant: `/healthz` does no I/O; `/readyz` names each part and what it found.
"""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from config import errors

BEAT_KEY = "regimen:alive:{}"


def beat(part: str) -> None:
    """Leave a sign of life of a worker or a clock."""
    get_redis_connection("default").set(BEAT_KEY.format(part), time.time(), ex=settings.WORKER_ALIVE)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part is there, else 503 with the parts that are not."""
    parts = {name: _outcome(check) for name, check in CHECKS.items()}
    if any(outcome != "ok" for outcome in parts.values()):
        return errors.problem(503, "unavailable", errors.Unavailable.detail, parts=parts)
    return JsonResponse({"status": "ok", "parts": parts})


def readiness() -> Iterator[GaugeMetricFamily]:
    """Yield what `/readyz` finds of each part, for Prometheus."""
    parts = GaugeMetricFamily("regimen_ready", "1: /readyz finds this part well.", labels=["part"])
    for name, check in CHECKS.items():
        parts.add_metric([name], float(_outcome(check) == "ok"))
    yield parts


class NotReady(Exception):  # noqa: N818 - says what is missing
    """A part answered, and is not ready to serve."""


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except (DatabaseFailure, RedisError) as error:
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(missing)} to apply")


def _redis() -> None:
    get_redis_connection("default").ping()


def _alive(part: str) -> Callable[[], None]:
    def check() -> None:
        if not get_redis_connection("default").exists(BEAT_KEY.format(part)):
            raise NotReady("no sign of life")

    return check


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "worker": _alive("worker"),
    "clock": _alive("clock"),
}
